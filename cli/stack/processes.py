"""Child processes that never outlive the process that started them."""

from __future__ import annotations

import asyncio
import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

_Result = TypeVar("_Result")

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_STOP_TIMEOUT = 15.0  # seconds between the stop signal and SIGKILL
_POLL_INTERVAL = 0.05  # seconds
_LOG_TAIL = 15  # lines of a process's log that an error message includes


class StackFailed(Exception):
    """The stack did not start, or one of its processes ended. The message says which and why."""


@dataclass(frozen=True)
class Program:
    """What to run as a child process, and how to stop it.

    ``stop_last`` marks a server that the other processes need until they end. ``user`` and
    ``folder`` are the system user and the working directory; None means the parent's.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    stop_last: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    user: pwd.struct_passwd | None = None
    folder: Path | None = None


@dataclass
class ChildProcess:
    program: Program
    process: asyncio.subprocess.Process

    @property
    def running(self) -> bool:
        return self.process.returncode is None

    def exit_error(self) -> StackFailed:
        """Return an error that says how the process ended, with the end of its log."""
        code = self.process.returncode or 0
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return StackFailed(f"{self.program.name} {how}.{self.log_tail()}")

    def log_tail(self) -> str:
        """Return the last lines of the log, indented, below a line that names the file."""
        lines = self.program.log.read_text(errors="replace").splitlines()[-_LOG_TAIL:]
        if not lines:
            return f" It wrote nothing to {self.program.log}."
        return "\n".join([f" The end of {self.program.log}:", *(f"  {line}" for line in lines)])

    async def stop(self) -> None:
        """Send the stop signal, or SIGKILL after a timeout, and wait for the exit."""
        if not self.running:
            return
        self.process.send_signal(self.program.stop_signal)
        try:
            async with asyncio.timeout(_STOP_TIMEOUT):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


@dataclass
class ProcessGroup:
    """The child processes of one stack. Leaving the context stops all of them."""

    _children: list[ChildProcess] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for last in (False, True):
            group = [child for child in self._children if child.program.stop_last is last]
            await asyncio.gather(*(child.stop() for child in group))

    async def start(self, program: Program) -> ChildProcess:
        """Start a program whose output goes to its log, which is emptied first."""
        program.log.parent.mkdir(parents=True, exist_ok=True)
        user = program.user
        with program.log.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *program.arguments,
                env=program.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A terminal sends Ctrl-C to its whole foreground process group. Only the parent
                # may receive it, because it stops its children in the right order.
                start_new_session=True,
                preexec_fn=_die_with_parent(program.stop_signal),
                user=None if user is None else user.pw_uid,
                group=None if user is None else user.pw_gid,
                extra_groups=None if user is None else [],
                cwd=program.folder,
            )
        child = ChildProcess(program, process)
        self._children.append(child)
        return child

    def named(self, name: str) -> ChildProcess:
        """Return the child that was started last with this name."""
        return next(c for c in reversed(self._children) if c.program.name == name)

    async def run(self, program: Program) -> None:
        """Run a program until it ends. Raises StackFailed if its exit code is not 0."""
        child = await self.start(program)
        if await child.process.wait():
            raise child.exit_error()
        self._children.remove(child)

    async def wait_ready(
        self, child: ChildProcess, ready: Callable[[], Awaitable[bool]], time_limit: float
    ) -> None:
        """Wait until a child is ready. Raises StackFailed if any child ends, or after the limit."""
        try:
            async with asyncio.timeout(time_limit):
                while not await ready():
                    self._check()
                    await asyncio.sleep(_POLL_INTERVAL)
        except TimeoutError:
            name = child.program.name
            message = f"{name} was not ready within {time_limit:.0f} seconds.{child.log_tail()}"
            raise StackFailed(message) from None

    async def supervise(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Return the result of ``work``. If any child ends, cancel it and raise StackFailed."""
        task = asyncio.create_task(work)
        exits = [asyncio.create_task(child.process.wait()) for child in self._children]
        try:
            await asyncio.wait([task, *exits], return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                self._check()
            return await task
        finally:
            for pending in (task, *exits):
                pending.cancel()
            await asyncio.gather(task, *exits, return_exceptions=True)

    def _check(self) -> None:
        for child in self._children:
            if not child.running:
                raise child.exit_error()


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return a function for the child to call before exec, so that it dies with this process.

    On Linux the kernel sends the signal when the parent ends, even by SIGKILL. It works for any
    program, while a pipe would need the cooperation of Postgres and Temporal. Other systems have
    no equivalent: there, children keep running if the parent is killed.
    """
    if sys.platform != "linux":
        return None
    # Looked up before the fork: as little as possible may happen between fork and exec.
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def in_child() -> None:
        prctl(_PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # the parent ended before prctl took effect
            os._exit(1)

    return in_child

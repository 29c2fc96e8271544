"""Child processes that never outlive the one that started them."""

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
_GRACE = 15.0  # seconds between asking a part to stop and killing it
_PACE = 0.05  # seconds between two looks at whether a part is ready
_LAST_WORDS = 15  # lines of a log that go with the news of a part's death


class StackFailed(Exception):
    """The stack could not start, or has lost a part; the message says which and why."""


@dataclass(frozen=True)
class Program:
    """What to run as one part, and how to ask it to stop.

    ``server`` marks what the other parts need until their own end. ``user`` is the system user to
    run as, and ``folder`` the one to run in, where these are not the caller's.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    server: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    user: pwd.struct_passwd | None = None
    folder: Path | None = None


@dataclass
class Part:
    """A program that has been started."""

    program: Program
    process: asyncio.subprocess.Process

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.returncode is None

    def death(self) -> StackFailed:
        """Say how it ended, with the last lines it wrote."""
        code = self.process.returncode or 0
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return StackFailed(f"{self.program.name} {how}.{self.last_words()}")

    def last_words(self) -> str:
        """Return the end of its log, indented, under a line that names the file."""
        lines = self.program.log.read_text(errors="replace").splitlines()[-_LAST_WORDS:]
        if not lines:
            return f" It wrote nothing to {self.program.log}."
        return "\n".join([f" The end of {self.program.log}:", *(f"  {line}" for line in lines)])

    async def stop(self) -> None:
        """Ask it to stop, kill it where it does not, and wait for its end."""
        if not self.running:
            return
        self.process.send_signal(self.program.stop_signal)
        try:
            async with asyncio.timeout(_GRACE):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


@dataclass
class Parts:
    """All child processes of one stack; leaving the context stops every one of them."""

    _parts: list[Part] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        """Start with none."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the parts that need the servers first, then the servers."""
        for server in (False, True):
            group = [part for part in self._parts if part.program.server is server]
            await asyncio.gather(*(part.stop() for part in group))

    async def start(self, program: Program) -> Part:
        """Start a program, its output going to its log from the beginning."""
        program.log.parent.mkdir(parents=True, exist_ok=True)
        user = program.user
        with program.log.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *program.arguments,
                env=program.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal goes to every process of the foreground group at once; the
                # parent alone shall get it, and stop the parts in their order.
                start_new_session=True,
                preexec_fn=_die_with_parent(program.stop_signal),
                user=None if user is None else user.pw_uid,
                group=None if user is None else user.pw_gid,
                extra_groups=None if user is None else [],
                cwd=program.folder,
            )
        part = Part(program, process)
        self._parts.append(part)
        return part

    async def run(self, program: Program) -> None:
        """Run a program to its end. Raises StackFailed where that is not a good one."""
        part = await self.start(program)
        if await part.process.wait():
            raise part.death()
        self._parts.remove(part)

    async def until(self, part: Part, ready: Callable[[], Awaitable[bool]], within: float) -> None:
        """Wait until a part is ready. Raises StackFailed when any part dies, or time runs out."""
        try:
            async with asyncio.timeout(within):
                while not await ready():
                    self._check()
                    await asyncio.sleep(_PACE)
        except TimeoutError:
            words = part.last_words()
            message = f"{part.program.name} was not ready within {within:.0f} seconds.{words}"
            raise StackFailed(message) from None

    async def during(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Return what the work returns. Raises StackFailed, and gives it up, when a part dies."""
        task = asyncio.create_task(work)
        deaths = [asyncio.create_task(part.process.wait()) for part in self._parts]
        try:
            await asyncio.wait([task, *deaths], return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                self._check()
            return await task
        finally:
            for one in (task, *deaths):
                one.cancel()
            await asyncio.gather(task, *deaths, return_exceptions=True)

    def _check(self) -> None:
        for part in self._parts:
            if not part.running:
                raise part.death()


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a child does before it becomes its program, so that it dies with this process.

    The kernel sends the signal when the parent is gone, SIGKILL included, and whatever program the
    child runs: a pipe to watch would have to be watched by Postgres and Temporal too. Elsewhere
    than on Linux there is no such thing, and only a parent that is killed leaves its parts running.
    """
    if sys.platform != "linux":
        return None
    # Looked up here: between fork and exec as little as possible may happen.
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def in_child() -> None:
        prctl(_PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return in_child

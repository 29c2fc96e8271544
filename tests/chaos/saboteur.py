"""Kills the processes of a stack, again and again, and restarts each one that ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from operator import itemgetter
from typing import TYPE_CHECKING

from cli.stack.processes import ChildProcess, ProcessGroup

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Iterable
    from typing import Any

_RESTART_DELAY = 0.2  # seconds
_POLL_INTERVAL = 0.2  # seconds


@dataclass
class Part:
    """A process of the stack. It is restarted whenever it ends, as by a service manager.

    ``serves`` tells whether the process does its work. ``exits`` describes the times that it ended
    without having been killed by ``kill``.
    """

    processes: ProcessGroup
    child: ChildProcess
    serves: Callable[[ChildProcess], Awaitable[bool]]
    kill_signal: signal.Signals = signal.SIGKILL
    kills: int = 0
    exits: list[str] = field(default_factory=list)
    _starts: int = 1
    _killed: bool = False

    def kill(self) -> None:
        """Kill the process if it runs."""
        if self.child.running:
            self._killed = True
            self.kills += 1
            self.child.process.send_signal(self.kill_signal)

    async def keep_running(self) -> None:
        first = self.child.program
        while True:
            await self.child.process.wait()
            if not self._killed:
                self.exits.append(str(self.child.exit_error()))
            await asyncio.sleep(_RESTART_DELAY)
            self._starts += 1
            log = first.log.with_suffix(f".{self._starts}.log")
            self.child = await self.processes.start(replace(first, log=log))
            self._killed = False


@dataclass(frozen=True)
class Schedule:
    """How often each part is killed.

    Workers and API are killed at intervals, in seconds. The servers are killed a number of times,
    evenly spread over the progress of the orders.
    """

    worker_interval: float
    api_interval: float
    postgres_kills: int
    temporal_kills: int


@dataclass(frozen=True)
class Parts:
    workers: Sequence[Part]
    api: Part
    postgres: Part
    temporal: Part

    @property
    def all(self) -> list[Part]:
        return [*self.workers, self.api, self.postgres, self.temporal]


@asynccontextmanager
async def kept_running(parts: Parts) -> AsyncGenerator[None]:
    """Restart every part that ends, until the context is left."""
    async with _background(part.keep_running() for part in parts.all):
        yield


@asynccontextmanager
async def sabotage(
    parts: Parts, schedule: Schedule, progress: Callable[[], float]
) -> AsyncGenerator[None]:
    """Kill parts until the context is left. ``progress`` is the share of orders that have ended."""
    async with _background([
        _kill_in_turn(parts.workers, schedule.worker_interval),
        _kill_in_turn([parts.api], schedule.api_interval),
        _kill_by_progress(parts, schedule, progress),
    ]):
        yield


async def _kill_in_turn(parts: Sequence[Part], interval: float) -> None:
    for part in cycle(parts):
        await asyncio.sleep(interval)
        if not await part.serves(part.child):
            # On a slow machine, a part that is killed as soon as it has started does no work.
            while not await part.serves(part.child):  # ruff: ignore[async-busy-wait] - asks a server
                await asyncio.sleep(_POLL_INTERVAL)
            await asyncio.sleep(interval)
        part.kill()


async def _kill_by_progress(
    parts: Parts, schedule: Schedule, progress: Callable[[], float]
) -> None:
    kills = [
        (number / (count + 1), part)
        for part, count in (
            (parts.postgres, schedule.postgres_kills),
            (parts.temporal, schedule.temporal_kills),
        )
        for number in range(1, count + 1)
    ]
    for due, part in sorted(kills, key=itemgetter(0)):
        while progress() < due or not part.child.running:  # ruff: ignore[async-busy-wait] - progress is a number that clients change
            await asyncio.sleep(_POLL_INTERVAL)
        part.kill()


@asynccontextmanager
async def _background(work: Iterable[Coroutine[Any, Any, None]]) -> AsyncGenerator[None]:
    """Run endless work until the context is left. An error in it ends the context too."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(item) for item in work]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()

"""Batches: what is asked for at one moment is read together, and nothing is read twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Loader(Generic[K, V]):
    """Reads values by their keys. Whoever asks for many waits once, and not for each of them.

    A key that was read badly stays so: whoever asks again gets the same error.
    """

    def __init__(self, read: Callable[[list[K]], Awaitable[Mapping[K, V]]]) -> None:
        """``read`` is given different keys, and returns the values of all of them."""
        self._read = read
        self._values: dict[K, V] = {}
        self._batches: dict[K, asyncio.Task[None]] = {}
        self._waiting: list[K] = []
        self._next: asyncio.Task[None] | None = None

    async def load(self, key: K) -> V:
        """Return one value."""
        [value] = await self.load_all([key])
        return value

    async def load_all(self, keys: Sequence[K]) -> list[V]:
        """Return each key's value."""
        batches = {self._batch_of(key): None for key in keys if key not in self._values}
        for batch in batches:
            # Others may wait for it too: who stops waiting does not stop it.
            await asyncio.shield(batch)
        return [self._values[key] for key in keys]

    def prime(self, key: K, value: V) -> None:
        """Note a value that is known, whatever was before."""
        self._values[key] = value

    def close(self) -> None:
        """Give up what is being read, and forget what was: it need not wait for a collection."""
        for batch in self._batches.values():
            batch.cancel()
        self._batches.clear()
        self._values.clear()

    def _batch_of(self, key: K) -> asyncio.Task[None]:
        batch = self._batches.get(key)
        if batch is None:
            if self._next is None:
                self._next = asyncio.create_task(self._run())
                self._next.add_done_callback(_noted)
            self._waiting.append(key)
            batch = self._batches[key] = self._next
        return batch

    async def _run(self) -> None:
        # Those that are about to ask, in this turn of the loop and the next, are in time.
        await asyncio.sleep(0)
        keys, self._waiting, self._next = self._waiting, [], None
        for key, value in (await self._read(keys)).items():
            self._values.setdefault(key, value)  # what was noted meanwhile is newer


def _noted(batch: asyncio.Task[None]) -> None:
    """Keep asyncio from logging a failure as lost.

    Whoever waits for several batches is told of the first that fails, and waits for no other.
    """
    if not batch.cancelled():
        batch.exception()

"""Batches reads: keys requested in the same turn of the event loop are read together, once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class DataLoader(Generic[K, V]):
    """Reads values by key, in batches. ``load_all`` waits per batch, not per key.

    A key whose batch failed is not read again; it raises the same error each time.
    """

    def __init__(self, read: Callable[[list[K]], Awaitable[Mapping[K, V]]]) -> None:
        """``read`` takes distinct keys and returns a value for each of them."""
        self._read = read
        self._values: dict[K, V] = {}
        self._batches: dict[K, asyncio.Task[None]] = {}
        self._waiting: list[K] = []
        self._next_batch: asyncio.Task[None] | None = None

    async def load(self, key: K) -> V:
        [value] = await self.load_all([key])
        return value

    async def load_all(self, keys: Sequence[K]) -> list[V]:
        """Return the values in the order of the keys."""
        batches = {self._batch_of(key): None for key in keys if key not in self._values}
        for batch in batches:
            # Other callers may wait for this batch too, so cancelling one must not cancel it.
            await asyncio.shield(batch)
        return [self._values[key] for key in keys]

    def prime(self, key: K, value: V) -> None:
        """Set a value that is already known, replacing an earlier one."""
        self._values[key] = value

    def close(self) -> None:
        """Cancel pending batches and drop all values, so that no reference cycle keeps them."""
        for batch in self._batches.values():
            batch.cancel()
        self._batches.clear()
        self._values.clear()

    def _batch_of(self, key: K) -> asyncio.Task[None]:
        batch = self._batches.get(key)
        if batch is None:
            if self._next_batch is None:
                self._next_batch = asyncio.create_task(self._run())
                self._next_batch.add_done_callback(_retrieve_exception)
            self._waiting.append(key)
            batch = self._batches[key] = self._next_batch
        return batch

    async def _run(self) -> None:
        # Keys requested in this turn of the loop and the next join the batch.
        await asyncio.sleep(0)
        keys, self._waiting, self._next_batch = self._waiting, [], None
        for key, value in (await self._read(keys)).items():
            self._values.setdefault(key, value)  # a primed value is newer


def _retrieve_exception(batch: asyncio.Task[None]) -> None:
    """Keep asyncio from logging the exception as never retrieved.

    A caller of several batches raises the first failure and does not await the others.
    """
    if not batch.cancelled():
        batch.exception()

"""The data loader reads the keys of one event-loop turn in one batch, and each key once."""

from __future__ import annotations

import asyncio
import gc

import pytest

from gql.reading.dataloader import DataLoader


class Source:
    """Records the batches that were read. A negative key fails."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def read(self, keys: list[int]) -> dict[int, int]:
        self.batches.append(keys)
        await asyncio.sleep(0)
        if min(keys) < 0:
            raise LookupError("below zero")
        return {key: key * 10 for key in keys}


async def test_keys_loaded_together_are_read_in_one_batch_and_once() -> None:
    source = Source()
    loader = DataLoader(source.read)
    one, some, other = await asyncio.gather(
        loader.load(1), loader.load_all([2, 1, 2]), loader.load(3)
    )
    assert (one, some, other) == (10, [20, 10, 20], 30)
    assert await loader.load_all([3, 4]) == [30, 40]
    assert source.batches == [[1, 2, 3], [4]]


async def test_a_failed_read_is_not_repeated() -> None:
    source = Source()
    loader = DataLoader(source.read)
    for _ in range(2):
        with pytest.raises(LookupError):
            await loader.load(-1)
    assert source.batches == [[-1]]


async def test_a_value_primed_during_a_read_replaces_the_read_value() -> None:
    loader = DataLoader(Source().read)
    loading = asyncio.create_task(loader.load(1))
    await asyncio.sleep(0)
    loader.prime(1, 11)
    assert await loading == 11


async def test_an_empty_list_of_keys_reads_nothing() -> None:
    source = Source()
    assert await DataLoader(source.read).load_all([]) == []
    assert source.batches == []


async def test_a_cancelled_waiter_does_not_cancel_the_others() -> None:
    loader = DataLoader(Source().read)
    one, other = asyncio.create_task(loader.load(1)), asyncio.create_task(loader.load(1))
    await asyncio.sleep(0)
    one.cancel()
    assert await other == 10


async def test_closing_a_loader_cancels_its_pending_batches() -> None:
    loader = DataLoader(Source().read)
    loading = asyncio.create_task(loader.load(1))
    await asyncio.sleep(0)
    loader.close()
    with pytest.raises(asyncio.CancelledError):
        await loading


async def test_a_second_failed_batch_of_a_load_is_not_logged() -> None:
    logged: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    source = Source()
    loader = DataLoader(source.read)
    first = asyncio.create_task(loader.load(-1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    both = asyncio.create_task(loader.load_all([-1, -2]))
    for loading in (first, both):
        with pytest.raises(LookupError):
            await loading
    for _ in range(5):  # turns of the loop, in which the second batch fails too
        await asyncio.sleep(0)
    assert source.batches == [[-1], [-2]]
    del loading, both, first, loader
    gc.collect()
    assert logged == []

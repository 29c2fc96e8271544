"""Streams made of two sources, of which either, or both, can be away for a while."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import pytest
import pytest_asyncio

from gql.streams.hub import EventStreams, UnknownOrder
from gql.streams.interruption import ServerGoesDown
from orchestration.client import TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.states import OrderState
from persistence.reads import FeedPosition, OrderFilter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from orchestration.client import OrderClient
    from orchestration.domain.lifecycle import OrderLifecycle
    from orchestration.domain.order import OrderEvent
    from persistence.reads import Reads

from tests.unit.gql.streams.stream_sources import Record, Temporal, two_events


@pytest.fixture
def life() -> OrderLifecycle:
    return two_events()


@pytest.fixture
def record(life: OrderLifecycle) -> Record:
    return Record(life)


@pytest.fixture
def temporal(life: OrderLifecycle) -> Temporal:
    return Temporal(life)


@pytest_asyncio.fixture
async def hub(record: Record, temporal: Temporal) -> AsyncGenerator[EventStreams]:
    hub = EventStreams(cast("Reads", record), cast("OrderClient", temporal))
    yield hub
    assert (hub.figures.watches, hub.figures.subscribers) == (0, 0)
    async with asyncio.timeout(30):
        while hub.figures.lag:  # ruff: ignore[async-busy-wait] - until its loop has ended as well
            await asyncio.sleep(0.01)


@asynccontextmanager
async def following(hub: EventStreams, after: int = 0) -> AsyncGenerator[AsyncIterator[OrderEvent]]:
    events = await hub.events("order-1", after)
    try:
        yield events
    finally:
        await events.aclose()


async def sequence_of_next(events: AsyncIterator[OrderEvent]) -> int:
    async with asyncio.timeout(30):
        return (await anext(events)).sequence


async def until_asked(source: Record | Temporal, more: int) -> None:
    """Wait until a source has been asked so many more times."""
    enough = source.asked + more
    async with asyncio.timeout(30):
        while source.asked < enough:  # ruff: ignore[async-busy-wait] - asked by the hub's own pace
            await asyncio.sleep(0.01)


async def test_a_stream_goes_on_from_the_workflow_while_the_record_is_away(
    life: OrderLifecycle, record: Record, hub: EventStreams
) -> None:
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        record.away = True
        third = asyncio.create_task(sequence_of_next(events))
        await until_asked(record, 2)
        life.review_started()
        assert await third == 3


async def test_a_stream_goes_on_from_the_record_while_temporal_is_away(
    life: OrderLifecycle, temporal: Temporal, hub: EventStreams
) -> None:
    temporal.away = True
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        life.review_started()
        assert await sequence_of_next(events) == 3


async def test_with_both_away_a_stream_waits_and_then_catches_up(
    life: OrderLifecycle, record: Record, temporal: Temporal, hub: EventStreams
) -> None:
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        record.away = temporal.away = True
        await until_asked(record, 2)
        life.review_started()
        third = asyncio.create_task(sequence_of_next(events))
        await until_asked(temporal, 1)
        assert not third.done()
        record.away = temporal.away = False
        assert await third == 3


async def test_a_stream_begins_with_an_order_that_only_temporal_knows(
    record: Record, hub: EventStreams
) -> None:
    record.written = 0
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]


async def test_what_another_run_says_is_no_event_of_the_order(
    life: OrderLifecycle, record: Record, temporal: Temporal, hub: EventStreams
) -> None:
    record.written = 2
    temporal.run_id = "another-run"
    life.review_started()
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        third = asyncio.create_task(sequence_of_next(events))
        await until_asked(temporal, 1)
        await until_asked(record, 2)
        assert not third.done()
        record.written = 3
        assert await third == 3


async def test_many_followers_share_one_watch_and_each_gets_all(
    life: OrderLifecycle, temporal: Temporal, hub: EventStreams
) -> None:
    streams = [await hub.events("order-1", after) for after in (0, 1, 2) for _ in range(20)]
    first = [sequence_of_next(events) for events in streams[:40]]
    assert sorted(await asyncio.gather(*first)) == [1] * 20 + [2] * 20
    assert (hub.figures.watches, hub.figures.subscribers) == (1, 40)
    waiting = [asyncio.create_task(sequence_of_next(events)) for events in streams[40:]]
    await until_asked(temporal, 1)
    life.review_started()
    assert await asyncio.gather(*waiting) == [3] * 20
    for events in streams:
        await events.aclose()


@pytest.mark.parametrize("away", [False, True])
async def test_who_is_far_behind_reads_what_memory_no_longer_has(
    life: OrderLifecycle,
    record: Record,
    hub: EventStreams,
    monkeypatch: pytest.MonkeyPatch,
    away: bool,
) -> None:
    monkeypatch.setattr("gql.streams.watch._KEPT", 1)
    life.review_started()
    async with following(hub, 2) as ahead, following(hub) as behind:
        assert await sequence_of_next(ahead) == 3
        record.away = away
        assert [await sequence_of_next(behind) for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("status", ["TERMINATED", "TIMED_OUT", None])
async def test_a_stream_ends_with_a_workflow_that_wrote_no_last_event(
    temporal: Temporal, hub: EventStreams, status: str | None
) -> None:
    temporal.status_name = status
    async with following(hub) as events, asyncio.timeout(30):
        assert [event.sequence async for event in events] == [1, 2]


async def test_an_order_that_nobody_knows_has_no_stream(
    record: Record, temporal: Temporal, hub: EventStreams
) -> None:
    record.written, temporal.status_name = 0, None
    for order_id in ("order-1", "no id\x00"):
        with pytest.raises(UnknownOrder, match="There is no order"):
            await hub.events(order_id, 0)


async def test_while_the_record_is_away_nobody_says_that_an_order_is_unknown(
    hub: EventStreams, record: Record, temporal: Temporal
) -> None:
    record.away = True
    temporal.status_name = None
    with pytest.raises(RecordUnavailable):
        await hub.events("order-1", 0)


async def test_where_nobody_can_tell_there_is_no_stream_either(
    record: Record, temporal: Temporal, hub: EventStreams
) -> None:
    record.away = temporal.away = True
    with pytest.raises(TemporalUnavailable):
        await hub.events("order-1", 0)


async def test_a_server_that_stops_interrupts_its_streams(hub: EventStreams) -> None:
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        asyncio.get_running_loop().call_soon(hub.close)
        with pytest.raises(ServerGoesDown):
            await sequence_of_next(events)
    with pytest.raises(ServerGoesDown):
        await hub.events("order-1", 0)


async def test_a_feed_goes_on_after_its_cursor_and_tells_of_orders_that_leave(
    life: OrderLifecycle, hub: EventStreams
) -> None:
    wanted = OrderFilter(states=[OrderState.RECEIVED])
    feed = await hub.feed(wanted, FeedPosition(0))
    async with asyncio.timeout(30):
        assert [(await anext(feed)).stored.event.sequence for _ in range(2)] == [1, 2]
        await feed.aclose()
        rest = await hub.feed(OrderFilter(), FeedPosition(2, "order-1", 2))
        third = asyncio.ensure_future(anext(rest))
        await asyncio.sleep(0)
        life.review_started()
        assert (await third).stored.event.sequence == 3
        await rest.aclose()


async def test_a_burst_is_read_page_by_page(
    life: OrderLifecycle, hub: EventStreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gql.streams.tailing._PAGE", 1)
    feed = await hub.feed(OrderFilter(), None)
    async with following(hub) as events, asyncio.timeout(30):
        first = asyncio.ensure_future(anext(feed))
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        while not hub.figures.ticks:  # ruff: ignore[async-busy-wait] - until the feed has begun
            await asyncio.sleep(0.01)
        life.review_started()
        life.approved()
        assert [await sequence_of_next(events) for _ in range(2)] == [3, 4]
        seen = [await first, await anext(feed)]
        assert [one.stored.event.sequence for one in seen] == [3, 4]
    await feed.aclose()

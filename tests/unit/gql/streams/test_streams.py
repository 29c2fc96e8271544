"""Streams merge two sources, either or both of which can be unavailable for a while."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import pytest
import pytest_asyncio

from gql.streams.errors import FeedRestarted, ServerStopping, UnknownOrder, UnknownPosition
from gql.streams.hub import EventStreams
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

from tests.support.waiting import wait_until
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
    assert (hub.metrics.watches, hub.metrics.subscribers) == (0, 0)
    await wait_until(lambda: hub.metrics.lag == 0)  # the hub's loop has ended too


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


async def until_called(source: Record | Temporal, more: int) -> None:
    """Wait for this number of further calls to a source."""
    expected = source.calls + more
    await wait_until(lambda: source.calls >= expected, interval=0.01)


async def test_a_stream_continues_from_the_workflow_while_postgres_is_unavailable(
    life: OrderLifecycle, record: Record, hub: EventStreams
) -> None:
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        record.unavailable = True
        third = asyncio.create_task(sequence_of_next(events))
        await until_called(record, 2)
        life.review_started()
        assert await third == 3


async def test_a_stream_continues_from_postgres_while_temporal_is_unavailable(
    life: OrderLifecycle, temporal: Temporal, hub: EventStreams
) -> None:
    temporal.unavailable = True
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        life.review_started()
        assert await sequence_of_next(events) == 3


async def test_a_stream_waits_while_both_sources_are_unavailable_and_then_catches_up(
    life: OrderLifecycle, record: Record, temporal: Temporal, hub: EventStreams
) -> None:
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        record.unavailable = temporal.unavailable = True
        await until_called(record, 2)
        life.review_started()
        third = asyncio.create_task(sequence_of_next(events))
        await until_called(temporal, 1)
        assert not third.done()
        record.unavailable = temporal.unavailable = False
        assert await third == 3


async def test_a_stream_starts_for_an_order_that_only_temporal_knows(
    record: Record, hub: EventStreams
) -> None:
    record.written = 0
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]


async def test_events_of_another_run_are_not_delivered(
    life: OrderLifecycle, record: Record, temporal: Temporal, hub: EventStreams
) -> None:
    record.written = 2
    temporal.run_id = "another-run"
    life.review_started()
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        third = asyncio.create_task(sequence_of_next(events))
        await until_called(temporal, 1)
        await until_called(record, 2)
        assert not third.done()
        record.written = 3
        assert await third == 3


async def test_many_subscribers_share_one_watch_and_each_receives_all_events(
    life: OrderLifecycle, temporal: Temporal, hub: EventStreams
) -> None:
    streams = [await hub.events("order-1", after) for after in (0, 1, 2) for _ in range(20)]
    first = [sequence_of_next(events) for events in streams[:40]]
    assert sorted(await asyncio.gather(*first)) == [1] * 20 + [2] * 20
    assert (hub.metrics.watches, hub.metrics.subscribers) == (1, 40)
    waiting = [asyncio.create_task(sequence_of_next(events)) for events in streams[40:]]
    await until_called(temporal, 1)
    life.review_started()
    assert await asyncio.gather(*waiting) == [3] * 20
    for events in streams:
        await events.aclose()


@pytest.mark.parametrize("postgres_unavailable", [False, True])
async def test_a_subscriber_reads_events_that_are_no_longer_in_memory(
    life: OrderLifecycle,
    record: Record,
    hub: EventStreams,
    monkeypatch: pytest.MonkeyPatch,
    postgres_unavailable: bool,
) -> None:
    monkeypatch.setattr("gql.streams.watch._CAPACITY", 1)
    life.review_started()
    async with following(hub, 2) as ahead, following(hub) as behind:
        assert await sequence_of_next(ahead) == 3
        record.unavailable = postgres_unavailable
        assert [await sequence_of_next(behind) for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("status", ["TERMINATED", "TIMED_OUT", None])
async def test_a_stream_ends_if_its_workflow_was_closed_without_a_last_event(
    temporal: Temporal, hub: EventStreams, status: str | None
) -> None:
    temporal.status_name = status
    async with following(hub) as events, asyncio.timeout(30):
        assert [event.sequence async for event in events] == [1, 2]


async def test_an_order_that_neither_source_knows_has_no_stream(
    record: Record, temporal: Temporal, hub: EventStreams
) -> None:
    record.written, temporal.status_name = 0, None
    for order_id in ("order-1", "no id\x00"):
        with pytest.raises(UnknownOrder, match="There is no order"):
            await hub.events(order_id, 0)


async def test_an_order_is_not_reported_as_unknown_while_postgres_is_unavailable(
    hub: EventStreams, record: Record, temporal: Temporal
) -> None:
    record.unavailable = True
    temporal.status_name = None
    with pytest.raises(RecordUnavailable):
        await hub.events("order-1", 0)


async def test_no_stream_starts_while_both_sources_are_unavailable(
    record: Record, temporal: Temporal, hub: EventStreams
) -> None:
    record.unavailable = temporal.unavailable = True
    with pytest.raises(TemporalUnavailable):
        await hub.events("order-1", 0)


async def test_a_stopping_server_interrupts_its_streams(hub: EventStreams) -> None:
    async with following(hub) as events:
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        asyncio.get_running_loop().call_soon(hub.close)
        with pytest.raises(ServerStopping):
            await sequence_of_next(events)
    with pytest.raises(ServerStopping):
        await hub.events("order-1", 0)


async def test_a_feed_resumes_after_its_cursor_and_reports_orders_that_leave_the_filter(
    life: OrderLifecycle, hub: EventStreams
) -> None:
    order_filter = OrderFilter(states=[OrderState.RECEIVED])
    feed = await hub.feed(order_filter, FeedPosition(0, epoch="first"))
    async with asyncio.timeout(30):
        assert [(await anext(feed)).stored.event.sequence for _ in range(2)] == [1, 2]
        await feed.aclose()
        rest = await hub.feed(OrderFilter(), FeedPosition(2, "order-1", 2, "first"))
        third = asyncio.ensure_future(anext(rest))
        await asyncio.sleep(0)
        life.review_started()
        assert (await third).stored.event.sequence == 3
        await rest.aclose()


async def test_a_restore_or_failover_interrupts_feeds_but_not_the_streams_of_orders(
    life: OrderLifecycle, record: Record, temporal: Temporal, hub: EventStreams
) -> None:
    before = await record.feed_position()
    resumed, live = await hub.feed(OrderFilter(), before), await hub.feed(OrderFilter(), None)
    async with following(hub) as events, asyncio.timeout(30):
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        waiting = [asyncio.ensure_future(anext(feed)) for feed in (resumed, live)]
        await until_called(record, 2)
        temporal.status_name = None  # the events below come from Postgres
        record.epoch = "second"
        life.review_started()
        for feed in waiting:
            with pytest.raises(FeedRestarted):
                await feed
        assert await sequence_of_next(events) == 3
        with pytest.raises(UnknownPosition):
            await hub.feed(OrderFilter(), before)
        again = await hub.feed(OrderFilter(), await record.feed_position())
        following_event = asyncio.ensure_future(anext(again))
        await asyncio.sleep(0)
        life.approved()
        assert (await following_event).stored.event.sequence == 4
        assert await sequence_of_next(events) == 4
        await again.aclose()


async def test_a_feed_that_catches_up_in_postgres_notices_a_restore(
    record: Record, hub: EventStreams
) -> None:
    record.unavailable = True  # so that the position cannot be checked before the stream begins
    feed = await hub.feed(OrderFilter(), FeedPosition(0, epoch="zeroth"))
    waiting = asyncio.ensure_future(anext(feed))
    await until_called(record, 1)
    record.unavailable = False
    async with asyncio.timeout(30):
        with pytest.raises(FeedRestarted):
            await waiting


async def test_a_burst_of_events_is_read_page_by_page(
    life: OrderLifecycle, hub: EventStreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gql.streams.tailing._EVENTS_PER_TICK", 1)
    feed = await hub.feed(OrderFilter(), None)
    async with following(hub) as events, asyncio.timeout(30):
        first = asyncio.ensure_future(anext(feed))
        assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
        await wait_until(lambda: hub.metrics.ticks, interval=0.01)  # the feed has started
        life.review_started()
        life.approved()
        assert [await sequence_of_next(events) for _ in range(2)] == [3, 4]
        seen = [await first, await anext(feed)]
        assert [tailed.stored.event.sequence for tailed in seen] == [3, 4]
    await feed.aclose()

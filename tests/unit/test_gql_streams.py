"""A stream of events outlives the record's absence, and ends when nothing can come."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from gql.streams.hub import EventStreams, UnknownOrder
from orchestration.client import TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.life import OrderLife
from orchestration.domain.order import placed
from persistence.reads import StoredEvent, StoredOrder
from tests.orders import make_order

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from orchestration.client import OrderClient
    from orchestration.domain.order import OrderEvent
    from persistence.reads import Reads

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@dataclass
class Record:
    """A record that can be away, or without a row as yet."""

    life: OrderLife
    away: bool = False
    written: bool = True
    asked: int = field(default=0)

    async def order(self, _order_id: str) -> StoredOrder | None:
        self._answer()
        if not self.written:
            return None
        return StoredOrder(self.life.order, "run-1", NOW, self.life.snapshot)

    async def events_after(self, order_id: str, sequence: int) -> list[StoredEvent]:
        self._answer()
        events = self.life.events[sequence:] if self.written else []
        return [StoredEvent(order_id, event) for event in events]

    def _answer(self) -> None:
        self.asked += 1
        if self.away:
            raise RecordUnavailable("it is away")


@dataclass
class Temporal:
    """What Temporal says of the one workflow: its status, nothing, or no answer."""

    status: str | None = "RUNNING"
    away: bool = False

    async def describe(self, _order_id: str) -> SimpleNamespace | None:
        if self.away:
            raise TemporalUnavailable("it is away")
        return None if self.status is None else SimpleNamespace(status=self.status)


@pytest.fixture
def life() -> OrderLife:
    order = make_order(id="order-1")
    life = OrderLife(order, placed(order, NOW), lambda: NOW)
    life.received()
    life.validated()
    return life


def streams(record: Record, temporal: Temporal) -> EventStreams:
    return EventStreams(cast("Reads", record), cast("OrderClient", temporal))


async def sequence_of_next(events: AsyncIterator[OrderEvent]) -> int:
    async with asyncio.timeout(5):
        return (await anext(events)).sequence


async def test_a_stream_goes_on_where_it_was_when_the_record_comes_back(life: OrderLife) -> None:
    record = Record(life)
    events = await streams(record, Temporal()).events("order-1", 0)
    assert [await sequence_of_next(events) for _ in range(2)] == [1, 2]
    record.away, record.asked = True, 0
    third = asyncio.create_task(sequence_of_next(events))
    while record.asked < 3:  # ruff: ignore[async-busy-wait] - asked by the stream's own pace
        await asyncio.sleep(0.01)
    life.review_started()
    record.away = False
    assert await third == 3
    await events.aclose()


async def test_a_stream_waits_for_an_order_that_only_temporal_knows(life: OrderLife) -> None:
    record = Record(life, written=False)
    events = await streams(record, Temporal()).events("order-1", 0)
    first = asyncio.create_task(sequence_of_next(events))
    await asyncio.sleep(0.1)
    record.written = True
    assert await first == 1
    await events.aclose()


@pytest.mark.parametrize("status", ["TERMINATED", "TIMED_OUT", None])
async def test_a_stream_ends_with_a_workflow_that_wrote_no_last_event(
    life: OrderLife, status: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gql.streams.hub._SLOW", 0.01)
    events = await streams(Record(life), Temporal(status)).events("order-1", 0)
    async with asyncio.timeout(5):
        assert [event.sequence async for event in events] == [1, 2]


async def test_an_order_that_nobody_knows_has_no_stream(life: OrderLife) -> None:
    nothing = streams(Record(life, written=False), Temporal(None))
    for order_id in ("order-1", "no id\x00"):
        with pytest.raises(UnknownOrder, match="There is no order"):
            await nothing.events(order_id, 0)


async def test_where_nobody_can_tell_there_is_no_stream_either(life: OrderLife) -> None:
    with pytest.raises(TemporalUnavailable):
        await streams(Record(life, away=True), Temporal(away=True)).events("order-1", 0)


async def test_a_server_that_stops_ends_its_streams(life: OrderLife) -> None:
    hub = streams(Record(life), Temporal())
    events = await hub.events("order-1", 0)
    asyncio.get_running_loop().call_later(0.1, hub.close)
    async with asyncio.timeout(5):
        assert [event.sequence async for event in events] == [1, 2]

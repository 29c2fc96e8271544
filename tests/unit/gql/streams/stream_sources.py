"""Postgres and Temporal with one order. Either can be made unavailable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING

from orchestration.client import TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import PaymentStatus, Priority, initial_snapshot
from persistence.order_filter import OrderFacts
from persistence.reads import FeedPosition, OtherEpoch, StoredEvent, StoredOrder, TailPage
from persistence.tail import TailedEvent
from tests.support.orders import make_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.domain.order import OrderEvent
    from orchestration.messages import StatusQuery

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
RUN = "run-1"


def two_events() -> OrderLifecycle:
    """Return the lifecycle of an order that was received and validated."""
    order = make_order(id="order-1")
    life = OrderLifecycle(order, initial_snapshot(order, NOW), lambda: NOW)
    life.received()
    life.validated()
    return life


@dataclass
class Record:
    """Postgres with the first ``written`` events of an order, each from its own transaction."""

    life: OrderLifecycle
    written: int = 1_000
    unavailable: bool = False
    calls: int = 0
    epoch: str = "first"

    @property
    def events(self) -> list[OrderEvent]:
        return self.life.events[: self.written]

    async def order(self, _order_id: str) -> StoredOrder | None:
        self._count_call()
        if not self.events:
            return None
        return StoredOrder(self.life.order, RUN, NOW, self.life.snapshot)

    async def events_after(self, order_id: str, sequence: int) -> list[StoredEvent]:
        self._count_call()
        return [StoredEvent(order_id, event) for event in self.events[sequence:]]

    async def event_pages(
        self, order_ids: Sequence[str], limit: int, after: int
    ) -> dict[str, list[StoredEvent]]:
        self._count_call()
        return {
            order_id: [StoredEvent(order_id, e) for e in self.events[after : after + limit]]
            for order_id in order_ids
        }

    async def feed_position(self) -> FeedPosition:
        self._count_call()
        return self._end()

    async def tail(
        self, after: FeedPosition, limit: int, _order_ids: Sequence[str] | None = None
    ) -> TailPage:
        self._count_call()
        if after.epoch != self.epoch:
            raise OtherEpoch
        order_id = self.life.order.id
        found = [
            tailed(order_id, event, self.epoch)
            for event in self.events
            if FeedPosition(event.sequence, order_id, event.sequence) > after
        ][:limit]
        full = len(found) == limit
        return TailPage(found, found[-1].position if full else max(after, self._end()), full)

    def _end(self) -> FeedPosition:
        return FeedPosition(len(self.events) + 1, epoch=self.epoch)

    def _count_call(self) -> None:
        self.calls += 1
        if self.unavailable:
            raise RecordUnavailable("unavailable")


@dataclass
class Temporal:
    """Temporal with the order's workflow, or without it if ``status_name`` is None."""

    life: OrderLifecycle
    status_name: str | None = "RUNNING"
    unavailable: bool = False
    run_id: str = RUN
    calls: int = 0

    async def describe(self, _order_id: str) -> SimpleNamespace | None:
        if self.unavailable:
            raise TemporalUnavailable("unavailable")
        return None if self.status_name is None else SimpleNamespace(status=self.status_name)

    async def status(self, _order_id: str, query: StatusQuery) -> SimpleNamespace | None:
        self.calls += 1
        if self.unavailable:
            raise TemporalUnavailable("unavailable")
        if self.status_name is None:
            return None
        events = self.life.events[query.after_sequence or 0 :]
        return SimpleNamespace(run_id=self.run_id, events=events)


def tailed(order_id: str, event: OrderEvent, epoch: str = "first") -> TailedEvent:
    facts = OrderFacts(
        customer_id="customer-1",
        folded_customer_name="ada lovelace",
        priority=Priority.HIGH,
        currency="USD",
        total=Decimal(25),
        skus=frozenset({"SKU-1"}),
        created_at=NOW,
        payment_status=PaymentStatus.PENDING,
        failure_code=None,
        previous_payment_event=None,
    )
    position = FeedPosition(event.sequence, order_id, event.sequence, epoch)
    return TailedEvent(position, StoredEvent(order_id, event), facts)

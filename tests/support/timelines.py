"""Events of an order as its workflow would record them, without running a workflow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import text

from orchestration.domain.order import (
    Order,
    OrderEvent,
    OrderSnapshot,
    PaymentStatus,
    initial_snapshot,
)
from orchestration.domain.states import END_STATES, EventType, state_after
from orchestration.ports import RecordBatch
from persistence.customers import PostgresCustomers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.rows import StoredCustomer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

UNTIL_PAID = (
    EventType.ORDER_RECEIVED,
    EventType.ORDER_VALIDATED,
    EventType.ORDER_APPROVED,
    EventType.PAYMENT_CHARGED,
)

_PAYMENT_AFTER = {
    EventType.PAYMENT_CHARGED: PaymentStatus.CHARGED,
    EventType.PAYMENT_DECLINED: PaymentStatus.DECLINED,
    EventType.PAYMENT_VOIDED: PaymentStatus.VOIDED,
    EventType.PAYMENT_REFUNDED: PaymentStatus.REFUNDED,
}


def unique_id(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex}"


@dataclass
class Timeline:
    """An order's events and the snapshot after each one, from which batches can be taken."""

    order: Order
    run_id: str = field(default_factory=lambda: unique_id("run"))
    placed_at: datetime = NOON
    events: list[OrderEvent] = field(default_factory=list)
    snapshots: list[OrderSnapshot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.snapshots.append(initial_snapshot(self.order, self.placed_at))

    def add(self, *types: EventType, command_id: str | None = None) -> Timeline:
        for kind in types:
            before = self.snapshots[-1]
            at = before.updated_at + timedelta(milliseconds=1)
            event = OrderEvent(
                sequence=before.sequence + 1,
                type=kind,
                from_state=before.state,
                state=state_after(before.state, kind),
                message=f"Test event {kind}.",
                payload={"note": kind},
                at=at,
                command_id=command_id,
            )
            self.events.append(event)
            self.snapshots.append(
                replace(
                    before,
                    state=event.state,
                    sequence=event.sequence,
                    payment_status=_PAYMENT_AFTER.get(kind, before.payment_status),
                    updated_at=at,
                    ended_at=at if event.state in END_STATES else None,
                )
            )
        return self

    def batch(self, first: int, last: int) -> RecordBatch:
        """Return the batch of the events from sequence ``first`` to ``last``, inclusive."""
        return RecordBatch(
            order_id=self.order.id,
            run_id=self.run_id,
            placed_at=self.placed_at,
            order=self.order if first == 1 else None,
            events=self.events[first - 1 : last],
            snapshot=self.snapshots[last],
        )


async def create_customer(engine: AsyncEngine) -> StoredCustomer:
    customer_id = unique_id("customer")
    return await PostgresCustomers(engine).create(
        customer_id, "Ada Lovelace", f"{customer_id}@example.com", None
    )


async def stored_rows(engine: AsyncEngine, timeline: Timeline) -> list[Any]:
    """Return the rows of an order, its payment and its events, with the writing transactions."""
    async with engine.connect() as connection:
        found = []
        for statement in (
            "SELECT orders.*, xmin::text FROM orders WHERE id = :id",
            "SELECT payments.*, xmin::text FROM payments WHERE order_id = :id",
            "SELECT order_id, sequence, key, xid::text FROM events WHERE order_id = :id ORDER BY 2",
        ):
            rows = await connection.execute(text(statement), {"id": timeline.order.id})
            found += [tuple(row) for row in rows]
        return found

"""Orders as a workflow would tell them, made short for tests."""

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
from orchestration.domain.states import EventType, state_after
from orchestration.ports import RecordBatch
from persistence.customers import PostgresCustomers
from tests.support.orders import make_order

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
    EventType.PAYMENT_VOIDED: PaymentStatus.VOIDED,
}


def fresh(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex}"


def an_order(
    customer_id: str,
    *,
    payment_id: str | None = None,
    customer_name: str = "Ada Lovelace",
    **request: Any,  # each is of its own field's type
) -> Order:
    return make_order(
        payment_id=payment_id,
        customer_name=customer_name,
        request={"customer_id": customer_id, **request},
        deadline=3600.0,
    )


@dataclass
class Story:
    """One order's events and the snapshot after each, to be cut into batches."""

    order: Order
    run_id: str = field(default_factory=lambda: fresh("run"))
    placed_at: datetime = NOON
    events: list[OrderEvent] = field(default_factory=list)
    snapshots: list[OrderSnapshot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.snapshots.append(initial_snapshot(self.order, self.placed_at))

    def tell(self, *types: EventType, command_id: str | None = None) -> Story:
        for kind in types:
            before = self.snapshots[-1]
            at = before.updated_at + timedelta(milliseconds=1)
            event = OrderEvent(
                sequence=before.sequence + 1,
                type=kind,
                from_state=before.state,
                state=state_after(before.state, kind),
                message=f"It is {kind}.",
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
                )
            )
        return self

    def batch(self, first: int, last: int) -> RecordBatch:
        return RecordBatch(
            order_id=self.order.id,
            run_id=self.run_id,
            placed_at=self.placed_at,
            order=self.order if first == 1 else None,
            events=self.events[first - 1 : last],
            snapshot=self.snapshots[last],
        )


async def a_customer(engine: AsyncEngine) -> StoredCustomer:
    customer_id = fresh("customer")
    return await PostgresCustomers(engine).create(
        customer_id, "Ada Lovelace", f"{customer_id}@example.com", None
    )


async def everything_of(engine: AsyncEngine, story: Story) -> list[Any]:
    """All that is on record of an order, down to the transactions that wrote it."""
    async with engine.connect() as connection:
        found = []
        for statement in (
            "SELECT orders.*, xmin::text FROM orders WHERE id = :id",
            "SELECT payments.*, xmin::text FROM payments WHERE order_id = :id",
            "SELECT order_id, sequence, key, xid::text FROM events WHERE order_id = :id ORDER BY 2",
        ):
            rows = await connection.execute(text(statement), {"id": story.order.id})
            found += [tuple(row) for row in rows]
        return found

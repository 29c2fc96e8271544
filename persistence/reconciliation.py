"""Reads of the record that reconciliation compares with Temporal and with the payment gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Text, any_, bindparam, literal, select, tuple_

from orchestration.domain.money import Money
from orchestration.domain.order import PaymentStatus
from orchestration.domain.states import END_STATES, OrderState
from orchestration.ports import Charge
from persistence.engine import connected
from persistence.tables import orders, payments

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from datetime import datetime

    from sqlalchemy import Row, Select
    from sqlalchemy.ext.asyncio import AsyncEngine

_OPEN_STATES = [state for state in OrderState if state not in END_STATES]


@dataclass(frozen=True)
class OpenOrder:
    """An order whose row is not final."""

    id: str
    state: OrderState


@dataclass(frozen=True)
class RecordedPayment:
    charge: Charge
    status: PaymentStatus


class ReconciliationReads:
    """Every method raises RecordUnavailable if Postgres did not respond.

    Pages follow an index each. An order that changes meanwhile can be missed or returned twice.
    """

    def __init__(self, engine: AsyncEngine, page_size: int = 100) -> None:
        self._engine = engine
        self._page_size = page_size

    async def open_orders(self, updated_before: datetime) -> AsyncGenerator[list[OpenOrder]]:
        """Yield pages of the orders that are not final and had no event since the given time."""
        for state in _OPEN_STATES:
            # A state per statement, so that a page is a range of the index on the state.
            statement = (
                select(orders.c.id, orders.c.state, orders.c.created_at)
                .where(orders.c.state == state, orders.c.updated_at < updated_before)
                .order_by(orders.c.created_at, orders.c.id)
            )
            async for rows in self._pages(statement, "created_at"):
                yield [OpenOrder(row.id, OrderState(row.state)) for row in rows]

    async def unrecorded(self, order_ids: Sequence[str]) -> list[str]:
        """Return the IDs that have no row."""
        recorded = select(orders.c.id).where(
            orders.c.id == any_(bindparam("ids", type_=ARRAY(Text)))
        )
        async with connected(self._engine) as connection:
            rows = (await connection.execute(recorded, {"ids": list(order_ids)})).all()
        return sorted(set(order_ids) - {row.id for row in rows})

    async def settled_payments(
        self, updated_after: datetime, updated_before: datetime
    ) -> AsyncGenerator[list[RecordedPayment]]:
        """Yield pages of payments with a result, of orders whose last event is in this period."""
        statement = (
            select(
                payments.c.id.label("payment_id"),
                payments.c.status,
                payments.c.amount_minor,
                payments.c.currency,
                orders.c.id,
                orders.c.updated_at,
            )
            .join(payments, payments.c.order_id == orders.c.id)
            .where(
                orders.c.updated_at >= updated_after,
                orders.c.updated_at < updated_before,
                payments.c.status != PaymentStatus.PENDING,
            )
            .order_by(orders.c.updated_at, orders.c.id)
        )
        async for rows in self._pages(statement, "updated_at"):
            yield [
                RecordedPayment(
                    Charge(row.payment_id, row.id, Money(int(row.amount_minor), row.currency)),
                    PaymentStatus(row.status),
                )
                for row in rows
            ]

    async def _pages(
        self, statement: Select[Any], sorted_by: str
    ) -> AsyncGenerator[Sequence[Row[Any]]]:
        """Yield the rows in pages. The statement sorts by this column of ``orders`` and by ID."""
        page = statement.limit(self._page_size)
        while True:
            async with connected(self._engine) as connection:
                rows = (await connection.execute(page)).all()
            if rows:
                yield rows
            if len(rows) < self._page_size:
                return
            last = rows[-1]
            page = statement.limit(self._page_size).where(
                tuple_(orders.c[sorted_by], orders.c.id)
                > tuple_(literal(getattr(last, sorted_by)), literal(last.id))
            )

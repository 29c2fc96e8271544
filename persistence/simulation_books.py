"""Storage of the simulated gateway and carrier. Each operation is one atomic statement."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.dialects.postgresql import insert

from orchestration.domain.money import Money
from orchestration.domain.order import PaymentStatus
from orchestration.ports import Charge, Parcel, SettledCharge
from persistence.engine import connected
from persistence.tables import carrier_parcels, gateway_charges

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.dialects.postgresql import Insert
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.sql.dml import ReturningInsert


class ParcelStatus(StrEnum):
    """State of a shipping attempt at the carrier. RECALLED is final."""

    PREPARED = "PREPARED"
    DISPATCHED = "DISPATCHED"
    RECALLED = "RECALLED"


class PostgresGatewayBook:
    """One row per payment ID. The first outcome is kept."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def settle(
        self, charge: Charge, outcome: PaymentStatus, reason: str | None
    ) -> SettledCharge:
        """Store the outcome unless the payment ID already has one. Returns the stored outcome."""
        stored = gateway_charges.c
        # Setting a column to its own value makes RETURNING return the existing row, even if it was
        # committed after the statement began.
        row = await _one_row(
            self._engine,
            _charge_row(charge, outcome, reason)
            .on_conflict_do_update(
                index_elements=[stored.payment_id], set_={"status": stored.status}
            )
            .returning(gateway_charges),
        )
        return SettledCharge(
            Charge(row.payment_id, row.order_id, Money(row.amount_minor, row.currency)),
            PaymentStatus(row.status),
            row.reason,
        )

    async def reverse(self, charge: Charge) -> PaymentStatus:
        """Refund a charge, or void a payment ID without one. Returns the resulting status.

        The charge of another order under this payment ID is not changed. The result is then VOIDED,
        because this order was not charged.
        """
        stored = gateway_charges.c
        refunds = (stored.status == PaymentStatus.CHARGED) & (stored.order_id == charge.order_id)
        row = await _one_row(
            self._engine,
            _charge_row(charge, PaymentStatus.VOIDED, None)
            .on_conflict_do_update(
                index_elements=[stored.payment_id],
                set_={
                    "status": case((refunds, PaymentStatus.REFUNDED.value), else_=stored.status),
                    "updated_at": case((refunds, func.now()), else_=stored.updated_at),
                },
            )
            .returning(stored.order_id, stored.status),
        )
        if row.order_id != charge.order_id:
            return PaymentStatus.VOIDED
        return PaymentStatus(row.status)

    async def status(self, charge: Charge) -> PaymentStatus | None:
        """Return the stored status, or None if there is no row of this order."""
        stored = gateway_charges.c
        statement = select(stored.status).where(
            stored.payment_id == charge.payment_id, stored.order_id == charge.order_id
        )
        async with connected(self._engine) as connection:
            found = (await connection.execute(statement)).scalar_one_or_none()
        return None if found is None else PaymentStatus(found)


class PostgresCarrierBook:
    """One row per order and attempt. A recall is final, even if it arrives first."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def prepare(self, parcel: Parcel) -> bool:
        """Store the parcel as prepared, unless it exists. Returns False if it was recalled."""
        return await self._store(
            _parcel_row(parcel, ParcelStatus.PREPARED), carrier_parcels.c.status
        )

    async def dispatch(self, parcel: Parcel) -> bool:
        """Store the parcel as dispatched. Returns False if it was recalled."""
        stored = carrier_parcels.c.status
        return await self._store(
            _parcel_row(parcel, ParcelStatus.DISPATCHED),
            case(
                (stored == ParcelStatus.PREPARED, ParcelStatus.DISPATCHED.value),
                else_=stored,
            ),
        )

    async def recall(self, order_id: str, attempt: int, *, even_if_dispatched: bool) -> bool:
        """Store the attempt as recalled, even if it was never prepared.

        Returns False if it remains dispatched.
        """
        tombstone = insert(carrier_parcels).values(
            order_id=order_id, attempt=attempt, status=ParcelStatus.RECALLED
        )
        stored = carrier_parcels.c.status
        recalled = tombstone.excluded.status
        unless_dispatched = case((stored == ParcelStatus.DISPATCHED, stored), else_=recalled)
        return not await self._store(
            tombstone, recalled if even_if_dispatched else unless_dispatched
        )

    async def _store(self, parcel: Insert, status_if_exists: ColumnElement[str]) -> bool:
        stored = carrier_parcels.c
        changes = stored.status != status_if_exists
        row = await _one_row(
            self._engine,
            parcel.on_conflict_do_update(
                index_elements=[stored.order_id, stored.attempt],
                set_={
                    "status": status_if_exists,
                    "updated_at": case((changes, func.now()), else_=stored.updated_at),
                },
            ).returning(stored.status),
        )
        return bool(row.status != ParcelStatus.RECALLED)


def _charge_row(charge: Charge, status: PaymentStatus, reason: str | None) -> Insert:
    return insert(gateway_charges).values(
        payment_id=charge.payment_id,
        order_id=charge.order_id,
        amount_minor=charge.amount.minor,
        currency=charge.amount.currency,
        status=status,
        reason=reason,
    )


def _parcel_row(parcel: Parcel, status: ParcelStatus) -> Insert:
    return insert(carrier_parcels).values(
        order_id=parcel.order_id,
        attempt=parcel.attempt,
        status=status,
        items=parcel.items,
        address=parcel.address,
    )


async def _one_row(engine: AsyncEngine, statement: ReturningInsert[Any]) -> Row[Any]:
    async with connected(engine) as connection:
        row: Row[Any] = (await connection.execute(statement)).one()
        return row

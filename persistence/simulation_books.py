"""The simulated gateway's and carrier's own rows. Each operation is one atomic statement."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, case, func
from sqlalchemy.dialects.postgresql import insert

from orchestration.domain.money import Money
from orchestration.domain.order import PaymentStatus
from orchestration.ports import Charge, Parcel, Settled
from persistence.engine import connected
from persistence.tables import carrier_parcels, gateway_charges

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.dialects.postgresql import Insert
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.sql.dml import ReturningInsert


class ParcelStatus(StrEnum):
    """How far the carrier is with an attempt. RECALLED is for good."""

    PREPARED = "PREPARED"
    DISPATCHED = "DISPATCHED"
    RECALLED = "RECALLED"


class PostgresGatewayBook:
    """One row a payment id; the first outcome stands."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Write through this engine, which stays the caller's."""
        self._engine = engine

    async def settle(self, charge: Charge, outcome: PaymentStatus, reason: str | None) -> Settled:
        """Store this outcome unless the payment id has one, and return what is stored."""
        stored = gateway_charges.c
        # Setting a column to what it is returns the stored row, also one committed just now.
        row = await _one_row(
            self._engine,
            _charge_row(charge, outcome, reason)
            .on_conflict_do_update(
                index_elements=[stored.payment_id], set_={"status": stored.status}
            )
            .returning(gateway_charges),
        )
        return Settled(
            Charge(row.payment_id, row.order_id, Money(row.amount_minor, row.currency)),
            PaymentStatus(row.status),
            row.reason,
        )

    async def reverse(self, charge: Charge) -> PaymentStatus:
        """Turn CHARGED into REFUNDED, and nothing into VOIDED; return what stands then.

        A payment id that another order has is left alone: for this order nothing was charged, and
        VOIDED is what stands.
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


class PostgresCarrierBook:
    """One row an order and attempt; a recall is for good, also before anything else."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Write through this engine, which stays the caller's."""
        self._engine = engine

    async def prepare(self, parcel: Parcel) -> bool:
        """Note the parcel as prepared, keeping the first one; False where it was recalled."""
        return await self._note(
            _parcel_row(parcel, ParcelStatus.PREPARED), carrier_parcels.c.status
        )

    async def dispatch(self, parcel: Parcel) -> bool:
        """Note the parcel as dispatched; False where it was recalled."""
        stored = carrier_parcels.c.status
        return await self._note(
            _parcel_row(parcel, ParcelStatus.DISPATCHED),
            case(
                (stored == ParcelStatus.PREPARED, ParcelStatus.DISPATCHED.value),
                else_=stored,
            ),
        )

    async def recall(self, order_id: str, attempt: int) -> None:
        """Note the attempt as recalled, also where it was never prepared."""
        tombstone = insert(carrier_parcels).values(
            order_id=order_id, attempt=attempt, status=ParcelStatus.RECALLED
        )
        await self._note(tombstone, tombstone.excluded.status)

    async def _note(self, parcel: Insert, status_if_known: ColumnElement[str]) -> bool:
        stored = carrier_parcels.c
        moves = stored.status != status_if_known
        row = await _one_row(
            self._engine,
            parcel.on_conflict_do_update(
                index_elements=[stored.order_id, stored.attempt],
                set_={
                    "status": status_if_known,
                    "updated_at": case((moves, func.now()), else_=stored.updated_at),
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

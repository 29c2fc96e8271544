"""Protocols of the systems that activities call: the record, a payment gateway and a carrier.

The simulated gateway and carrier store their data through protocols too, so that the code that
stores it does not depend on the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from orchestration.domain.money import Money
from orchestration.domain.order import (
    Address,
    LineItem,
    Order,
    OrderEvent,
    OrderSnapshot,
    PaymentStatus,
)


@dataclass(frozen=True)
class RecordBatch:
    """Consecutive events of one order, and the snapshot after the last of them.

    ``run_id`` is the first run of the workflow that produced the events: a run that continues it
    after a reset has the same. ``order`` is set in the batch that contains event 1 and None in
    later ones, because the row then has it.
    """

    order_id: str
    run_id: str
    placed_at: datetime
    order: Order | None
    events: list[OrderEvent]
    snapshot: OrderSnapshot


@dataclass(frozen=True)
class Recorded:
    """Facts from the record that the workflow cannot know. A repeated batch returns the same.

    ``payment_owner`` is the order that used this payment ID first, or None if it is this order.
    ``resend_after`` is set if the record lacks events before the batch, because it was restored
    from an older backup. It is the last event that the record has, and nothing was written.
    """

    customer_exists: bool
    payment_owner: str | None
    resend_after: int | None = None


class OrderLedger(Protocol):
    """Writes an order's record. Batches come in order, but can be repeated, overlap or be late."""

    async def record(self, batch: RecordBatch) -> Recorded:
        """Store a batch atomically. Repeating a batch changes nothing.

        Raises RecordDiverged if the record belongs to another run, has a different event with one
        of these sequences, or has ended the order with a later event.
        """
        ...


@dataclass(frozen=True)
class Charge:
    """A charge to make. The payment ID is the idempotency key."""

    payment_id: str
    order_id: str
    amount: Money


@dataclass(frozen=True)
class Parcel:
    """The contents and destination of one shipping attempt."""

    order_id: str
    attempt: int
    items: list[LineItem]
    address: Address


@dataclass(frozen=True)
class Recall:
    """The result of a recall.

    ``tracking_number`` is set if it was too late: the parcel has been handed over and is delivered.
    """

    tracking_number: str | None = None


class PaymentGateway(Protocol):
    """Charges at most once per payment ID. All methods can be retried."""

    async def charge(self, charge: Charge) -> None:
        """Charge, or return the same outcome as before for this payment ID.

        Raises PaymentDeclined, and PaymentRefused if the ID was voided or belongs to another
        charge.
        """
        ...

    async def reverse(self, charge: Charge) -> PaymentStatus:
        """Undo a charge and return the resulting status.

        REFUNDED if it was charged, DECLINED if it was declined. Otherwise VOIDED: a later charge
        with this payment ID is refused.
        """
        ...


@runtime_checkable
class PaymentStatusReader(Protocol):
    """Optional for a payment gateway: reconciliation compares payments only if it has this."""

    async def status(self, charge: Charge) -> PaymentStatus | None:
        """Return the status of this charge, or None if the gateway has none of this order."""
        ...


class Carrier(Protocol):
    """Ships at most once per order and attempt. All methods can be retried."""

    async def prepare(self, parcel: Parcel) -> str:
        """Return the package ID. Raises DispatchRefused if the attempt was recalled."""
        ...

    async def dispatch(self, parcel: Parcel) -> str:
        """Return the tracking number. Raises DispatchRefused."""
        ...

    async def recall(self, order_id: str, attempt: int) -> Recall:
        """Recall an attempt, or return its tracking number if it is too late.

        After a recall, calls to prepare or dispatch the attempt raise DispatchRefused. Repeating a
        recall returns the same result.
        """
        ...


@dataclass(frozen=True)
class SettledCharge:
    """The stored outcome for a payment ID at the simulated gateway."""

    charge: Charge
    status: PaymentStatus
    reason: str | None


class GatewayBook(Protocol):
    """Storage of the simulated gateway: one row per payment ID."""

    async def settle(
        self, charge: Charge, outcome: PaymentStatus, reason: str | None
    ) -> SettledCharge:
        """Store the outcome unless the payment ID already has one. Returns the stored one."""
        ...

    async def reverse(self, charge: Charge) -> PaymentStatus:
        """Change CHARGED to REFUNDED, or insert VOIDED if there is no row. Returns the status."""
        ...

    async def status(self, charge: Charge) -> PaymentStatus | None:
        """Return the stored status, or None if there is no row of this order."""
        ...


class CarrierBook(Protocol):
    """Storage of the simulated carrier: one row per order and attempt."""

    async def prepare(self, parcel: Parcel) -> bool:
        """Mark the parcel as prepared. Keeps an existing row. Returns False if it was recalled."""
        ...

    async def dispatch(self, parcel: Parcel) -> bool:
        """Mark the parcel as dispatched. Returns False if it was recalled."""
        ...

    async def recall(self, order_id: str, attempt: int, *, even_if_dispatched: bool) -> bool:
        """Mark the attempt as recalled, even if it was never prepared.

        Returns False if it remains dispatched.
        """
        ...

"""What the activities need of the world, as protocols: the record, a payment gateway, a carrier.

The simulated gateway and carrier keep books of their own; those are protocols here too, so that
whoever stores them need not know the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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
    """Some events of one order, in sequence and without gap, and where they leave it.

    ``run_id`` is the workflow run that decided them, ``placed_at`` when the order was placed.
    ``order`` comes with the batch that holds event 1, and is None afterwards: the row has it then.
    """

    order_id: str
    run_id: str
    placed_at: datetime
    order: Order | None
    events: list[OrderEvent]
    snapshot: OrderSnapshot


@dataclass(frozen=True)
class Recorded:
    """What the record knows that the workflow could not: set alike however often a batch is sent.

    ``payment_owner`` is the order that had the payment id first, where that is another one.
    """

    customer_exists: bool
    payment_owner: str | None


class OrderLedger(Protocol):
    """The write side of the record. The workflow's one writer is its only caller."""

    async def record(self, batch: RecordBatch) -> Recorded:
        """Store a batch whole or not at all; once more changes nothing.

        Raises RecordDiverged where the order is on record with another run, or with another event
        under one of these sequences.
        """
        ...


@dataclass(frozen=True)
class Charge:
    """One charge to make. The payment id is its idempotency key."""

    payment_id: str
    order_id: str
    amount: Money


@dataclass(frozen=True)
class Parcel:
    """One shipping attempt: what goes where."""

    order_id: str
    attempt: int
    items: list[LineItem]
    address: Address


class PaymentGateway(Protocol):
    """Takes money once per payment id, whatever is retried."""

    async def charge(self, charge: Charge) -> None:
        """Charge, or replay the outcome that this payment id had before.

        Raises PaymentDeclined, or PaymentRefused where the id was voided or is another charge's.
        """
        ...

    async def reverse(self, charge: Charge) -> PaymentStatus:
        """Undo a charge and return what stands then.

        REFUNDED where there was one, DECLINED where it was declined; else VOIDED, and a charge
        that comes later will be refused.
        """
        ...


class Carrier(Protocol):
    """Takes parcels, once per order and attempt."""

    async def prepare(self, parcel: Parcel) -> str:
        """Pack, and return the package's id. Raises DispatchRefused for a recalled attempt."""
        ...

    async def dispatch(self, parcel: Parcel) -> str:
        """Hand over, and return the tracking number. Raises DispatchRefused."""
        ...

    async def recall(self, order_id: str, attempt: int) -> None:
        """Stop an attempt; a late prepare or dispatch of it will fail."""
        ...


@dataclass(frozen=True)
class Settled:
    """A payment id's row in the gateway's book."""

    charge: Charge
    status: PaymentStatus
    reason: str | None


class GatewayBook(Protocol):
    """The simulated gateway's own rows, one a payment id."""

    async def settle(self, charge: Charge, outcome: PaymentStatus, reason: str | None) -> Settled:
        """Store this outcome unless the payment id has one, and return what is stored."""
        ...

    async def reverse(self, charge: Charge) -> PaymentStatus:
        """Turn CHARGED into REFUNDED, and nothing into VOIDED; return what stands then."""
        ...


class CarrierBook(Protocol):
    """The simulated carrier's own rows, one an order and attempt."""

    async def prepare(self, parcel: Parcel) -> bool:
        """Note the parcel as prepared, keeping the first one; False where it was recalled."""
        ...

    async def dispatch(self, parcel: Parcel) -> bool:
        """Note the parcel as dispatched; False where it was recalled."""
        ...

    async def recall(self, order_id: str, attempt: int) -> None:
        """Note the attempt as recalled, also where it was never prepared."""
        ...

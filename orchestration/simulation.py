"""A payment gateway and a carrier that only pretend, with faults to order.

They keep books of their own, so that what was really charged and sent can be counted. Some values
ask for a certain behaviour, whatever the fault rates:

=====================================  ==========================================================
value                                  what happens
=====================================  ==========================================================
payment id begins ``decline-``         the charge is declined
payment id begins ``hang-decline-``    the first call hangs until it times out, then: declined
an item's sku ``DISPATCH-FAILS-ONCE``  the first shipping attempt is refused by the carrier
an item's sku ``DISPATCH-FAILS``       every shipping attempt is refused by the carrier
=====================================  ==========================================================
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final, TypeVar

from orchestration.domain.errors import DispatchRefused, OrderError, PaymentDeclined, PaymentRefused
from orchestration.domain.order import PaymentStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orchestration.ports import CarrierBook, Charge, GatewayBook, Parcel

DECLINE: Final = "decline-"
HANG_THEN_DECLINE: Final = "hang-decline-"
DISPATCH_FAILS_ONCE: Final = "DISPATCH-FAILS-ONCE"
DISPATCH_FAILS: Final = "DISPATCH-FAILS"

_FOREVER = 24 * 3600

T = TypeVar("T")


class SimulatedFault(OrderError):
    """What a call raises where the fault rate says so: worth a retry."""


class Faults:
    """Breaks calls at random.

    The rates are shares of all calls, from 0 to 1 together. Half of the broken calls have acted by
    then, and half have not: a caller cannot know which.
    """

    def __init__(
        self, *, error_rate: float = 0, hang_rate: float = 0, seed: int | None = None
    ) -> None:
        """Roll alike for the same seed; differently every time without one."""
        self._error_rate = error_rate
        self._hang_rate = hang_rate
        # ruff: ignore[suspicious-non-cryptographic-random-usage] - faults to order, not secrets
        self._dice = random.Random(seed)

    async def call(self, name: str, action: Callable[[], Awaitable[T]]) -> T:
        """Return what the action returns, or raise SimulatedFault, or hang."""
        roll = self._dice.random()
        acted_upon = self._dice.choice([True, False])
        if not acted_upon:
            await self._break(name, roll)
        result = await action()
        if acted_upon:
            await self._break(name, roll)
        return result

    async def _break(self, name: str, roll: float) -> None:
        if roll < self._error_rate:
            raise SimulatedFault(f"simulated fault: {name} failed")
        if roll < self._error_rate + self._hang_rate:
            await asyncio.sleep(_FOREVER)


class SimulatedGateway:
    """A payment gateway that takes each payment id once and replays its outcome afterwards."""

    def __init__(self, book: GatewayBook, faults: Faults) -> None:
        """Keep the charges in book; break as faults says."""
        self._book = book
        self._faults = faults
        self._hung: set[str] = set()

    async def charge(self, charge: Charge) -> None:
        """See PaymentGateway.charge."""
        declined = charge.payment_id.startswith((DECLINE, HANG_THEN_DECLINE))
        outcome = PaymentStatus.DECLINED if declined else PaymentStatus.CHARGED
        reason = "card declined" if declined else None
        await self._hang_once(charge.payment_id)
        settled = await self._faults.call(
            "charge", lambda: self._book.settle(charge, outcome, reason)
        )
        if settled.charge != charge:
            raise PaymentRefused(charge.payment_id, "the payment id belongs to another charge")
        match settled.status:
            case PaymentStatus.CHARGED:
                return
            case PaymentStatus.DECLINED:
                raise PaymentDeclined(charge.payment_id, settled.reason or "declined")
            case status:
                raise PaymentRefused(charge.payment_id, f"the payment is {status}")

    async def reverse(self, charge: Charge) -> PaymentStatus:
        """See PaymentGateway.reverse."""
        return await self._faults.call("reverse", lambda: self._book.reverse(charge))

    async def _hang_once(self, payment_id: str) -> None:
        if payment_id.startswith(HANG_THEN_DECLINE) and payment_id not in self._hung:
            self._hung.add(payment_id)
            await asyncio.sleep(_FOREVER)


class SimulatedCarrier:
    """A carrier that takes each order's attempt once."""

    def __init__(self, book: CarrierBook, faults: Faults) -> None:
        """Keep the parcels in book; break as faults says."""
        self._book = book
        self._faults = faults

    async def prepare(self, parcel: Parcel) -> str:
        """See Carrier.prepare."""
        prepared = await self._faults.call("prepare", lambda: self._book.prepare(parcel))
        if not prepared:
            raise DispatchRefused(parcel.order_id, parcel.attempt, "the attempt was recalled")
        return f"PKG-{parcel.order_id}-{parcel.attempt}"

    async def dispatch(self, parcel: Parcel) -> str:
        """See Carrier.dispatch."""
        skus = {item.sku for item in parcel.items}
        if DISPATCH_FAILS in skus or (DISPATCH_FAILS_ONCE in skus and parcel.attempt == 1):
            raise DispatchRefused(parcel.order_id, parcel.attempt, "no courier available")
        dispatched = await self._faults.call("dispatch", lambda: self._book.dispatch(parcel))
        if not dispatched:
            raise DispatchRefused(parcel.order_id, parcel.attempt, "the attempt was recalled")
        return f"TRK-{parcel.order_id}-{parcel.attempt}"

    async def recall(self, order_id: str, attempt: int) -> None:
        """See Carrier.recall."""
        await self._faults.call("recall", lambda: self._book.recall(order_id, attempt))

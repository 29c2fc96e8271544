"""A simulated payment gateway and carrier, with configurable faults.

Both store what they did, so that tests can count charges and shipments. Outside production, some
values trigger a fixed behavior, regardless of the fault rates:

=====================================  ==========================================================
value                                  effect
=====================================  ==========================================================
payment ID prefix ``decline-``         the charge is declined
payment ID prefix ``hang-decline-``    the first call hangs until its timeout, then it is declined
an item's SKU ``DISPATCH-FAILS-ONCE``  the carrier refuses the first shipping attempt
an item's SKU ``DISPATCH-FAILS``       the carrier refuses every shipping attempt
order ID prefix ``recall-too-late-``   a dispatched parcel cannot be recalled; others can
=====================================  ==========================================================
"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from orchestration.domain.errors import DispatchRefused, OrderError, PaymentDeclined, PaymentRefused
from orchestration.domain.order import PaymentStatus
from orchestration.ports import Recall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orchestration.ports import (
        CarrierBook,
        Charge,
        GatewayBook,
        OrderLedger,
        Parcel,
        RecordBatch,
        Recorded,
    )
    from orchestration.settings import OrchestrationSettings

DECLINE: Final = "decline-"
HANG_THEN_DECLINE: Final = "hang-decline-"
DISPATCH_FAILS_ONCE: Final = "DISPATCH-FAILS-ONCE"
DISPATCH_FAILS: Final = "DISPATCH-FAILS"
RECALL_TOO_LATE: Final = "recall-too-late-"

_HANG_SECONDS = 24 * 3600

T = TypeVar("T")


class SimulatedFault(OrderError):
    """A randomly injected, retryable error."""


class Faults:
    """Makes calls take time, and fail at random.

    The rates are fractions of all calls; their sum is at most 1. Half of the faulty calls take
    effect before they fail and half do not, so that the caller cannot tell.
    """

    def __init__(
        self,
        *,
        error_rate: float = 0,
        hang_rate: float = 0,
        seed: int | None = None,
        delay: timedelta = timedelta(),
    ) -> None:
        self._delay = delay.total_seconds()
        self._error_rate = error_rate
        self._hang_rate = hang_rate
        # ruff: ignore[suspicious-non-cryptographic-random-usage] - simulated faults, not secrets
        self._random = random.Random(seed)

    async def call(self, name: str, action: Callable[[], Awaitable[T]]) -> T:
        """Return the action's result after the delay, raise SimulatedFault, or hang."""
        await asyncio.sleep(self._delay)
        roll = self._random.random()
        takes_effect = self._random.choice([True, False])
        if not takes_effect:
            await self._maybe_fail(name, roll)
        result = await action()
        if takes_effect:
            await self._maybe_fail(name, roll)
        return result

    async def _maybe_fail(self, name: str, roll: float) -> None:
        if roll < self._error_rate:
            raise SimulatedFault(f"simulated fault: {name} failed")
        if roll < self._error_rate + self._hang_rate:
            await asyncio.sleep(_HANG_SECONDS)


class SimulatedGateway:
    """A payment gateway that processes each payment ID once and then repeats its outcome."""

    def __init__(self, book: GatewayBook, faults: Faults, *, special_values: bool = True) -> None:
        self._book = book
        self._faults = faults
        self._special_values = special_values
        self._hung: set[str] = set()

    async def charge(self, charge: Charge) -> None:
        declined = self._is_special(charge, DECLINE, HANG_THEN_DECLINE)
        outcome = PaymentStatus.DECLINED if declined else PaymentStatus.CHARGED
        reason = "card declined" if declined else None
        await self._hang_once(charge)
        settled = await self._faults.call(
            "charge", lambda: self._book.settle(charge, outcome, reason)
        )
        if settled.charge != charge:
            raise PaymentRefused(charge.payment_id, "the payment ID belongs to another charge")
        match settled.status:
            case PaymentStatus.CHARGED:
                return
            case PaymentStatus.DECLINED:
                raise PaymentDeclined(charge.payment_id, settled.reason or "declined")
            case status:
                raise PaymentRefused(charge.payment_id, f"the payment is {status}")

    async def reverse(self, charge: Charge) -> PaymentStatus:
        return await self._faults.call("reverse", lambda: self._book.reverse(charge))

    async def status(self, charge: Charge) -> PaymentStatus | None:
        return await self._book.status(charge)

    def _is_special(self, charge: Charge, *prefixes: str) -> bool:
        return self._special_values and charge.payment_id.startswith(prefixes)

    async def _hang_once(self, charge: Charge) -> None:
        if self._is_special(charge, HANG_THEN_DECLINE) and charge.payment_id not in self._hung:
            self._hung.add(charge.payment_id)
            await asyncio.sleep(_HANG_SECONDS)


class SimulatedCarrier:
    """A carrier that processes each shipping attempt once."""

    def __init__(self, book: CarrierBook, faults: Faults, *, special_values: bool = True) -> None:
        self._book = book
        self._faults = faults
        self._special_values = special_values

    async def prepare(self, parcel: Parcel) -> str:
        prepared = await self._faults.call("prepare", lambda: self._book.prepare(parcel))
        if not prepared:
            raise DispatchRefused(parcel.order_id, parcel.attempt, "the attempt was recalled")
        return f"PKG-{parcel.order_id}-{parcel.attempt}"

    async def dispatch(self, parcel: Parcel) -> str:
        if self._fails(parcel):
            raise DispatchRefused(parcel.order_id, parcel.attempt, "no courier available")
        dispatched = await self._faults.call("dispatch", lambda: self._book.dispatch(parcel))
        if not dispatched:
            raise DispatchRefused(parcel.order_id, parcel.attempt, "the attempt was recalled")
        return _tracking_number(parcel.order_id, parcel.attempt)

    async def recall(self, order_id: str, attempt: int) -> Recall:
        even_if_dispatched = not (self._special_values and order_id.startswith(RECALL_TOO_LATE))
        recalled = await self._faults.call(
            "recall",
            lambda: self._book.recall(order_id, attempt, even_if_dispatched=even_if_dispatched),
        )
        return Recall(None if recalled else _tracking_number(order_id, attempt))

    def _fails(self, parcel: Parcel) -> bool:
        skus = {item.sku for item in parcel.items} if self._special_values else set()
        return DISPATCH_FAILS in skus or (DISPATCH_FAILS_ONCE in skus and parcel.attempt == 1)


class FaultyLedger:
    """A ledger whose writes fail or hang, half of them after they were committed."""

    def __init__(self, ledger: OrderLedger, faults: Faults) -> None:
        self._ledger = ledger
        self._faults = faults

    async def record(self, batch: RecordBatch) -> Recorded:
        return await self._faults.call("record", lambda: self._ledger.record(batch))


def simulate(
    settings: OrchestrationSettings, gateway_book: GatewayBook, carrier_book: CarrierBook
) -> tuple[SimulatedGateway, SimulatedCarrier]:
    """Create a gateway and a carrier with the faults and delays that the settings ask for."""
    special = settings.environment != "production"
    payment_faults = _faults(settings, settings.payment_processing_delay)
    shipping_faults = _faults(settings, settings.shipping_delay)
    return (
        SimulatedGateway(gateway_book, payment_faults, special_values=special),
        SimulatedCarrier(carrier_book, shipping_faults, special_values=special),
    )


def with_record_faults(settings: OrchestrationSettings, ledger: OrderLedger) -> OrderLedger:
    """Return a ledger whose writes have the simulated faults, if the settings ask for it."""
    return FaultyLedger(ledger, _faults(settings)) if settings.fault_record else ledger


def _faults(settings: OrchestrationSettings, delay: timedelta = timedelta()) -> Faults:
    return Faults(
        error_rate=settings.fault_error_rate,
        hang_rate=settings.fault_hang_rate,
        seed=settings.fault_seed,
        delay=delay,
    )


def _tracking_number(order_id: str, attempt: int) -> str:
    return f"TRK-{order_id}-{attempt}"

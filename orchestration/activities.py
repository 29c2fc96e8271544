"""What the workflows have done in the world: thin calls of the ports, each safe to repeat."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from orchestration.domain.errors import (
    DispatchRefused,
    OrderError,
    PaymentDeclined,
    PaymentRefused,
    RecordDiverged,
)
from orchestration.domain.order import PaymentStatus
from orchestration.ports import (
    Carrier,
    Charge,
    OrderLedger,
    Parcel,
    PaymentGateway,
    RecordBatch,
    Recorded,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

PAYMENT_DECLINED = PaymentDeclined.__name__
PAYMENT_REFUSED = PaymentRefused.__name__
DISPATCH_REFUSED = DispatchRefused.__name__

_log = logging.getLogger(__name__)

_FINAL = (DispatchRefused, PaymentDeclined, PaymentRefused, RecordDiverged)
_SHARE_OF_TIMEOUT = 0.95


@asynccontextmanager
async def _at_the_border() -> AsyncGenerator[None]:
    """Translate the domain's errors for Temporal, and give up just before Temporal does.

    A hung call would hold its slot until Temporal's time-out and some seconds more.
    """
    limit = activity.info().start_to_close_timeout
    seconds = None if limit is None else limit.total_seconds() * _SHARE_OF_TIMEOUT
    try:
        async with asyncio.timeout(seconds):
            yield
    except OrderError as error:
        final = isinstance(error, _FINAL)
        raise _failure(str(error), kind=type(error).__name__, final=final) from error
    except TimeoutError as error:
        raise _failure(f"no answer within {seconds:g} s", kind="TimedOut", final=False) from error


def _failure(message: str, *, kind: str, final: bool) -> ApplicationError:
    info = activity.info()
    activity.logger.warning("%s, attempt %d: %s", info.activity_type, info.attempt, message)
    # Benign: the SDK would log it once more, with a traceback that says nothing new.
    return ApplicationError(
        message, type=kind, non_retryable=final, category=ApplicationErrorCategory.BENIGN
    )


class OrderActivities:
    """The order queue's activities."""

    def __init__(self, ledger: OrderLedger, gateway: PaymentGateway, carrier: Carrier) -> None:
        """Take the collaborators that the activities call."""
        self._ledger = ledger
        self._gateway = gateway
        self._carrier = carrier

    @activity.defn
    async def record_events(self, batch: RecordBatch) -> Recorded:
        """Write a batch of events and the order's row."""
        async with _at_the_border():
            recorded = await self._ledger.record(batch)
        _log.info(
            "order %s is %s: %s",
            batch.order_id,
            batch.snapshot.state,
            ", ".join(event.type for event in batch.events),
            extra={"order_id": batch.order_id, "sequence": batch.snapshot.sequence},
        )
        return recorded

    @activity.defn
    async def charge_payment(self, charge: Charge) -> None:
        """Charge once; fails for good as PaymentDeclined or PaymentRefused."""
        async with _at_the_border():
            await self._gateway.charge(charge)

    @activity.defn
    async def reverse_payment(self, charge: Charge) -> PaymentStatus:
        """Void or refund, whichever it needs."""
        async with _at_the_border():
            return await self._gateway.reverse(charge)

    @activity.defn
    async def recall_shipment(self, order_id: str, attempt: int) -> None:
        """Stop a shipping attempt, also one that is still to come."""
        async with _at_the_border():
            await self._carrier.recall(order_id, attempt)


class ShippingActivities:
    """The shipping queue's activities."""

    def __init__(self, carrier: Carrier) -> None:
        """Take the carrier that the activities call."""
        self._carrier = carrier

    @activity.defn
    async def prepare_package(self, parcel: Parcel) -> str:
        """Pack, and return the package's id."""
        async with _at_the_border():
            return await self._carrier.prepare(parcel)

    @activity.defn
    async def dispatch_carrier(self, parcel: Parcel) -> str:
        """Hand over, and return the tracking number; fails for good as DispatchRefused."""
        async with _at_the_border():
            return await self._carrier.dispatch(parcel)

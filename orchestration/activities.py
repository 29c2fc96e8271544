"""Activities: thin, idempotent calls to the ports in ports.py."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from orchestration.domain.errors import (
    DispatchRefused,
    OrderError,
    PaymentDeclined,
    PaymentNotReversed,
    PaymentRefused,
    RecordDiverged,
)
from orchestration.domain.order import PaymentStatus
from orchestration.domain.reversals import REVERSED_STATUSES
from orchestration.ports import (
    Carrier,
    Charge,
    OrderLedger,
    Parcel,
    PaymentGateway,
    Recall,
    RecordBatch,
    Recorded,
)
from orchestration.retries import WRITE_AHEAD_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

PAYMENT_DECLINED = PaymentDeclined.__name__
PAYMENT_REFUSED = PaymentRefused.__name__
RECORD_DIVERGED = RecordDiverged.__name__
NOT_RECORDED = "NotRecorded"
"""Type of the error of an activity that did not act, because it could not write the record."""

_log = logging.getLogger(__name__)

_TIMEOUT_FRACTION = 0.95


@asynccontextmanager
async def _translate_errors(
    *non_retryable: type[OrderError], except_for: timedelta = timedelta(0)
) -> AsyncGenerator[None]:
    """Convert domain errors to ApplicationError, and time out shortly before Temporal does.

    Only errors of the ``non_retryable`` types end the activity. A hung call would otherwise occupy
    its worker slot for some seconds after Temporal's timeout. ``except_for`` is the part of the
    attempt's timeout that an earlier step of the activity may use.
    """
    seconds, is_last = _time_limit(except_for)
    try:
        async with asyncio.timeout(seconds):
            yield
    except OrderError as error:
        final = isinstance(error, non_retryable)
        raise _failure(str(error), type(error).__name__, non_retryable=final) from error
    except TimeoutError as error:
        message = f"no response within {seconds:g} seconds"
        raise _failure(message, "TimedOut", non_retryable=is_last) from error


def _time_limit(except_for: timedelta) -> tuple[float | None, bool]:
    """Return the seconds that this attempt may take, and whether no time is left after them.

    They are a little less than Temporal allows.
    """
    info = activity.info()
    limit = info.start_to_close_timeout and info.start_to_close_timeout - except_for
    is_last = False
    if info.schedule_to_close_timeout:
        # Both times are the server's, so the worker's clock does not matter.
        left = info.schedule_to_close_timeout - (info.started_time - info.scheduled_time)
        is_last = not limit or left <= limit
        limit = left if is_last else limit
    return limit.total_seconds() * _TIMEOUT_FRACTION if limit else None, is_last


def _failure(message: str, error_type: str, *details: int, non_retryable: bool) -> ApplicationError:
    info = activity.info()
    activity.logger.warning("%s, attempt %d: %s", info.activity_type, info.attempt, message)
    # BENIGN keeps the SDK from logging the failure a second time, with a traceback.
    return ApplicationError(
        message,
        *details,
        type=error_type,
        non_retryable=non_retryable,
        category=ApplicationErrorCategory.BENIGN,
    )


def _not_recorded(reason: str) -> ApplicationError:
    """Return the error of an activity that did not act, with the number of earlier attempts."""
    return _failure(reason, NOT_RECORDED, activity.info().attempt - 1, non_retryable=True)


class OrderActivities:
    """Activities on the order task queue."""

    def __init__(self, ledger: OrderLedger, gateway: PaymentGateway, carrier: Carrier) -> None:
        self._ledger = ledger
        self._gateway = gateway
        self._carrier = carrier

    @activity.defn
    async def record_events(self, batch: RecordBatch) -> Recorded:
        async with _translate_errors(RecordDiverged):
            return await self._record(batch)

    @activity.defn
    async def charge_payment(self, charge: Charge, unwritten: RecordBatch | None) -> None:
        """Write the batch, if any, and then charge once per payment ID.

        Not retried after PaymentDeclined, PaymentRefused, or a failed write (NOT_RECORDED).
        """
        if unwritten is not None:
            await self._write_ahead(unwritten)
        write_time = timedelta(0) if unwritten is None else WRITE_AHEAD_TIMEOUT
        async with _translate_errors(PaymentDeclined, PaymentRefused, except_for=write_time):
            await self._gateway.charge(charge)

    @activity.defn
    async def reverse_payment(self, charge: Charge) -> PaymentStatus:
        """Void or refund the payment, and return its resulting status. Every error is retried."""
        async with _translate_errors():
            status = await self._gateway.reverse(charge)
            if status not in REVERSED_STATUSES:
                raise PaymentNotReversed(charge.payment_id, status)
            return status

    @activity.defn
    async def recall_shipment(self, order_id: str, attempt: int) -> Recall:
        """Recall a shipping attempt, including one that reaches the carrier only later.

        Every error is retried.
        """
        async with _translate_errors():
            return await self._carrier.recall(order_id, attempt)

    async def _write_ahead(self, batch: RecordBatch) -> None:
        """Write a batch. Every error gives way to the journal, which then deals with it."""
        try:
            async with asyncio.timeout(WRITE_AHEAD_TIMEOUT.total_seconds() * _TIMEOUT_FRACTION):
                recorded = await self._record(batch)
        except Exception as error:
            raise _not_recorded(str(error) or type(error).__name__) from error
        if recorded.resend_after is not None:
            raise _not_recorded("the record lacks earlier events")

    async def _record(self, batch: RecordBatch) -> Recorded:
        recorded = await self._ledger.record(batch)
        _log.info(
            "order %s is %s: %s",
            batch.order_id,
            batch.snapshot.state,
            ", ".join(event.type for event in batch.events),
            extra={"order_id": batch.order_id, "sequence": batch.snapshot.sequence},
        )
        return recorded


class ShippingActivities:
    """Activities on the shipping task queue."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    @activity.defn
    async def prepare_package(self, parcel: Parcel) -> str:
        """Return the package ID. Not retried after DispatchRefused."""
        async with _translate_errors(DispatchRefused):
            return await self._carrier.prepare(parcel)

    @activity.defn
    async def dispatch_carrier(self, parcel: Parcel) -> str:
        """Return the tracking number. Not retried after DispatchRefused."""
        async with _translate_errors(DispatchRefused):
            return await self._carrier.dispatch(parcel)

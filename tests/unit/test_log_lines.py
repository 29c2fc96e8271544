"""The log lines of workers: transitions, failed attempts and hanging providers."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from orchestration.activities import OrderActivities
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.states import EventType
from orchestration.ports import Recorded
from tests.support.orders import make_order
from tests.support.timelines import Timeline

if TYPE_CHECKING:
    from orchestration.ports import RecordBatch


@dataclass
class Ledger:
    """Stores every batch, or fails with ``error``, or hangs."""

    error: Exception | None = None
    hangs: bool = False

    async def record(self, _batch: RecordBatch) -> Recorded:
        if self.error:
            raise self.error
        if self.hangs:
            await asyncio.Event().wait()
        return Recorded(customer_exists=True, payment_owner=None)


async def record(ledger: Ledger, batch: RecordBatch, attempt: int) -> None:
    """Run one attempt of the activity that writes the record."""
    environment = ActivityEnvironment()
    environment.info = replace(
        environment.info,
        activity_type="record_events",
        attempt=attempt,
        start_to_close_timeout=timedelta(seconds=0.1),
    )
    activities = OrderActivities(ledger, cast("Any", None), cast("Any", None))
    await environment.run(activities.record_events, batch)


async def test_each_recorded_batch_logs_the_state_and_its_events(
    caplog: pytest.LogCaptureFixture,
) -> None:
    timeline = Timeline(make_order(id="order-1"))
    timeline.add(EventType.ORDER_RECEIVED, EventType.ORDER_VALIDATED)
    caplog.set_level(logging.INFO)
    await record(Ledger(), timeline.batch(1, 2), attempt=1)
    assert caplog.messages == ["order order-1 is VALIDATED: ORDER_RECEIVED, ORDER_VALIDATED"]
    [logged] = caplog.records
    assert (logged.__dict__["order_id"], logged.__dict__["sequence"]) == ("order-1", 2)


@pytest.mark.parametrize(
    ("ledger", "reason"),
    [
        (Ledger(error=RecordUnavailable("timeout")), "Postgres is unavailable: timeout"),
        (Ledger(hangs=True), "no response within 0.095 seconds"),
    ],
    ids=["error", "hanging"],
)
async def test_a_failed_attempt_logs_its_number_and_reason_once(
    caplog: pytest.LogCaptureFixture, ledger: Ledger, reason: str
) -> None:
    batch = Timeline(make_order()).add(EventType.ORDER_RECEIVED).batch(1, 1)
    with pytest.raises(ApplicationError, match=reason):
        await record(ledger, batch, attempt=3)
    [logged] = caplog.records
    assert logged.levelname == "WARNING"
    assert logged.getMessage().startswith(f"record_events, attempt 3: {reason}")

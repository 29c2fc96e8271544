"""Writes an order's events to its record in Postgres, from inside the workflow."""

from __future__ import annotations

import asyncio
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from orchestration.activities import RECORD_DIVERGED, OrderActivities
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.ports import RecordBatch, Recorded
from orchestration.retries import ATTEMPT_TIMEOUT, RETRY_FOREVER


class Journal:
    """The only writer of an order's record. Writes events in order, one batch at a time.

    It uses a regular activity. A local activity commits to Postgres before its result is in the
    history: if the workflow task is then lost, the replay could decide differently from the record.
    """

    def __init__(self, lifecycle: OrderLifecycle, placed_at: datetime, run_id: str) -> None:
        """Start after the lifecycle's current sequence; earlier events are already recorded.

        ``run_id`` is the first run of the order's workflow, also for a repair.
        """
        self._placed_at = placed_at
        self._run_id = run_id
        self.recorded_sequence = lifecycle.snapshot.sequence
        self.findings: Recorded | None = None
        self._lifecycle = lifecycle
        self._writer: asyncio.Task[None] | None = None

    @property
    def owns_payment(self) -> bool:
        """Whether the record gave the payment ID to this order. False before the first write."""
        return self.findings is not None and self.findings.payment_owner is None

    def start(self) -> None:
        """Start writing in a separate task, which is not cancelled when the order is stopped."""
        self._writer = asyncio.create_task(self._write())

    async def flush(self) -> None:
        """Wait until all events so far are recorded. Raises the error that ended the writer."""
        writer = self._writer
        if writer is None:
            raise RuntimeError("the journal has not been started")
        await workflow.wait_condition(lambda: not self._has_unwritten() or writer.done())
        if writer.done():
            writer.result()

    async def _write(self) -> None:
        while True:
            await workflow.wait_condition(self._has_unwritten)
            batch = self._next_batch()
            recorded = await workflow.execute_activity_method(
                OrderActivities.record_events,
                batch,
                start_to_close_timeout=ATTEMPT_TIMEOUT,
                retry_policy=RETRY_FOREVER,
            )
            if recorded.resend_after is None:
                self.findings = self.findings or recorded
                self.recorded_sequence = batch.snapshot.sequence
            else:
                self._rewind(recorded.resend_after)

    def _rewind(self, sequence: int) -> None:
        """Write again from after this event. Raises ApplicationError if events are missing."""
        if self._lifecycle.events[0].sequence > sequence + 1:
            message = f"the record ends with event {sequence}, and later ones are unknown"
            raise ApplicationError(message, type=RECORD_DIVERGED, non_retryable=True)
        self.recorded_sequence = sequence

    def _has_unwritten(self) -> bool:
        return self._lifecycle.snapshot.sequence > self.recorded_sequence

    def _next_batch(self) -> RecordBatch:
        return RecordBatch(
            order_id=self._lifecycle.order.id,
            run_id=self._run_id,
            order=None if self.recorded_sequence else self._lifecycle.order,
            placed_at=self._placed_at,
            events=self._lifecycle.events_after(self.recorded_sequence),
            snapshot=self._lifecycle.snapshot,
        )

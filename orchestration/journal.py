"""Writes an order's events to its record in Postgres, from inside the workflow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from temporalio import exceptions, workflow
from temporalio.exceptions import ActivityError, ApplicationError

from orchestration.activities import NOT_RECORDED, RECORD_DIVERGED, OrderActivities
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.ports import RecordBatch, Recorded
from orchestration.retries import ATTEMPT_TIMEOUT, RETRY_FOREVER

T = TypeVar("T")


class Journal:
    """Writes all events of an order to its record, in order.

    An activity that acts on the world can write them before it acts (`write_ahead`). A separate
    task writes all others, one batch at a time. A batch that is written twice, or late, changes
    nothing.

    All writes are regular activities. A local activity commits to Postgres before its result is in
    the history: if the workflow task is then lost, the replay could decide differently from the
    record.
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
        self._written_ahead = 0  # the last event that an activity is writing before it acts

    @property
    def owns_payment(self) -> bool:
        """Whether the record gave the payment ID to this order. False before the first write."""
        return self.findings is not None and self.findings.payment_owner is None

    def start(self) -> None:
        """Start writing in a separate task, which is not cancelled when the order is stopped."""
        self._writer = asyncio.create_task(self._write())

    async def flush(self) -> None:
        """Wait until all events so far are recorded. Raises the error that ended the writer.

        It is an ApplicationError, so that it cannot be mistaken for the failure of a step.
        """
        writer = self._writer
        if writer is None:
            raise RuntimeError("the journal has not been started")
        await workflow.wait_condition(lambda: not self._has_unwritten() or writer.done())
        if writer.done():
            try:
                writer.result()
            except ActivityError as error:
                raise error.cause or error from None

    async def write_ahead(self, act: Callable[[RecordBatch | None, int], Awaitable[T]]) -> T:
        """Execute an activity that writes the pending events before it acts.

        Args:
            act: starts the activity with a batch to write. If the activity finds no free slot or
                cannot write, the writer writes the batch. ``act`` is then called without one, and
                with the number of attempts that the activity has made.
        """
        if not self._has_unwritten():
            return await act(None, 0)
        batch = self._next_batch()
        self._written_ahead = batch.snapshot.sequence
        try:
            result = await act(batch, 0)
        except ActivityError as error:
            attempts_made = _attempts_before_it_gave_way(error)
            if attempts_made is None:
                raise
        else:
            self.recorded_sequence = max(self.recorded_sequence, batch.snapshot.sequence)
            return result
        finally:
            self._written_ahead = 0
        await self.flush()
        return await act(None, attempts_made)

    async def _write(self) -> None:
        while True:
            await self._until_due()
            batch = self._next_batch()
            recorded = await workflow.execute_activity_method(
                OrderActivities.record_events,
                batch,
                start_to_close_timeout=ATTEMPT_TIMEOUT,
                retry_policy=RETRY_FOREVER,
                summary=_summary(batch),
            )
            if recorded.resend_after is None:
                self.findings = self.findings or recorded
                self.recorded_sequence = max(self.recorded_sequence, batch.snapshot.sequence)
            else:
                self._rewind(recorded.resend_after)

    async def _until_due(self) -> None:
        """Wait for an event that no activity is writing ahead, and for the events it leads to."""
        while not self._is_due():
            await workflow.wait_condition(self._is_due)
            await _until_fulfillment_has_reacted()

    def _is_due(self) -> bool:
        last = max(self.recorded_sequence, self._written_ahead)
        return self._lifecycle.snapshot.sequence > last

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


async def _until_fulfillment_has_reacted() -> None:
    """Let the fulfillment react to an event of this workflow task before the event is written.

    It may add an event, which then belongs to the same batch, or start an activity that writes the
    event ahead. Temporal checks all conditions together, each time nothing else can run. The first
    check ends the condition that the fulfillment's step waits for, the second one
    `Fulfillment._unless_stopped`, which waits for the step.
    """
    for _ in range(2):
        await workflow.wait_condition(lambda: True)


def _summary(batch: RecordBatch) -> str:
    """Return the events of a batch, as Temporal's UI shows them. Temporal allows 200 bytes."""
    return f"record {', '.join(event.type for event in batch.events)}"[:200]


def _attempts_before_it_gave_way(error: ActivityError) -> int | None:
    """Return the attempts of an activity that did not act for want of a slot or a record.

    None if it failed for another reason. Attempts before a wait for a slot are unknown, and not
    counted.
    """
    match error.cause:
        case exceptions.TimeoutError(type=exceptions.TimeoutType.SCHEDULE_TO_START):
            return 0
        case ApplicationError(type=type_, details=[int(attempts_made)]) if type_ == NOT_RECORDED:
            return attempts_made
    return None

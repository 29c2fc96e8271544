"""The one writer of an order's record, inside its workflow."""

from __future__ import annotations

import asyncio
from datetime import datetime

from temporalio import workflow

from orchestration.activities import OrderActivities
from orchestration.domain.life import OrderLife
from orchestration.ports import RecordBatch, Recorded
from orchestration.retries import UNTIL_DONE, UNTIL_DONE_TIMEOUT


class Journal:
    """Carries an order's events to the record, in order, one batch at a time.

    An ordinary activity and not a local one: a local one commits before its result is in the
    history, so that a lost workflow task could replay to another decision than the one on record.
    """

    def __init__(self, life: OrderLife, placed_at: datetime, run_id: str) -> None:
        """Begin where the life begins: all before that is on record. Write as that run."""
        self._placed_at = placed_at
        self._run_id = run_id
        self.recorded_sequence = life.snapshot.sequence
        self.findings: Recorded | None = None
        self._life = life
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write, in a task of its own, which no cancellation of the order reaches."""
        self._writer = asyncio.create_task(self._write())

    async def flush(self) -> None:
        """Return once all events so far are on record; raise what the writer failed with."""
        writer = self._writer
        if writer is None:
            raise RuntimeError("the journal has not been started")
        await workflow.wait_condition(lambda: not self._unwritten() or writer.done())
        if writer.done():
            writer.result()

    async def _write(self) -> None:
        while True:
            await workflow.wait_condition(self._unwritten)
            batch = self._next_batch()
            found = await workflow.execute_activity_method(
                OrderActivities.record_events,
                batch,
                start_to_close_timeout=UNTIL_DONE_TIMEOUT,
                retry_policy=UNTIL_DONE,
            )
            self.findings = self.findings or found
            self.recorded_sequence = batch.snapshot.sequence

    def _unwritten(self) -> bool:
        return self._life.snapshot.sequence > self.recorded_sequence

    def _next_batch(self) -> RecordBatch:
        return RecordBatch(
            order_id=self._life.order.id,
            run_id=self._run_id,
            order=None if self.recorded_sequence else self._life.order,
            placed_at=self._placed_at,
            events=self._life.events_after(self.recorded_sequence),
            snapshot=self._life.snapshot,
        )

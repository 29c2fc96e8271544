"""The Temporal Schedule that reconciles orders every few minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.service import RPCError, RPCStatusCode

from orchestration.reconcile_workflow import TIME_LIMIT, ReconcileWorkflow
from orchestration.rpc import unavailable_after

if TYPE_CHECKING:
    from temporalio.client import Client, ScheduleUpdateInput

SCHEDULE_ID: Final = "reconcile-orders"
"""One schedule per namespace, which is one deployment. The worker that started last sets it."""

_WORKFLOW_ID = f"schedule/{SCHEDULE_ID}"
"""Temporal appends the time. No order can have such an ID, or it would keep a run from starting."""

_CATCHUP_WINDOW = timedelta(minutes=1)
_RPC_TIMEOUT = timedelta(seconds=10)
_WORKER_WAIT = timedelta(minutes=10)
"""After this long without a worker, a run gives way to the next one."""


async def apply_schedule(client: Client, task_queue: str, interval: timedelta | None) -> None:
    """Create or update the schedule; delete it if ``interval`` is None.

    Safe to repeat and to run concurrently. A schedule that an operator paused stays paused. Raises
    TemporalUnavailable, or RPCError if another worker deletes the schedule meanwhile.
    """
    handle = client.get_schedule_handle(SCHEDULE_ID)
    async with unavailable_after(_RPC_TIMEOUT):
        if interval is None:
            try:
                await handle.delete()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            return
        schedule = _schedule(task_queue, interval)
        try:
            await client.create_schedule(SCHEDULE_ID, schedule)
        except ScheduleAlreadyRunningError:

            def update(current: ScheduleUpdateInput) -> ScheduleUpdate:
                return ScheduleUpdate(replace(schedule, state=current.description.schedule.state))

            await handle.update(update)


def _schedule(task_queue: str, interval: timedelta) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            ReconcileWorkflow.run,
            id=_WORKFLOW_ID,
            task_queue=task_queue,
            execution_timeout=TIME_LIMIT + _WORKER_WAIT,
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=interval)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCHUP_WINDOW),
    )

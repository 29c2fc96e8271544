"""Runs the reconciliation in the order worker. `reconcile_schedule.py` starts it periodically."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from orchestration.messages import ReconcileSummary

RECONCILE_ACTIVITY = "reconcile_orders"
TIME_LIMIT = timedelta(hours=1)

_HEARTBEAT_TIMEOUT = timedelta(minutes=1)


@workflow.defn
class ReconcileWorkflow:
    """One reconciliation. It is not retried, because the schedule starts the next one soon."""

    @workflow.run
    async def run(self) -> ReconcileSummary:  # ruff: ignore[no-self-use]
        summary: ReconcileSummary = await workflow.execute_activity(
            RECONCILE_ACTIVITY,
            result_type=ReconcileSummary,
            start_to_close_timeout=TIME_LIMIT,
            heartbeat_timeout=_HEARTBEAT_TIMEOUT,
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
        return summary

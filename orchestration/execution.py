"""Converts Temporal's description of an order's workflow execution.

It reads the service's response, because the SDK's ``describe`` raises ValueError for a paused
workflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from orchestration.workflow_status import WorkflowStatus

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp
    from temporalio.api.workflow.v1 import PendingActivityInfo
    from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse


@dataclass(frozen=True)
class PendingActivity:
    id: str
    workflow_id: str
    type: str
    attempt: int
    maximum_attempts: int | None
    last_failure: str | None
    next_attempt_at: datetime | None


@dataclass(frozen=True)
class Execution:
    """The latest run of an order's workflow, as Temporal describes it."""

    workflow_id: str
    run_id: str
    status: WorkflowStatus
    task_queue: str
    started_at: datetime
    closed_at: datetime | None
    history_length: int
    last_error: str | None
    pending_activities: list[PendingActivity]
    ui_url: str | None


def pending_activities(description: DescribeWorkflowExecutionResponse) -> list[PendingActivity]:
    """Return the pending activities of this execution, without those of its children."""
    workflow_id = description.workflow_execution_info.execution.workflow_id
    return [_pending(workflow_id, info) for info in description.pending_activities]


def execution(
    description: DescribeWorkflowExecutionResponse,
    pending: list[PendingActivity],
    ui_url: str | None,
) -> Execution:
    """Convert a description. ``pending`` includes the pending activities of its children."""
    info = description.workflow_execution_info
    failures = [
        f"{activity.type}: {activity.last_failure}" for activity in pending if activity.last_failure
    ]
    if description.pending_workflow_task.attempt > 1:
        failures.append(
            f"the workflow task is at attempt {description.pending_workflow_task.attempt};"
            " see the Temporal UI for the cause"
        )
    run = info.execution
    return Execution(
        workflow_id=run.workflow_id,
        run_id=run.run_id,
        status=WorkflowStatus.from_proto(info.status),
        task_queue=info.task_queue or description.execution_config.task_queue.name,
        started_at=_time(info.start_time),
        closed_at=_time(info.close_time) if info.HasField("close_time") else None,
        history_length=info.history_length,
        last_error=failures[-1] if failures else None,
        pending_activities=pending,
        ui_url=ui_url
        and f"{ui_url}/workflows/{quote(run.workflow_id, safe='')}/{run.run_id}/history",
    )


def _pending(workflow_id: str, info: PendingActivityInfo) -> PendingActivity:
    scheduled = info.HasField("next_attempt_schedule_time")
    return PendingActivity(
        id=info.activity_id,
        workflow_id=workflow_id,
        type=info.activity_type.name,
        attempt=info.attempt,
        maximum_attempts=info.maximum_attempts or None,
        last_failure=info.last_failure.message or None,
        next_attempt_at=_time(info.next_attempt_schedule_time) if scheduled else None,
    )


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)

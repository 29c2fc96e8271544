"""The Temporal execution of an order."""

# Strawberry types its decorator as Any if it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

import strawberry

from gql.context import Info
from gql.reading.merged_order import MergedOrder
from gql.types.enums import WorkflowStatus
from orchestration.messages import StatusQuery

if TYPE_CHECKING:
    from orchestration import client


@strawberry.type(
    description="An activity of this execution or of a running child that is running or waiting"
    " for its next attempt."
)
class PendingActivity:
    id: strawberry.ID = strawberry.field(
        description="`<workflowId>/<activity ID in Temporal>`. Unique across orders."
    )
    workflow_id: strawberry.ID = strawberry.field(
        description="The workflow that scheduled it: the order's or a shipping attempt's."
    )
    maximum_attempts: int | None = strawberry.field(description="Maximum attempts. null: no limit.")
    type: str = strawberry.field(description="Activity type.")
    attempt: int = strawberry.field(description="Number of the current attempt, starting at 1.")
    last_failure: str | None = strawberry.field(description="Why the previous attempt failed.")
    next_attempt_at: datetime | None = strawberry.field(
        description="When the next attempt starts. Null while an attempt is running."
    )

    @classmethod
    def of(cls, activity: client.PendingActivity) -> Self:
        return cls(
            id=strawberry.ID(f"{activity.workflow_id}/{activity.id}"),
            workflow_id=strawberry.ID(activity.workflow_id),
            maximum_attempts=activity.maximum_attempts,
            type=activity.type,
            attempt=activity.attempt,
            last_failure=activity.last_failure,
            next_attempt_at=activity.next_attempt_at,
        )


@strawberry.type(description="The order's workflow execution, as described by Temporal.")
class OrderWorkflow:
    merged: strawberry.Private[MergedOrder]
    id: strawberry.ID = strawberry.field(
        description="`<workflowId>/<runId>`. Unique across orders."
    )
    workflow_id: strawberry.ID = strawberry.field(
        description="Workflow ID, which is the order's ID."
    )
    run_id: strawberry.ID = strawberry.field(description="Temporal's run ID.")
    status: WorkflowStatus = strawberry.field(description="Execution status.")
    task_queue: str = strawberry.field(description="Task queue that its workers poll.")
    started_at: datetime = strawberry.field(description="When the execution started.")
    closed_at: datetime | None = strawberry.field(description="When the execution closed.")
    history_length: int = strawberry.field(description="Number of events in its history.")
    last_error: str | None = strawberry.field(
        description="Failure that currently blocks the execution, if any."
    )
    pending_activities: list[PendingActivity] = strawberry.field(
        description="Pending activities of this execution and of its running children."
    )
    ui_url: str | None = strawberry.field(
        description="Address of this execution in the Temporal UI."
    )

    @strawberry.field(
        description="The current step, from the workflow's status query. Null if no worker"
        " responds in time."
    )
    async def step(self, info: Info) -> str | None:
        status = self.merged.status
        if status is None and not self.merged.queried:
            order_id = self.merged.order.id
            status = await info.context.order_reader.status(order_id, StatusQuery())
        return status.step if status else None

    @classmethod
    def of(cls, execution: client.Execution, merged: MergedOrder) -> Self:
        return cls(
            merged=merged,
            id=strawberry.ID(f"{execution.workflow_id}/{execution.run_id}"),
            workflow_id=strawberry.ID(execution.workflow_id),
            run_id=strawberry.ID(execution.run_id),
            status=execution.status,
            task_queue=execution.task_queue,
            started_at=execution.started_at,
            closed_at=execution.closed_at,
            history_length=execution.history_length,
            last_error=execution.last_error,
            pending_activities=[PendingActivity.of(a) for a in execution.pending_activities],
            ui_url=execution.ui_url,
        )

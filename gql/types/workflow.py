"""Temporal's side of an order."""

# Strawberry types its decorator as Any where it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

import strawberry

from gql.context import Info
from gql.merged_order import MergedOrder
from gql.types.enums import WorkflowStatus
from orchestration.messages import StatusQuery

if TYPE_CHECKING:
    from orchestration import client


@strawberry.type(
    description="An activity under way, or waiting to be tried again: of this execution"
    " and of its running children."
)
class PendingActivity:
    """One attempt at one step."""

    id: strawberry.ID = strawberry.field(description="Temporal's id of it, within its workflow.")
    workflow_id: strawberry.ID = strawberry.field(
        description="The workflow that waits for it: the order's, or a shipping attempt's."
    )
    maximum_attempts: int | None = strawberry.field(
        description="How often it is tried; null: without limit."
    )
    type: str = strawberry.field(description="The activity's name.")
    attempt: int = strawberry.field(description="Which attempt this is, from 1.")
    last_failure: str | None = strawberry.field(description="Why the attempt before failed.")
    next_attempt_at: datetime | None = strawberry.field(
        description="When it is tried again; null while an attempt is under way."
    )

    @classmethod
    def of(cls, activity: client.PendingActivity) -> Self:
        """Show what Temporal describes."""
        return cls(
            id=strawberry.ID(activity.id),
            workflow_id=strawberry.ID(activity.workflow_id),
            maximum_attempts=activity.maximum_attempts,
            type=activity.type,
            attempt=activity.attempt,
            last_failure=activity.last_failure,
            next_attempt_at=activity.next_attempt_at,
        )


@strawberry.type(description="The order's execution, as Temporal describes it.")
class OrderWorkflow:
    """Described when a client asks for it, and only then."""

    merged: strawberry.Private[MergedOrder]
    workflow_id: strawberry.ID = strawberry.field(description="The order's id.")
    run_id: strawberry.ID = strawberry.field(description="Temporal's id of this run.")
    status: WorkflowStatus = strawberry.field(description="Whether it runs, or how it closed.")
    task_queue: str = strawberry.field(description="Where its workers listen.")
    started_at: datetime = strawberry.field(description="When it was started.")
    closed_at: datetime | None = strawberry.field(description="When it closed.")
    history_length: int = strawberry.field(description="How many events its history has.")
    last_error: str | None = strawberry.field(description="What holds it up, where something does.")
    pending_activities: list[PendingActivity] = strawberry.field(
        description="Its activities under way, and those of its running children."
    )
    ui_url: str | None = strawberry.field(description="This execution in Temporal's own web page.")

    @strawberry.field(
        description="What the status query handler answers: the step the workflow is in."
        " Null when no worker answers in time."
    )
    async def step(self, info: Info) -> str | None:
        """Take the answer that the order was merged with; ask where it was not asked yet."""
        status = self.merged.status
        if status is None and not self.merged.asked:
            order_id = self.merged.order.id
            status = await info.context.order_reader.status(order_id, StatusQuery())
        return status.step if status else None

    @classmethod
    def of(cls, execution: client.Execution, merged: MergedOrder) -> Self:
        """Show what Temporal describes of an order."""
        return cls(
            merged=merged,
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

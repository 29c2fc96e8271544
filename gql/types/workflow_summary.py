"""Executions found in Temporal's visibility store."""

# Strawberry types its decorator as Any if it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Self

import strawberry

from gql.context import Info
from gql.reading.merged_order import from_row
from gql.types.enums import Priority, WorkflowStatus
from gql.types.order import Order
from gql.types.page import PageInfo

if TYPE_CHECKING:
    from orchestration.visibility import FoundPage, FoundWorkflow


@strawberry.type(
    description="An execution in Temporal's visibility store, with its search attributes. The store"
    " is eventually consistent. A search attribute is null if the execution has none."
)
class WorkflowSummary:
    id: strawberry.ID = strawberry.field(description="`<workflowId>/<runId>`.")
    workflow_id: strawberry.ID = strawberry.field(
        description="Workflow ID, which is the order's ID."
    )
    run_id: strawberry.ID = strawberry.field(description="Temporal's run ID.")
    status: WorkflowStatus = strawberry.field(description="Execution status.")
    customer_id: strawberry.ID | None = strawberry.field(description="ID of the customer.")
    customer_name: str | None = strawberry.field(
        description="Name of the customer when the order started."
    )
    order_total: Decimal | None = strawberry.field(
        description="Total of the order in major units of its own currency."
    )
    priority: Priority | None = strawberry.field(description="Priority of the order.")
    started_at: datetime = strawberry.field(description="When the execution started.")
    closed_at: datetime | None = strawberry.field(description="When the execution closed.")

    @strawberry.field(
        description="The recorded order. It lags its workflow by at most the step being written."
        " Null if there is no row yet."
    )
    async def order(self, info: Info) -> Order | None:
        row = await info.context.loaders.orders.load(self.workflow_id)
        return Order.of(from_row(row)) if row else None

    @classmethod
    def of(cls, found: FoundWorkflow) -> Self:
        customer_id = found.customer_id
        return cls(
            id=strawberry.ID(f"{found.workflow_id}/{found.run_id}"),
            workflow_id=strawberry.ID(found.workflow_id),
            run_id=strawberry.ID(found.run_id),
            status=found.status,
            customer_id=None if customer_id is None else strawberry.ID(customer_id),
            customer_name=found.customer_name,
            order_total=found.order_total,
            # An order started from Temporal's own tools may have any text here.
            priority=Priority.__members__.get(found.priority or ""),
            started_at=found.started_at,
            closed_at=found.closed_at,
        )


@strawberry.type(
    description="A page of executions: open executions first, then closed ones, newest first in"
    " each group. It is not a connection: Temporal reads forward only, and has one cursor per page"
    " and none per entry."
)
class WorkflowPage:
    nodes: list[WorkflowSummary] = strawberry.field(description="The executions.")
    page_info: PageInfo = strawberry.field(
        description="Position of this page. `endCursor` is the cursor of the next page, and null on"
        " the last one. `startCursor` is always null."
    )
    query: str = strawberry.field(
        description="The visibility query that was sent, for reuse in Temporal's own tools."
    )

    @strawberry.field(
        description="Number of executions that match. Temporal counts separately, so it may differ"
        " from the pages by executions that start or close in the meantime."
    )
    async def total_count(self, info: Info) -> int | None:
        return await info.context.services.orders.count_found(self.query)

    @classmethod
    def of(cls, page: FoundPage, *, after: str | None) -> Self:
        return cls(
            nodes=[WorkflowSummary.of(found) for found in page.workflows],
            page_info=PageInfo(
                has_next_page=page.token is not None,
                has_previous_page=after is not None,
                start_cursor=None,
                end_cursor=page.token,
            ),
            query=page.query,
        )

"""Executions as a search in Temporal's visibility store finds them."""

# Strawberry types its decorator as Any where it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Self

import strawberry

from gql.context import Info
from gql.merged_order import from_row
from gql.types.enums import Priority, WorkflowStatus
from gql.types.order import Order
from gql.types.page import PageInfo

if TYPE_CHECKING:
    from orchestration.visibility import FoundPage, FoundWorkflow


@strawberry.type(
    description="An execution as Temporal's visibility store lists it, with the project's search"
    " attributes. The store follows the workflows by a moment."
)
class WorkflowSummary:
    """What the store has of an execution: all of it is null that the execution came without."""

    workflow_id: strawberry.ID = strawberry.field(description="The order's id.")
    run_id: strawberry.ID = strawberry.field(description="Temporal's id of this run.")
    status: WorkflowStatus = strawberry.field(description="Whether it runs, or how it closed.")
    customer_id: strawberry.ID | None = strawberry.field(description="Who ordered.")
    customer_name: str | None = strawberry.field(description="Their name when it was started.")
    order_total: Decimal | None = strawberry.field(
        description="The order's total in major units of its own currency."
    )
    priority: Priority | None = strawberry.field(description="How urgent it is.")
    started_at: datetime = strawberry.field(description="When it was started.")
    closed_at: datetime | None = strawberry.field(description="When it closed.")

    @strawberry.field(
        description="The order as it is on record, behind its workflow by the step being written"
        " at most; null where there is no row yet."
    )
    async def order(self, info: Info) -> Order | None:
        """Read the row, together with those of the other executions on this page."""
        row = await info.context.loaders.orders.load(self.workflow_id)
        return Order.of(from_row(row)) if row else None

    @classmethod
    def of(cls, found: FoundWorkflow) -> Self:
        """Show what the store has."""
        customer_id = found.customer_id
        return cls(
            workflow_id=strawberry.ID(found.workflow_id),
            run_id=strawberry.ID(found.run_id),
            status=found.status,
            customer_id=None if customer_id is None else strawberry.ID(customer_id),
            customer_name=found.customer_name,
            order_total=found.order_total,
            # Who starts an order from Temporal's own tools may write anything there.
            priority=Priority.__members__.get(found.priority or ""),
            started_at=found.started_at,
            closed_at=found.closed_at,
        )


@strawberry.type(
    description="A page of executions: the open ones first, then the closed; of each, the latest"
    " first."
)
class WorkflowConnection:
    """Temporal pages forward only: the one cursor is the page's last."""

    nodes: list[WorkflowSummary] = strawberry.field(description="The executions.")
    page_info: PageInfo = strawberry.field(
        description="Where this page stands. endCursor is null where nothing follows, and"
        " startCursor always."
    )
    query: str = strawberry.field(
        description="The visibility query that was sent, to reuse in Temporal's own tools."
    )

    @classmethod
    def of(cls, page: FoundPage, *, after: str | None) -> Self:
        """Show a page that was read after this cursor."""
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

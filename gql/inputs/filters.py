"""Filters and sorting of lists, and their conversion for Postgres and for Temporal visibility."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from gql.errors import bad_input
from gql.types.enums import OrderState, Priority, SortDirection, SortField, WorkflowStatus
from orchestration.domain.order import IDENTIFIER
from orchestration.domain.validation import text_problems
from orchestration.visibility import WorkflowSearch
from persistence.reads import OrderFilter

_NAME_LENGTH = 200


@strawberry.input(description="A range of amounts, including both ends. An omitted end is open.")
class DecimalRange:
    min: Decimal | None = strawberry.field(description="Smallest amount.")
    max: Decimal | None = strawberry.field(description="Largest amount.")


@strawberry.input(description="A range of times, including both ends. An omitted end is open.")
class DateTimeRange:
    from_: datetime | None = strawberry.field(name="from", description="Earliest time.")
    to: datetime | None = strawberry.field(description="Latest time.")


@strawberry.input(
    name="OrderFilter", description="Matches orders that satisfy every condition given."
)
class OrderFilterInput:
    ids: list[strawberry.ID] | None = strawberry.field(
        description="The order has one of these IDs."
    )
    states: list[OrderState] | None = strawberry.field(
        description="The order is in one of these states."
    )
    customer_id: strawberry.ID | None = strawberry.field(description="The customer has this ID.")
    customer_name: str | None = strawberry.field(
        description="The customer's name contains this text, ignoring case. Up to 200 characters."
    )
    priorities: list[Priority] | None = strawberry.field(
        description="The order has one of these priorities."
    )
    total: DecimalRange | None = strawberry.field(
        description="The total is in this range, in major units of the order's own currency."
    )
    created_at: DateTimeRange | None = strawberry.field(
        description="The order was started in this range."
    )

    def to_domain(self) -> OrderFilter:
        """Raise BAD_USER_INPUT for a customer name that no customer can have."""
        _check_name(self.customer_name)
        customer_id, ids = self.customer_id, self.ids
        # A malformed ID cannot exist, so the filter matches nothing.
        if customer_id is not None and not IDENTIFIER.fullmatch(customer_id):
            customer_id, ids = None, []
        return OrderFilter(
            ids=None if ids is None else [id_ for id_ in ids if IDENTIFIER.fullmatch(id_)],
            states=self.states,
            customer_id=customer_id,
            customer_name=self.customer_name,
            priorities=self.priorities,
            total_min=self.total.min if self.total else None,
            total_max=self.total.max if self.total else None,
            created_from=self.created_at.from_ if self.created_at else None,
            created_to=self.created_at.to if self.created_at else None,
        )


@strawberry.input(
    name="WorkflowFilter",
    description="Matches executions by search attributes in Temporal's visibility store. The store"
    " is eventually consistent.",
)
class WorkflowFilterInput:
    statuses: list[WorkflowStatus] | None = strawberry.field(
        description="The execution has one of these statuses. UNKNOWN matches nothing."
    )
    states: list[OrderState] | None = strawberry.field(
        description="The order is in one of these states. The store only receives"
        " AWAITING_APPROVAL, SHIPPING and the final states; between them it keeps the previous one,"
        " or none."
    )
    customer_id: strawberry.ID | None = strawberry.field(description="The customer has this ID.")
    customer_name: str | None = strawberry.field(
        description="The customer's name contains all of these words: whole words, ignoring case."
        " Up to 200 characters. Text without a letter or digit matches nothing."
    )
    priorities: list[Priority] | None = strawberry.field(
        description="The order has one of these priorities."
    )
    total: DecimalRange | None = strawberry.field(
        description="The total is in this range, in major units of the order's own currency."
    )

    def to_domain(self) -> WorkflowSearch:
        """Raise BAD_USER_INPUT for a customer name that no customer can have."""
        _check_name(self.customer_name)
        statuses = self.statuses
        return WorkflowSearch(
            # UNKNOWN stands for statuses that this schema lacks; Temporal has none of that name.
            statuses=statuses and [item for item in statuses if item is not WorkflowStatus.UNKNOWN],
            states=self.states,
            customer_id=self.customer_id,
            customer_name=self.customer_name,
            priorities=self.priorities,
            total_min=self.total.min if self.total else None,
            total_max=self.total.max if self.total else None,
        )


@strawberry.input(description="How to sort orders.")
class OrderSort:
    field: SortField = strawberry.field(
        default=SortField.CREATED_AT, description="The field to sort by."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The sort direction."
    )


def _check_name(name: str | None) -> None:
    if name is not None and name.strip():
        for problem in text_problems(name, _NAME_LENGTH):
            raise bad_input(f"filter.customerName {problem.message}.")

"""Filters and sorting of lists, and their conversion for Postgres and for Temporal visibility."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from gql.errors import bad_input
from gql.types.enums import (
    EventType,
    FailureCode,
    OrderState,
    PaymentStatus,
    Priority,
    SortDirection,
    SortField,
    WorkflowStatus,
)
from orchestration.domain.money import CURRENCY_DECIMALS
from orchestration.domain.order import IDENTIFIER
from orchestration.domain.validation import text_problems
from orchestration.visibility import WorkflowSearch
from persistence.reads import EventFilter, OrderFilter

_MAX_LENGTH = 200


@strawberry.input(description="A range of amounts, including both ends. An omitted end is open.")
class DecimalRange:
    from_: Decimal | None = strawberry.field(name="from", description="Smallest amount.")
    to: Decimal | None = strawberry.field(description="Largest amount.")


@strawberry.input(description="A range of times, including both ends. An omitted end is open.")
class DateTimeRange:
    from_: datetime | None = strawberry.field(name="from", description="Earliest time.")
    to: datetime | None = strawberry.field(description="Latest time.")


@strawberry.input(name="OrderFilter", description="Matches orders that meet all given conditions.")
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
    currency: str | None = strawberry.field(
        description="The order is in this currency, an ISO 4217 code."
    )
    total: DecimalRange | None = strawberry.field(
        description="The total is in this range, in major units. Requires `currency`."
    )
    sku: str | None = strawberry.field(description="A line of the order has this SKU.")
    payment_statuses: list[PaymentStatus] | None = strawberry.field(
        description="The payment has one of these statuses."
    )
    failure_codes: list[FailureCode] | None = strawberry.field(
        description="The order ended for one of these reasons."
    )
    created_at: DateTimeRange | None = strawberry.field(
        description="The order was started in this range."
    )
    updated_at: DateTimeRange | None = strawberry.field(
        description="The order's last event was in this range. In a feed, the event itself was."
    )

    def to_domain(self) -> OrderFilter:
        """Raise BAD_USER_INPUT for a text that no order can have, or a total without a currency."""
        _check_text("customerName", self.customer_name)
        _check_text("sku", self.sku)
        if self.total is not None and self.currency is None:
            raise bad_input(
                "filter.total compares amounts of one currency. Set filter.currency as well."
            )
        values = {
            name: value
            for field in fields(self)
            for name, value in _domain_values(field.name, getattr(self, field.name))
        }
        if self.currency is not None and self.currency not in CURRENCY_DECIMALS:
            raise bad_input("filter.currency must be an ISO 4217 code, such as USD.")
        # A malformed ID cannot exist, so the filter matches nothing.
        if self.customer_id is not None and not IDENTIFIER.fullmatch(self.customer_id):
            values |= {"customer_id": None, "ids": []}
        if values["ids"] is not None:
            values["ids"] = [id_ for id_ in values["ids"] if IDENTIFIER.fullmatch(id_)]
        return OrderFilter(**values)


def _domain_values(name: str, value: Any) -> list[tuple[str, Any]]:  # ruff: ignore[any-type] - any input type
    """Return the fields of the domain's filter that an input field sets, with their values."""
    prefix = _RANGES.get(name)
    if prefix is None:
        return [(name, value)]
    return [
        (f"{prefix}_from", value.from_ if value else None),
        (f"{prefix}_to", value.to if value else None),
    ]


_RANGES = {"total": "total", "created_at": "created", "updated_at": "updated"}
"""Input fields that are ranges, and the domain's name for them."""
_UNMATCHED = ({field.name for field in fields(OrderFilter)} - {"owner"}) ^ {
    name for field in fields(OrderFilterInput) for name, _ in _domain_values(field.name, None)
}
if _UNMATCHED:
    raise TypeError(
        f"OrderFilterInput and OrderFilter differ in {sorted(_UNMATCHED)}. Add each field to the"
        " other class. An input field that is a range also needs an entry in _RANGES, and has two"
        " fields in OrderFilter, such as created_from and created_to."
    )


@strawberry.input(name="EventFilter", description="Matches events that meet all given conditions.")
class EventFilterInput:
    order_id: strawberry.ID | None = strawberry.field(description="The event's order has this ID.")
    customer_id: strawberry.ID | None = strawberry.field(
        description="The customer of the event's order has this ID."
    )
    types: list[EventType] | None = strawberry.field(
        description="The event has one of these types. OTHER matches nothing."
    )
    at: DateTimeRange | None = strawberry.field(description="The event happened in this range.")

    def to_domain(self) -> EventFilter:
        ids = (self.order_id, self.customer_id)
        # A malformed ID cannot exist, so the filter matches nothing.
        malformed = any(id_ is not None and not IDENTIFIER.fullmatch(id_) for id_ in ids)
        return EventFilter(
            order_id=None if malformed else self.order_id,
            customer_id=None if malformed else self.customer_id,
            types=[] if malformed else self.types,
            at_from=self.at.from_ if self.at else None,
            at_to=self.at.to if self.at else None,
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
        description="The order is in one of these states. The store receives only"
        " AWAITING_APPROVAL and the final states. In any other state, an order is found"
        " by the last one that the store received, if any."
    )
    customer_id: strawberry.ID | None = strawberry.field(description="The customer has this ID.")
    customer_name: str | None = strawberry.field(
        description="The customer's name contains all of these words: whole words, ignoring case."
        " Up to 200 characters. Text without a letter or digit matches nothing."
        " BAD_USER_INPUT if the server does not store names in Temporal's search attributes."
    )
    priorities: list[Priority] | None = strawberry.field(
        description="The order has one of these priorities."
    )
    total: DecimalRange | None = strawberry.field(
        description="The total is in this range, in major units of the order's own currency."
    )

    def to_domain(self) -> WorkflowSearch:
        """Raise BAD_USER_INPUT for a customer name that no customer can have."""
        _check_text("customerName", self.customer_name)
        statuses = self.statuses
        return WorkflowSearch(
            # UNKNOWN stands for statuses that this schema lacks; Temporal has none of that name.
            statuses=statuses and [item for item in statuses if item is not WorkflowStatus.UNKNOWN],
            states=self.states,
            customer_id=self.customer_id,
            customer_name=self.customer_name,
            priorities=self.priorities,
            total_from=self.total.from_ if self.total else None,
            total_to=self.total.to if self.total else None,
        )


@strawberry.input(description="How to sort orders.")
class OrderSort:
    field: SortField = strawberry.field(
        default=SortField.CREATED_AT, description="The field to sort by."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The sort direction."
    )


def _check_text(name: str, value: str | None) -> None:
    if value is not None and value.strip():
        for problem in text_problems(value, _MAX_LENGTH):
            raise bad_input(f"filter.{name} {problem.message}.")

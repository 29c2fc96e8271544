"""The schema's input objects, and the domain's values made of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from gql.scalars import Duration
from gql.types.enums import (
    OrderState,
    Priority,
    ReviewMode,
    SortDirection,
    SortField,
    WorkflowStatus,
)
from orchestration.domain import order
from orchestration.domain.validation import MAX_ATTEMPTS, MAX_BACKOFF, MAX_QUANTITY, NOTE_LENGTH

_ORDER_ID = "The order."
_OWN_ID = (
    "Yours to choose, so that a retry is safe; made by the server where left out."
    " Written as StartOrderInput.id is."
)
_FOR_THE_AUDIT_TRAIL = f"For the audit trail: not blank, up to {NOTE_LENGTH} characters."
_ATTEMPTS = f"from 1 to {MAX_ATTEMPTS}"
_BACKOFF = f"from 1 to {MAX_BACKOFF:g}"


@strawberry.input(description="From the one to the other, both included; open where left out.")
class DecimalRange:
    """Amounts."""

    min: Decimal | None = strawberry.field(description="The smallest.")
    max: Decimal | None = strawberry.field(description="The largest.")


@strawberry.input(description="From the one to the other, both included; open where left out.")
class DateTimeRange:
    """Instants."""

    from_: datetime | None = strawberry.field(name="from", description="The earliest.")
    to: datetime | None = strawberry.field(description="The latest.")


@strawberry.input(description="Orders that match all that is given.")
class OrderFilter:
    """What to look for."""

    ids: list[strawberry.ID] | None = strawberry.field(description="One of these orders.")
    states: list[OrderState] | None = strawberry.field(description="In one of these states.")
    customer_id: strawberry.ID | None = strawberry.field(description="Of this customer.")
    customer_name: str | None = strawberry.field(
        description="Any part of the name, letter case aside. Up to 200 characters."
    )
    priorities: list[Priority] | None = strawberry.field(description="Of one of these priorities.")
    total: DecimalRange | None = strawberry.field(
        description="The total in major units of its own currency."
    )
    created_at: DateTimeRange | None = strawberry.field(description="When it was started.")


@strawberry.input(
    description="Executions that match all that is given, by the search attributes that Temporal's"
    " visibility store has. It follows the workflows by a moment."
)
class WorkflowFilter:
    """What to look for."""

    statuses: list[WorkflowStatus] | None = strawberry.field(
        description="Of one of these statuses. Nothing is found by UNKNOWN."
    )
    states: list[OrderState] | None = strawberry.field(
        description="In one of these states. The store is told of AWAITING_APPROVAL, SHIPPING and"
        " the ends alone: in between it has the last of them, or none."
    )
    customer_id: strawberry.ID | None = strawberry.field(description="Of this customer.")
    customer_name: str | None = strawberry.field(
        description="Words of the name: whole ones, letter case aside, all of them. Up to 200"
        " characters. Nothing is found by one without a letter or digit."
    )
    priorities: list[Priority] | None = strawberry.field(description="Of one of these priorities.")
    total: DecimalRange | None = strawberry.field(
        description="The total in major units of its own currency."
    )


@strawberry.input(description="What comes first.")
class OrderSort:
    """A field and its direction."""

    field: SortField = strawberry.field(
        default=SortField.CREATED_AT, description="What to compare."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="Which end comes first."
    )


@strawberry.input(description="Where an order goes.")
class AddressInput:
    """A postal address."""

    street: str = strawberry.field(description="Street and number, up to 200 characters.")
    city: str = strawberry.field(description="City or town, up to 100 characters.")
    region: str | None = strawberry.field(
        description="State, province or county, up to 100 characters."
    )
    postal_code: str | None = strawberry.field(description="Postal code, up to 20 characters.")
    country: str = strawberry.field(
        default="US", description="ISO 3166 alpha-2, in capital letters."
    )

    def to_domain(self) -> order.Address:
        """Return the domain's address, unchecked."""
        return order.Address(
            street=self.street,
            city=self.city,
            country=self.country,
            region=self.region,
            postal_code=self.postal_code,
        )


@strawberry.input(description="One line of an order.")
class OrderItemInput:
    """So many of one thing."""

    sku: str = strawberry.field(description="The stock keeping unit, up to 64 characters.")
    name: str | None = strawberry.field(description="What it is called, up to 200 characters.")
    quantity: int = strawberry.field(description=f"How many, from 1 to {MAX_QUANTITY}.")
    unit_price: Decimal = strawberry.field(
        description="For one of them, in major units, with no more decimals than the currency has;"
        " not negative."
    )


@strawberry.input(
    description="Left out: the setting. null where OrderPolicy allows null: no limit, no wait."
    " A Duration here is from one millisecond to 366 days."
)
class OrderPolicyInput:
    """How patient the order is to be."""

    review_mode: strawberry.Maybe[ReviewMode | None] = strawberry.field(
        description="Who decides before the charge."
    )
    review_timeout: strawberry.Maybe[Duration | None] = strawberry.field(
        description="How long the review lasts; null: without limit, in a MANUAL review alone."
    )
    deadline: strawberry.Maybe[Duration | None] = strawberry.field(
        description="From its start to the carrier, else it is undone; null: without limit."
    )
    activity_timeout: strawberry.Maybe[Duration | None] = strawberry.field(
        description="How long one attempt may take."
    )
    activity_attempts: strawberry.Maybe[int | None] = strawberry.field(
        description=f"How often a step is tried, {_ATTEMPTS}; null: without limit."
    )
    shipping_attempts: strawberry.Maybe[int | None] = strawberry.field(
        description=f"How often shipping is tried, {_ATTEMPTS}."
    )
    activity_retry_delay: strawberry.Maybe[Duration | None] = strawberry.field(
        description="Between a step's first attempt and its second."
    )
    activity_retry_backoff: strawberry.Maybe[float | None] = strawberry.field(
        description=f"By what the delay grows with each attempt, {_BACKOFF}."
    )
    shipping_retry_delay: strawberry.Maybe[Duration | None] = strawberry.field(
        description="Between the first shipping attempt and the second."
    )
    shipping_retry_backoff: strawberry.Maybe[float | None] = strawberry.field(
        description=f"By what that delay grows with each attempt, {_BACKOFF}."
    )
    delivery_timeout: strawberry.Maybe[Duration | None] = strawberry.field(
        description="Wait this long for confirmDelivery after shipping; null: do not wait."
    )


@strawberry.input(description="An order to start.")
class StartOrderInput:
    """What is ordered, by whom, and how patient it is."""

    id: strawberry.ID | None = strawberry.field(
        description="Yours to choose, so that a retry is safe; made by the server where left out."
        " 1 to 64 letters, digits, or . _ : - beginning with a letter or digit."
    )
    customer_id: strawberry.ID = strawberry.field(description="Who orders.")
    items: list[OrderItemInput] = strawberry.field(
        description="What is ordered: 1 to 200 lines, their total below 10^15 minor units."
    )
    currency: str = strawberry.field(default="USD", description="ISO 4217, of all its prices.")
    shipping_address: AddressInput = strawberry.field(description="Where it goes.")
    payment_id: strawberry.ID | None = strawberry.field(
        description="The charge's idempotency key; made from the order's id where left out."
        " Written as id is."
    )
    priority: Priority = strawberry.field(default=Priority.NORMAL, description="How urgent it is.")
    policy: OrderPolicyInput | None = strawberry.field(description="How patient it is.")


@strawberry.input(description="An order to let go on from review.")
class ApproveOrderInput:
    """A command."""

    order_id: strawberry.ID = strawberry.field(description=_ORDER_ID)
    command_id: strawberry.ID | None = strawberry.field(description=_OWN_ID)
    note: str | None = strawberry.field(description=_FOR_THE_AUDIT_TRAIL)


@strawberry.input(description="An order to stop before its charge.")
class CancelOrderInput:
    """A command."""

    order_id: strawberry.ID = strawberry.field(description=_ORDER_ID)
    command_id: strawberry.ID | None = strawberry.field(description=_OWN_ID)
    reason: str | None = strawberry.field(description=_FOR_THE_AUDIT_TRAIL)


@strawberry.input(description="An order to send elsewhere.")
class UpdateAddressInput:
    """A command."""

    order_id: strawberry.ID = strawberry.field(description=_ORDER_ID)
    command_id: strawberry.ID | None = strawberry.field(description=_OWN_ID)
    address: AddressInput = strawberry.field(description="Where it is to go.")


@strawberry.input(description="An order whose payment is to be voided or refunded.")
class CancelPaymentInput:
    """A command."""

    order_id: strawberry.ID = strawberry.field(description=_ORDER_ID)
    command_id: strawberry.ID | None = strawberry.field(description=_OWN_ID)
    reason: str | None = strawberry.field(description=_FOR_THE_AUDIT_TRAIL)


@strawberry.input(description="An order that the customer has.")
class ConfirmDeliveryInput:
    """A command."""

    order_id: strawberry.ID = strawberry.field(description=_ORDER_ID)
    command_id: strawberry.ID | None = strawberry.field(description=_OWN_ID)


@strawberry.input(description="A customer to create.")
class CreateCustomerInput:
    """Who orders."""

    id: strawberry.ID | None = strawberry.field(description=_OWN_ID)
    name: str = strawberry.field(description="Up to 200 characters.")
    email: str = strawberry.field(description="Unique among customers, up to 254 characters.")
    phone: str | None = strawberry.field(description="Up to 40 characters, not blank.")


@strawberry.input(description="A field left out stays as it is; phone: null removes it.")
class UpdateCustomerInput:
    """What is to change."""

    id: strawberry.ID = strawberry.field(description="The customer.")
    name: strawberry.Maybe[str | None] = strawberry.field(
        description="Up to 200 characters; not null."
    )
    email: strawberry.Maybe[str | None] = strawberry.field(
        description="Unique among customers, up to 254 characters; not null."
    )
    phone: strawberry.Maybe[str | None] = strawberry.field(
        description="Up to 40 characters, not blank; null removes it."
    )


@strawberry.input(description="A customer to delete.")
class DeleteCustomerInput:
    """One without orders."""

    id: strawberry.ID = strawberry.field(description="The customer.")

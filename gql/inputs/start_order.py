"""The input of startOrder, and its conversion to the domain's request."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import strawberry

from gql.inputs.address import AddressInput
from gql.inputs.customers import OrderCustomerInput
from gql.inputs.policy import OrderPolicyInput
from gql.types.enums import Priority
from orchestration.domain.money import (
    CURRENCY_DECIMALS,
    MAX_MINOR_UNITS,
    NotRepresentable,
    to_minor_units,
)
from orchestration.domain.order import LineItem, OrderRequest, Policy
from orchestration.domain.validation import (
    MAX_QUANTITY,
    FieldProblem,
    ProblemCode,
    customer_problems,
    identifier_problems,
    policy_problems,
    request_problems,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_ID = 64
_PAYMENT_PREFIX = "pay-"
_DIGEST_LENGTH = 16


@strawberry.input(description="A line of an order.")
class OrderItemInput:
    sku: str = strawberry.field(description="Stock keeping unit. Up to 64 characters.")
    name: str | None = strawberry.field(description="Product name. Up to 200 characters.")
    quantity: int = strawberry.field(description=f"Number of units, from 1 to {MAX_QUANTITY}.")
    unit_price: Decimal = strawberry.field(
        description="Price per unit in major units of the order's currency, with no more decimals"
        " than that currency has. Not negative."
    )


@strawberry.input(description="An order to start.")
class StartOrderInput:
    id: strawberry.ID | None = strawberry.field(
        description="Client-chosen ID that makes retries safe. Generated if omitted."
        " 1 to 64 letters, digits, or . _ : - starting with a letter or digit."
    )
    customer_id: strawberry.ID | None = strawberry.field(
        description="ID of an existing customer. Either this or `customer` is required."
    )
    customer: OrderCustomerInput | None = strawberry.field(
        description="Finds the customer by email address, or creates it. Instead of `customerId`."
        " Requires the scope `customers:write`."
    )
    items: list[OrderItemInput] = strawberry.field(
        description="1 to 200 lines, with a total below 10^15 minor units."
    )
    currency: str = strawberry.field(description="ISO 4217 code of all prices, such as USD.")
    shipping_address: AddressInput = strawberry.field(description="Address to ship to.")
    payment_id: strawberry.ID | None = strawberry.field(
        description="Idempotency key of the charge. Derived from the order's ID if omitted."
        " Same format as `id`."
    )
    priority: Priority = strawberry.field(
        default=Priority.NORMAL, description="Priority, for filtering."
    )
    policy: OrderPolicyInput | None = strawberry.field(
        description="Time limits, attempts and review mode."
    )

    def to_domain(self, default_policy: dict[str, Any]) -> tuple[OrderRequest, Policy]:
        """Return the request and the resolved policy, or raise InvalidOrder with every problem.

        With an inline customer, the request's customer ID is a placeholder of no customer.
        """
        problems: list[FieldProblem] = []
        policy = self.policy.to_domain(problems) if self.policy else {}
        request = OrderRequest(
            customer_id=str(uuid4()) if self.customer_id is None else self.customer_id,
            items=[
                _line_item(item, index, self.currency, problems)
                for index, item in enumerate(self.items)
            ],
            currency=self.currency,
            shipping_address=self.shipping_address.to_domain(),
            priority=self.priority,
            payment_id=self.payment_id,
            policy=policy,
        )
        resolved = Policy(**{**default_policy, **policy})
        problems = [
            *identifier_problems(self.id, "id"),
            *self._customer_problems(),
            *request_problems(request),
            *problems,
            *policy_problems(resolved),
        ]
        if problems:
            raise InvalidOrder(problems)
        return request, resolved

    def _customer_problems(self) -> Iterator[FieldProblem]:
        given = self.customer
        if given is None:
            if self.customer_id is None:
                yield FieldProblem(
                    ProblemCode.REQUIRED, ("customer_id",), "is required, unless customer is given"
                )
            return
        if self.customer_id is not None:
            yield FieldProblem(
                ProblemCode.OTHER, ("customer",), "must not be combined with customerId"
            )
        for problem in customer_problems(given.name, given.email, given.phone):
            yield replace(problem, path=("customer", *problem.path))


class InvalidOrder(Exception):
    """The input breaks the rules named in ``problems``."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def default_payment_id(order_id: str) -> str:
    """Derive the charge's idempotency key. Different order IDs give different keys."""
    if len(_PAYMENT_PREFIX) + len(order_id) <= _MAX_ID:
        return _PAYMENT_PREFIX + order_id
    kept = _MAX_ID - len(_PAYMENT_PREFIX) - _DIGEST_LENGTH - 1
    digest = sha256(order_id.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{_PAYMENT_PREFIX}{order_id[:kept]}-{digest}"


def _line_item(
    item: OrderItemInput, index: int, currency: str, problems: list[FieldProblem]
) -> LineItem:
    path = ("items", str(index), "unit_price")
    # A price that cannot be converted keeps its sign, so that a negative one is reported as well.
    price = -1 if item.unit_price < 0 else 0
    if currency in CURRENCY_DECIMALS:
        try:
            price = to_minor_units(item.unit_price, currency)
        except NotRepresentable as error:
            problems.append(FieldProblem(ProblemCode.OUT_OF_RANGE, path, str(error)))
    elif abs(item.unit_price) >= MAX_MINOR_UNITS:
        problems.append(FieldProblem(ProblemCode.OUT_OF_RANGE, path, "is too large"))
    return LineItem(sku=item.sku, quantity=item.quantity, unit_price=price, name=item.name)

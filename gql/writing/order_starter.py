"""Starts orders. Repeating a start is safe: it has the order's ID, and its content is compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import strawberry
from strawberry.utils.str_converters import to_camel_case

from gql.access.field_scopes import forbidden
from gql.access.principal import Principal, Scope
from gql.errors import ErrorCode, RequestError
from gql.inputs.start_order import InvalidOrder, default_payment_id
from gql.reading.merged_order import from_row, from_start
from gql.reading.order_reader import OrderReader
from gql.types.order import Order
from gql.types.results import (
    CustomerNotFound,
    InvalidInput,
    OrderConflict,
    OrderStarted,
    PaymentConflict,
)
from orchestration.client import OrderClient, TemporalUnavailable
from orchestration.domain import order
from persistence.customers import PostgresCustomers
from persistence.reads import NamedCustomer, Reads

if TYPE_CHECKING:
    from gql.context import Context
    from gql.inputs.customers import OrderCustomerInput
    from gql.inputs.policy import OrderPolicyInput
    from gql.inputs.start_order import StartOrderInput
    from gql.reading.merged_order import MergedOrder
    from orchestration.client import Started
    from orchestration.domain.order import OrderRequest, Policy

_CUSTOMER_ID = "customerId"

Answer = OrderStarted | InvalidInput | CustomerNotFound | OrderConflict | PaymentConflict


@dataclass(frozen=True)
class OrderStarter:
    """Starts orders for the principal, which may be limited to the orders of one customer.

    ``default_policy`` has the values for fields that an order's policy omits.
    """

    reads: Reads
    customers: PostgresCustomers
    orders: OrderClient
    reader: OrderReader
    default_policy: dict[str, Any]
    principal: Principal

    @classmethod
    def of(cls, context: Context) -> Self:
        services = context.services
        default_policy = services.settings.default_policy
        return cls(
            context.reads,
            services.customers,
            services.orders,
            context.order_reader,
            default_policy,
            context.principal,
        )

    def _is_hidden(self, customer_id: str) -> bool:
        """Return whether the caller is limited to the orders of another customer."""
        return self.principal.customer_id not in {None, customer_id}

    def _check_policy(self, policy: OrderPolicyInput) -> None:
        """Raise RequestError (FORBIDDEN)."""
        by_customer = self.principal.customer_id is not None
        name = policy.restricted_field(by_customer=by_customer)
        if name is not None and Scope.ORDERS_POLICY not in self.principal.scopes:
            raise forbidden(f"OrderPolicyInput.{to_camel_case(name)}", [Scope.ORDERS_POLICY])

    def _check_inline_customer(self) -> None:
        """Raise RequestError (FORBIDDEN). A customer must not learn of another one by its email."""
        if self.principal.customer_id or Scope.CUSTOMERS_WRITE not in self.principal.scopes:
            raise forbidden("StartOrderInput.customer", [Scope.CUSTOMERS_WRITE])

    async def start(self, start_input: StartOrderInput) -> Answer:
        """Start the order, or find the one started earlier.

        Raises RequestError (SERVICE_UNAVAILABLE, or FORBIDDEN for the policy or the inline
        customer) or RecordUnavailable.
        """
        if start_input.policy:
            self._check_policy(start_input.policy)
        if start_input.customer:
            self._check_inline_customer()
        try:
            request, policy = start_input.to_domain(self.default_policy)
        except InvalidOrder as invalid:
            return InvalidInput.of(invalid.problems)
        if self._is_hidden(request.customer_id):
            return CustomerNotFound.of(request.customer_id)
        return await self._start_or_find(start_input, request, policy)

    async def _start_or_find(
        self, start_input: StartOrderInput, request: OrderRequest, policy: Policy
    ) -> Answer:
        order_id = start_input.id or str(uuid4())
        payment_id = start_input.payment_id or default_payment_id(order_id)
        inline = start_input.customer
        facts = await self.reads.start_facts(
            order_id,
            payment_id,
            customer_id=start_input.customer_id,
            email=inline.email if inline else None,
        )
        if facts.customer is not None:
            request = replace(request, customer_id=facts.customer.id)
        if facts.stored is not None:
            # The row outlives Temporal's retention, so it answers even if the workflow is gone.
            return await self._repeated(request, from_row(facts.stored))

        refusal: CustomerNotFound | PaymentConflict | None = None
        if facts.customer is None and inline is None:
            refusal = CustomerNotFound.of(request.customer_id)
        elif facts.payment_owner is not None:
            refusal = _payment_conflict(payment_id)
        if refusal is not None:
            # An earlier start may have been accepted before the customer was deleted, or before
            # another order took the payment ID. Its workflow has not written the row yet.
            earlier = await self._earlier_start(order_id) if start_input.id else None
            return await self._repeated(request, from_start(earlier)) if earlier else refusal

        customer = facts.customer
        if customer is None:
            # Created only now: a start that is refused creates no customer.
            assert inline is not None  # ruff: ignore[assert] - it would have been refused
            customer = await self._find_or_create(inline)
            request = replace(request, customer_id=customer.id)
        new = order.Order(order_id, request, customer.name, payment_id, policy)
        started = await self._start(new)
        if started.created:
            return OrderStarted(order=Order.of(from_start(started)), replayed=False)
        return await self._repeated(request, from_start(started))

    async def _find_or_create(self, given: OrderCustomerInput) -> NamedCustomer:
        stored = await self.customers.find_or_create(given.name, given.email, given.phone)
        return NamedCustomer(stored.id, stored.name)

    async def _earlier_start(self, order_id: str) -> Started | None:
        try:
            return await self.orders.find_started(order_id)
        except TemporalUnavailable as error:
            raise RequestError(
                ErrorCode.SERVICE_UNAVAILABLE,
                f"Temporal did not respond, so it is unknown whether order {order_id} was already"
                " started. Retry with the same id; the order is started at most once.",
            ) from error

    async def _start(self, new: order.Order) -> Started:
        try:
            return await self.orders.start(new)
        except TemporalUnavailable as error:
            raise RequestError(
                ErrorCode.SERVICE_UNAVAILABLE,
                f"Temporal did not respond, so order {new.id} may not have been started."
                " Retry with the same id; the order is started at most once.",
            ) from error

    async def _repeated(
        self, request: OrderRequest, existing: MergedOrder
    ) -> OrderStarted | OrderConflict:
        """Return the existing order if it was started with the same request."""
        order_id, first = existing.order.id, existing.order.request
        differs = [to_camel_case(name) for name in order.differing_fields(first, request)]
        if self._is_hidden(first.customer_id):
            differs = [_CUSTOMER_ID]  # what else differs is not for this caller
        if differs:
            return OrderConflict(
                message=f"Order {order_id} already exists with different {', '.join(differs)}.",
                order_id=strawberry.ID(order_id),
                differs=differs,
            )
        merged = await self.reader.order(order_id) or existing
        return OrderStarted(order=Order.of(merged), replayed=True)


def _payment_conflict(payment_id: str) -> PaymentConflict:
    return PaymentConflict(
        message=f"Payment {payment_id} belongs to another order.",
        payment_id=strawberry.ID(payment_id),
    )

"""Orders, and pages of them. CONTRIBUTING.md says how to add a field."""

# Strawberry types its decorator as Any if it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from itertools import starmap
from typing import TYPE_CHECKING, Self

import strawberry

from gql.access.command_scopes import allowed_commands
from gql.context import Context, Info
from gql.execution.fields import attribute, batch_resolver
from gql.reading.event_pages import DEFAULT_EVENTS, read_events
from gql.reading.merged_order import MergedOrder, from_row
from gql.reading.order_pages import OrderPage
from gql.reading.paging import feed_cursor, page_arguments
from gql.reading.shipments import read_shipments
from gql.types.customer import Customer
from gql.types.enums import CommandName, FailureCode, OrderState, Priority
from gql.types.event import OrderEventConnection
from gql.types.page import After, Before, First, Last, PageInfo
from gql.types.payment import Payment
from gql.types.policy import OrderPolicy
from gql.types.shipment import Shipment
from gql.types.values import Address, Money
from gql.types.workflow import OrderWorkflow
from orchestration.domain import money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.domain import order


@strawberry.type(description="A line of an order.")
class OrderItem:
    id: strawberry.ID = strawberry.field(
        description="`<order ID>/<line>`, with the lines counted from 1. Never changes."
    )
    sku: str = strawberry.field(description="Stock keeping unit.")
    name: str | None = strawberry.field(description="Product name.")
    quantity: int = strawberry.field(description="Number of units.")
    unit_price: Money = strawberry.field(description="Price per unit.")

    @classmethod
    def of(cls, item: order.LineItem, currency: str, item_id: str) -> Self:
        return cls(
            id=strawberry.ID(item_id),
            sku=item.sku,
            name=item.name,
            quantity=item.quantity,
            unit_price=Money.of(money.Money(item.unit_price, currency)),
        )


@strawberry.type(description="Why an order did not complete.")
class OrderFailure:
    code: FailureCode = strawberry.field(description="Reason, for programs.")
    message: str = strawberry.field(description="Reason, for people.")

    @classmethod
    def of(cls, failure: order.OrderFailure) -> Self:
        return cls(code=failure.code, message=failure.message)


def _items(self: Order) -> list[OrderItem]:
    placed = self.merged.order
    request = placed.request
    return [
        OrderItem.of(item, request.currency, f"{placed.id}/{line}")
        for line, item in enumerate(request.items, start=1)
    ]


def _total(self: Order) -> Money:
    return Money.of(self.merged.order.request.total)


def _shipping_address(self: Order) -> Address:
    return Address.of(self.merged.snapshot.shipping_address)


def _policy(self: Order) -> OrderPolicy:
    return OrderPolicy.of(self.merged.order.policy)


def _failure(self: Order) -> OrderFailure | None:
    failure = self.merged.snapshot.failure
    return OrderFailure.of(failure) if failure else None


async def _available_commands(  # ruff: ignore[unused-async] - a batch resolver is a coroutine
    context: Context, orders: Sequence[Order]
) -> list[list[CommandName]]:
    allowed = allowed_commands(context.principal.scopes)
    return [
        [name for name in order.merged.available_commands if name in allowed] for order in orders
    ]


async def _customers(context: Context, orders: Sequence[Order]) -> list[Customer | None]:
    ids = [order.merged.order.request.customer_id for order in orders]
    found = await context.loaders.customers.load_all(ids)
    return [Customer.of(stored) if stored else None for stored in found]


async def _payments(context: Context, orders: Sequence[Order]) -> list[Payment | None]:
    recorded = [order.merged.order.id for order in orders if order.merged.recorded]
    found = dict(zip(recorded, await context.loaders.payments.load_all(recorded), strict=True))
    return [
        (Payment.of(stored, order.merged) if (stored := found[order.merged.order.id]) else None)
        if order.merged.recorded
        else Payment.of_workflow(order.merged)
        for order in orders
    ]


async def _shipments(context: Context, orders: Sequence[Order]) -> list[list[Shipment]]:
    merged = [order.merged for order in orders]
    found = await read_shipments(context.loaders, merged)
    return [
        [Shipment.of(order.order.id, attempt) for attempt in attempts]
        for order, attempts in zip(merged, found, strict=True)
    ]


async def _events(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - GraphQL arguments
    context: Context,
    orders: Sequence[Order],
    first: int | None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> list[OrderEventConnection]:
    merged = [order.merged for order in orders]
    arguments = page_arguments(first, after, last, before, default=DEFAULT_EVENTS)
    pages = await read_events(context.loaders, merged, arguments)
    return list(starmap(OrderEventConnection.of, zip(pages, merged, strict=True)))


@strawberry.type(description="An order, merged from its row in Postgres and its workflow.")
class Order:
    merged: strawberry.Private[MergedOrder]
    id: strawberry.ID = attribute(
        "merged.order.id", description="ID of the order and of its workflow."
    )
    state: OrderState = attribute(
        "merged.snapshot.state",
        description="The state according to Postgres or Temporal, whichever has the higher event"
        " sequence. A failed shipping attempt goes back to SHIPPING.",
    )
    sequence: int = attribute(
        "merged.snapshot.sequence",
        description="Sequence of the last event that this answer includes. 0 while PLACED.",
    )
    items: list[OrderItem] = strawberry.field(resolver=_items, description="Lines of the order.")
    total: Money = strawberry.field(resolver=_total, description="Sum of the lines.")
    priority: Priority = attribute(
        "merged.order.request.priority", description="Priority of the order."
    )
    shipping_address: Address = strawberry.field(
        resolver=_shipping_address, description="Shipping address, as last updated."
    )
    policy: OrderPolicy = strawberry.field(
        resolver=_policy, description="Time limits, attempts and review mode of this order."
    )
    failure: OrderFailure | None = strawberry.field(
        resolver=_failure,
        description="Why the order did not complete. Null while it runs and if it is COMPLETED.",
    )
    review_deadline: datetime | None = attribute(
        "merged.snapshot.review_deadline",
        description="When the review ends. Null before the review and if the review has no limit.",
    )
    deadline: datetime | None = attribute(
        "merged.snapshot.deadline",
        description="Deadline for handing the order to the carrier. Null if the order has none.",
    )
    ended_at: datetime | None = attribute(
        "merged.snapshot.ended_at", description="When the order ended. Null until then."
    )
    created_at: datetime = attribute("merged.created_at", description="When the order was started.")
    updated_at: datetime = attribute(
        "merged.snapshot.updated_at", description="When the last event happened."
    )

    customer_name: str = attribute(
        "merged.order.customer_name",
        description="Name of the customer when the order started, which"
        " `OrderFilter.customerName` searches.",
    )

    @strawberry.field(
        description="Commands that the order accepts now and that the caller has a scope for.",
        metadata=batch_resolver(_available_commands),
    )
    async def available_commands(self, info: Info) -> list[CommandName]:
        [names] = await _available_commands(info.context, [self])
        return names

    @strawberry.field(
        description="The customer. Null if the customer does not exist.",
        metadata=batch_resolver(_customers),
    )
    async def customer(self, info: Info) -> Customer | None:
        [customer] = await _customers(info.context, [self])
        return customer

    @strawberry.field(
        description="The order's payment. Null if the payment ID already belonged to another"
        " order.",
        metadata=batch_resolver(_payments),
    )
    async def payment(self, info: Info) -> Payment | None:
        [payment] = await _payments(info.context, [self])
        return payment

    @strawberry.field(
        description="Attempts to ship the order, oldest first. At most 20.",
        metadata=batch_resolver(_shipments),
    )
    async def shipments(self, info: Info) -> list[Shipment]:
        [shipments] = await _shipments(info.context, [self])
        return shipments

    @strawberry.field(
        description="Events of the order, oldest first.", metadata=batch_resolver(_events)
    )
    async def events(
        self,
        info: Info,
        first: First = DEFAULT_EVENTS,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> OrderEventConnection:
        [events] = await _events(info.context, [self], first, after, last, before)
        return events

    @strawberry.field(
        description="The workflow execution in Temporal. Null after Temporal's retention period and"
        " while Temporal is unavailable."
    )
    async def workflow(self, info: Info) -> OrderWorkflow | None:
        execution = self.merged.execution
        if not self.merged.described:
            execution = await info.context.order_reader.execution(self.merged.order.id)
        return OrderWorkflow.of(execution, self.merged) if execution else None

    @classmethod
    def of(cls, merged: MergedOrder) -> Self:
        return cls(merged=merged)


@strawberry.type(description="An order in a page, with its cursor.")
class OrderEdge:
    node: Order = strawberry.field(description="The order.")
    cursor: str = strawberry.field(description="Cursor of this order, for `after` and `before`.")


@strawberry.type(description="The number of orders in a state.")
class OrderStateCount:
    state: OrderState = strawberry.field(description="The state.")
    count: int = strawberry.field(description="Number of orders in the state.")


@strawberry.type(description="A page of orders.")
class OrderConnection:
    page: strawberry.Private[OrderPage]
    nodes: list[Order] = strawberry.field(description="The orders.")
    unanswered: list[strawberry.ID] = strawberry.field(
        description="With `live: true`, IDs of the running orders on this page whose workflow did"
        " not respond in time or does not exist. They are shown as recorded."
    )

    @strawberry.field(
        description="Position of `orderFeed` when this page was read. A feed resumed from here"
        " misses no event after the page."
    )
    def feed_cursor(self) -> str:
        return feed_cursor(self.page.rows.position)

    @strawberry.field(description="Position of this page.")
    def page_info(self) -> PageInfo:
        return PageInfo.of(self.page.rows, self.page.sorting.cursor_of)

    @strawberry.field(description="The orders, each with its cursor.")
    def edges(self) -> list[OrderEdge]:
        cursor_of = self.page.sorting.cursor_of
        pairs = zip(self.nodes, self.page.rows.nodes, strict=True)
        return [OrderEdge(node=node, cursor=cursor_of(row)) for node, row in pairs]

    @strawberry.field(description="Number of orders that match.")
    async def total_count(self) -> int | None:
        return await self.page.counts.total()

    @strawberry.field(
        description="Number of orders in each state, ignoring `filter.states`, in the order of"
        " OrderState. States without orders are omitted."
    )
    async def state_counts(self) -> list[OrderStateCount] | None:
        counts = await self.page.counts.by_state()
        return [
            OrderStateCount(state=state, count=counts[state])
            for state in OrderState
            if state in counts
        ]

    @classmethod
    def of(cls, page: OrderPage, live: tuple[list[MergedOrder], list[str]] | None = None) -> Self:
        """``live`` is the result of ``OrderReader.live`` for the page."""
        merged, silent = live or ([from_row(row) for row in page.rows.nodes], [])
        unanswered = [strawberry.ID(order_id) for order_id in silent]
        return cls(page=page, nodes=[Order.of(order) for order in merged], unanswered=unanswered)

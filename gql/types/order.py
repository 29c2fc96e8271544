"""The merged order, and pages of orders."""

# Strawberry types its decorator as Any where it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from gql.context import Context, Info
from gql.fields import attribute, read_by
from gql.merged_order import MergedOrder, from_row
from gql.order_events import read_events
from gql.order_pages import OrderCounts, OrderSorting
from gql.paging import feed_cursor
from gql.types.customer import Customer
from gql.types.enums import CommandName, FailureCode, OrderState, Priority
from gql.types.event import OrderEventConnection
from gql.types.page import PageInfo
from gql.types.payment import Payment
from gql.types.policy import OrderPolicy
from gql.types.values import Address, Money
from gql.types.workflow import OrderWorkflow
from orchestration.domain import money
from persistence.reads import Page, StoredOrder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.domain import order


@strawberry.type(description="One line of an order.")
class OrderItem:
    """So many of one thing."""

    sku: str = strawberry.field(description="The stock keeping unit.")
    name: str | None = strawberry.field(description="What it is called.")
    quantity: int = strawberry.field(description="How many.")
    unit_price: Money = strawberry.field(description="For one of them.")

    @classmethod
    def of(cls, item: order.LineItem, currency: str) -> Self:
        """Show the domain's line."""
        return cls(
            sku=item.sku,
            name=item.name,
            quantity=item.quantity,
            unit_price=Money.of(money.Money(item.unit_price, currency)),
        )


@strawberry.type(description="Why an order ended as it did, where it did not complete.")
class OrderFailure:
    """For programs and for people."""

    code: FailureCode = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people.")

    @classmethod
    def of(cls, failure: order.OrderFailure) -> Self:
        """Show the domain's failure."""
        return cls(code=failure.code, message=failure.message)


def _items(self: Order) -> list[OrderItem]:
    request = self.merged.order.request
    return [OrderItem.of(item, request.currency) for item in request.items]


def _total(self: Order) -> Money:
    return Money.of(self.merged.order.request.total)


def _shipping_address(self: Order) -> Address:
    return Address.of(self.merged.snapshot.shipping_address)


def _policy(self: Order) -> OrderPolicy:
    return OrderPolicy.of(self.merged.order.policy)


def _failure(self: Order) -> OrderFailure | None:
    failure = self.merged.snapshot.failure
    return OrderFailure.of(failure) if failure else None


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


async def _events(
    context: Context, orders: Sequence[Order], first: int, after: str | None = None
) -> list[OrderEventConnection]:
    pages = await read_events(context, [order.merged for order in orders], first, after or None)
    return [
        OrderEventConnection.of(page, order.merged)
        for page, order in zip(pages, orders, strict=True)
    ]


@strawberry.type(description="An order: its row and its workflow in one answer.")
class Order:
    """Plain where nothing more has to be read; what few clients ask for is made when one does."""

    merged: strawberry.Private[MergedOrder]
    id: strawberry.ID = attribute("merged.order.id", description="Also the id of its workflow.")
    state: OrderState = attribute(
        "merged.snapshot.state",
        description="The state with the higher event sequence of Temporal's and Postgres'"
        " (a failed shipping attempt goes back to SHIPPING).",
    )
    sequence: int = attribute(
        "merged.snapshot.sequence",
        description="The sequence of the last event this answer includes; 0 while PLACED.",
    )
    available_commands: list[CommandName] = attribute(
        "merged.available_commands", description="Commands that the order would accept now."
    )
    items: list[OrderItem] = strawberry.field(resolver=_items, description="What is ordered.")
    total: Money = strawberry.field(resolver=_total, description="The sum of its lines.")
    priority: Priority = attribute("merged.order.request.priority", description="How urgent it is.")
    shipping_address: Address = strawberry.field(
        resolver=_shipping_address, description="Where it goes, as last updated."
    )
    policy: OrderPolicy = strawberry.field(resolver=_policy, description="How patient it is.")
    failure: OrderFailure | None = strawberry.field(
        resolver=_failure,
        description="Why the order ended as it did, where it did not complete.",
    )
    review_deadline: datetime | None = attribute(
        "merged.snapshot.review_deadline",
        description="When its review ends; null before the review and where it has no limit.",
    )
    deadline: datetime | None = attribute(
        "merged.snapshot.deadline",
        description="By when it has to be with the carrier; null where it has no limit.",
    )
    ended_at: datetime | None = attribute(
        "merged.snapshot.ended_at", description="When it reached its end."
    )
    created_at: datetime = attribute("merged.created_at", description="When it was started.")
    updated_at: datetime = attribute(
        "merged.snapshot.updated_at", description="When its last event happened."
    )

    @strawberry.field(description="Who ordered.", metadata=read_by(_customers))
    async def customer(self, info: Info) -> Customer | None:
        """Read the customer, together with those of the other orders on this level."""
        [customer] = await _customers(info.context, [self])
        return customer

    @strawberry.field(
        description="Its one charge; null where its payment id is another order's.",
        metadata=read_by(_payments),
    )
    async def payment(self, info: Info) -> Payment | None:
        """Read the payment's row; where there is none yet, show what the workflow knows."""
        [payment] = await _payments(info.context, [self])
        return payment

    @strawberry.field(description="The audit trail, oldest first.", metadata=read_by(_events))
    async def events(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 50,
        after: Annotated[
            str | None, strawberry.argument(description="The cursor to go on from.")
        ] = strawberry.UNSET,
    ) -> OrderEventConnection:
        """Read a page of events, together with those of the other orders on this level."""
        [events] = await _events(info.context, [self], first, after)
        return events

    @strawberry.field(
        description="Temporal's side. Null once Temporal's retention has passed,"
        " or while Temporal is out of reach."
    )
    async def workflow(self, info: Info) -> OrderWorkflow | None:
        """Ask Temporal to describe the execution, where it was not described before."""
        execution = self.merged.execution
        if not self.merged.described:
            execution = await info.context.order_reader.execution(self.merged.order.id)
        return OrderWorkflow.of(execution, self.merged) if execution else None

    @classmethod
    def of(cls, merged: MergedOrder) -> Self:
        """Show what is known of an order."""
        return cls(merged=merged)


@strawberry.type(description="An order and its place.")
class OrderEdge:
    """An entry of a page."""

    node: Order = strawberry.field(description="The order.")
    cursor: str = strawberry.field(description="Its place, for after and before.")


@strawberry.type(description="How many orders are in a state.")
class OrderStateCount:
    """A line of the overview."""

    state: OrderState = strawberry.field(description="The state.")
    count: int = strawberry.field(description="How many orders are in it.")


@strawberry.type(description="A page of orders.")
class OrderConnection:
    """Orders and where they stand. Counts and cursors are made when they are asked for."""

    page: strawberry.Private[Page[StoredOrder]]
    sorting: strawberry.Private[OrderSorting]
    counts: strawberry.Private[OrderCounts]
    backward: strawberry.Private[bool]
    nodes: list[Order] = strawberry.field(description="The orders.")

    @strawberry.field(
        description="Where orderFeed stood when this page was read: from here it misses nothing."
    )
    def feed_cursor(self) -> str:
        """Point between the last event that may be in the page and the next."""
        return feed_cursor(self.page.position)

    @strawberry.field(description="Where this page stands.")
    def page_info(self) -> PageInfo:
        """Point at its first and its last."""
        return PageInfo.of(self.page, self.sorting.cursor_of, backward=self.backward)

    @strawberry.field(description="The orders, each with its cursor.")
    def edges(self) -> list[OrderEdge]:
        """Pair orders with cursors."""
        pairs = zip(self.nodes, self.page.nodes, strict=True)
        return [OrderEdge(node=node, cursor=self.sorting.cursor_of(row)) for node, row in pairs]

    @strawberry.field(description="How many match in all.")
    async def total_count(self) -> int | None:
        """Count."""
        return await self.counts.total()

    @strawberry.field(
        description="Of all that match but for filter.states: how many are in each state,"
        " in the order of an order's life. A state that none is in is left out."
    )
    async def state_counts(self) -> list[OrderStateCount] | None:
        """Count by state."""
        counts = await self.counts.by_state()
        return [
            OrderStateCount(state=state, count=counts[state])
            for state in OrderState
            if state in counts
        ]

    @classmethod
    def of(
        cls, page: Page[StoredOrder], sorting: OrderSorting, counts: OrderCounts, *, backward: bool
    ) -> Self:
        """Show a page of rows."""
        nodes = [Order.of(from_row(row)) for row in page.nodes]
        return cls(page=page, sorting=sorting, counts=counts, backward=backward, nodes=nodes)

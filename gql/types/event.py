"""One line of an order's audit trail, and pages of them."""

# Strawberry types its decorator as Any where it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from gql.context import Info
from gql.fields import attribute
from gql.merged_order import MergedOrder, from_row
from gql.order_events import EventPage
from gql.paging import event_cursor
from gql.scalars import JSON
from gql.types.enums import EventType, OrderState
from gql.types.page import PageInfo
from orchestration.domain import order as domain

if TYPE_CHECKING:
    # Each shows the other: Strawberry finds this one when the schema is built.
    from gql.types.order import Order  # ruff: ignore[runtime-import-in-type-checking-block]


def _id(self: OrderEvent) -> strawberry.ID:
    return strawberry.ID(f"{self.order_id}/{self.event.sequence}")


@strawberry.type(description="One thing that happened to an order. It never changes.")
class OrderEvent:
    """A domain event, with the order that it belongs to."""

    event: strawberry.Private[domain.OrderEvent]
    parent: strawberry.Private[MergedOrder | None]
    id: strawberry.ID = strawberry.field(resolver=_id, description="<orderId>/<sequence>")
    order_id: strawberry.ID = strawberry.field(description="The order that it happened to.")
    sequence: int = attribute(
        "event.sequence", description="1, 2, 3 … within the order, with no gap."
    )
    type: EventType = attribute(
        "event.type",
        description="What happened: ORDER_RECEIVED, PAYMENT_CHARGED, ADDRESS_UPDATED,"
        " SHIPPING_ATTEMPT_FAILED …",
    )
    message: str = attribute("event.message", description="One line for a timeline.")
    command_id: strawberry.ID | None = attribute(
        "event.command_id", description="The command that brought it about, where one did."
    )
    from_state: OrderState | None = attribute(
        "event.from_state", description="The state before; null on the first."
    )
    state: OrderState = attribute("event.state", description="The state after.")
    payload: JSON = attribute("event.payload", description="Details, by type of event.")
    at: datetime = attribute("event.at", description="When it happened.")
    feed_cursor: str | None = strawberry.field(
        default=None, description="Resumes orderFeed; null elsewhere."
    )

    @strawberry.field(description="The order that it happened to, as it is now.")
    async def order(
        self, info: Info
    ) -> Annotated[Order, strawberry.lazy("gql.types.order")] | None:
        """Take the order that the event was read with; read it where it came by a stream.

        The feed's orders are rows, as those of a list are: it asks no workflow.
        """
        from gql.types.order import Order  # ruff: ignore[import-outside-top-level] - each shows the other

        if self.feed_cursor is not None:
            row = await info.context.loaders.orders.load(self.order_id)
            return Order.of(from_row(row)) if row else None
        merged = self.parent or await info.context.order_reader.order(self.order_id)
        return Order.of(merged) if merged else None

    @classmethod
    def of(cls, order_id: str, event: domain.OrderEvent) -> Self:
        """Show the domain's event."""
        return cls(event=event, parent=None, order_id=strawberry.ID(order_id))


@strawberry.type(description="An event and its place.")
class OrderEventEdge:
    """An entry of a page."""

    node: OrderEvent = strawberry.field(description="The event.")
    cursor: str = strawberry.field(description="Its place, for after.")


@strawberry.type(description="A page of an order's events, oldest first.")
class OrderEventConnection:
    """Events and where they stand."""

    page: strawberry.Private[EventPage]
    nodes: list[OrderEvent] = strawberry.field(description="The events.")

    @strawberry.field(description="Where this page stands.")
    def page_info(self) -> PageInfo:
        """Point at its first and its last."""
        page = self.page
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=event_cursor(page.events[0].sequence) if page.events else None,
            end_cursor=event_cursor(page.events[-1].sequence) if page.events else None,
        )

    @strawberry.field(description="The events, each with its cursor.")
    def edges(self) -> list[OrderEventEdge]:
        """Pair events with cursors."""
        return [OrderEventEdge(node=n, cursor=event_cursor(n.event.sequence)) for n in self.nodes]

    @classmethod
    def of(cls, page: EventPage, merged: MergedOrder) -> Self:
        """Show a page of one order's events."""
        order_id = strawberry.ID(merged.order.id)
        nodes = [OrderEvent(event=event, parent=merged, order_id=order_id) for event in page.events]
        return cls(page=page, nodes=nodes)

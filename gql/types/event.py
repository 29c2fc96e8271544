"""Events of an order, and pages of them."""

# Strawberry types its decorator as Any if it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from gql.context import Info
from gql.execution.fields import attribute
from gql.reading.event_pages import EventPage
from gql.reading.merged_order import MergedOrder, from_row
from gql.reading.paging import event_cursor
from gql.scalars import JSON
from gql.types.enums import ActorKind, EventType, OrderState
from gql.types.event_detail import OrderEventDetail, detail_of
from gql.types.page import PageInfo
from orchestration.domain import order as domain

if TYPE_CHECKING:
    # Orders and events refer to each other; Strawberry resolves this import lazily.
    from gql.types.order import Order  # ruff: ignore[runtime-import-in-type-checking-block]
    from persistence.reads import StoredEvent


def _id(self: OrderEvent) -> strawberry.ID:
    return strawberry.ID(f"{self.order_id}/{self.event.sequence}")


def _detail(self: OrderEvent) -> OrderEventDetail | None:
    return detail_of(self.event)


@strawberry.type(description="Who sent a command.")
class Actor:
    id: strawberry.ID = strawberry.field(
        description="Subject of the access token, or ID of the API key."
    )
    kind: ActorKind = strawberry.field(description="How the sender was authenticated.")
    name: str | None = strawberry.field(description="Name in the token, or name of the API key.")


def _actor(self: OrderEvent) -> Actor | None:
    actor = self.event.actor
    return Actor(id=strawberry.ID(actor.id), kind=actor.kind, name=actor.name) if actor else None


@strawberry.type(description="Something that happened to an order. Events never change.")
class OrderEvent:
    event: strawberry.Private[domain.OrderEvent]
    parent: strawberry.Private[MergedOrder | None]
    is_listed: strawberry.Private[bool]
    id: strawberry.ID = strawberry.field(resolver=_id, description="`<orderId>/<sequence>`.")
    order_id: strawberry.ID = strawberry.field(description="ID of the order.")
    sequence: int = attribute(
        "event.sequence", description="1, 2, 3 and so on within the order, without gaps."
    )
    type: EventType = attribute(
        "event.type",
        description="What happened: ORDER_RECEIVED, PAYMENT_CHARGED, ADDRESS_UPDATED,"
        " SHIPPING_ATTEMPT_FAILED and others.",
    )
    message: str = attribute("event.message", description="One line of text for a timeline.")
    command_id: strawberry.ID | None = attribute(
        "event.command_id", description="ID of the command that caused the event, if any."
    )
    actor: Actor | None = strawberry.field(
        resolver=_actor,
        description="Who sent that command. Null if no command caused the event, or if it was sent"
        " with Temporal's own tools.",
    )
    from_state: OrderState | None = attribute(
        "event.from_state", description="State before the event. Null on the first event."
    )
    state: OrderState = attribute("event.state", description="State after the event.")
    detail: OrderEventDetail | None = strawberry.field(
        resolver=_detail,
        description="The event's facts, depending on its type. Null if the type has none, or if"
        " `orders repair` wrote the event and did not know them.",
    )
    payload: JSON = attribute(
        "event.payload",
        description="The stored content, for debugging only: it may change with any version. Use"
        " `detail`.",
    )
    at: datetime = attribute("event.at", description="When the event happened.")
    feed_cursor: str | None = strawberry.field(
        default=None, description="Cursor for resuming `orderFeed`. Null outside the feed."
    )

    @strawberry.field(description="The current order. Null if it cannot be read.")
    async def order(
        self, info: Info
    ) -> Annotated[Order, strawberry.lazy("gql.types.order")] | None:
        """Return the order that the event was read with, or read it if the event was streamed.

        Orders of a list of events and of the feed are read from rows, as those of a list of orders:
        no workflow is queried.
        """
        from gql.types.order import Order  # ruff: ignore[import-outside-top-level] - each refers to the other

        if self.is_listed or self.feed_cursor is not None:
            row = await info.context.loaders.orders.load(self.order_id)
            return Order.of(from_row(row)) if row else None
        merged = self.parent or await info.context.loaders.merged_orders.load(self.order_id)
        return Order.of(merged) if merged else None

    @classmethod
    def of(cls, order_id: str, event: domain.OrderEvent) -> Self:
        return cls(event=event, parent=None, is_listed=False, order_id=strawberry.ID(order_id))

    @classmethod
    def in_list(cls, stored: StoredEvent) -> Self:
        order_id = strawberry.ID(stored.order_id)
        return cls(event=stored.event, parent=None, is_listed=True, order_id=order_id)


@strawberry.type(description="An event in a page, with its cursor.")
class OrderEventEdge:
    node: OrderEvent = strawberry.field(description="The event.")
    cursor: str = strawberry.field(description="Cursor of this event, for `after` and `before`.")


@strawberry.type(description="A page of an order's events, oldest first.")
class OrderEventConnection:
    page: strawberry.Private[EventPage]
    nodes: list[OrderEvent] = strawberry.field(description="The events.")

    @strawberry.field(description="Position of this page.")
    def page_info(self) -> PageInfo:
        page = self.page
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=event_cursor(page.events[0].sequence) if page.events else None,
            end_cursor=event_cursor(page.events[-1].sequence) if page.events else None,
        )

    @strawberry.field(description="The events, each with its cursor.")
    def edges(self) -> list[OrderEventEdge]:
        return [OrderEventEdge(node=n, cursor=event_cursor(n.event.sequence)) for n in self.nodes]

    @strawberry.field(
        description="Number of events of the order, which is its `sequence`. Costs no query."
    )
    def total_count(self) -> int:
        return self.page.total

    @classmethod
    def of(cls, page: EventPage, merged: MergedOrder) -> Self:
        order_id = strawberry.ID(merged.order.id)
        nodes = [
            OrderEvent(event=event, parent=merged, is_listed=False, order_id=order_id)
            for event in page.events
        ]
        return cls(page=page, nodes=nodes)

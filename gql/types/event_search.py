"""Pages of the events of all orders."""

# Strawberry types its decorator as Any if it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Self

import strawberry

from gql.context import Info
from gql.reading.event_search import EventSearchPage, event_search_cursor
from gql.types.event import OrderEvent, OrderEventEdge
from gql.types.page import PageInfo


@strawberry.type(description="A page of the events of all orders, newest first.")
class EventConnection:
    page: strawberry.Private[EventSearchPage]
    nodes: list[OrderEvent] = strawberry.field(description="The events.")

    @strawberry.field(description="Position of this page.")
    def page_info(self) -> PageInfo:
        return PageInfo.of(self.page.rows, event_search_cursor)

    @strawberry.field(description="The events, each with its cursor.")
    def edges(self) -> list[OrderEventEdge]:
        pairs = zip(self.nodes, self.page.rows.nodes, strict=True)
        return [OrderEventEdge(node=node, cursor=event_search_cursor(row)) for node, row in pairs]

    @strawberry.field(description="Number of events that match.")
    async def total_count(self, info: Info) -> int | None:
        return await info.context.reads.count_events(self.page.filter)

    @classmethod
    def of(cls, page: EventSearchPage) -> Self:
        return cls(page=page, nodes=[OrderEvent.in_list(row) for row in page.rows.nodes])

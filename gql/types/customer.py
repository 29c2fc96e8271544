"""Customers, and pages of them."""

# Strawberry types its decorator as Any if it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from gql.context import Info
from gql.reading.customer_pages import CustomerPage, customer_cursor
from gql.reading.order_pages import read_customer_orders
from gql.reading.paging import DEFAULT_PAGE, page_arguments
from gql.types.page import After, Before, First, Last, PageInfo

if TYPE_CHECKING:
    # Orders and customers refer to each other; Strawberry resolves this import lazily.
    from gql.types.order import OrderConnection  # ruff: ignore[runtime-import-in-type-checking-block]
    from persistence.reads import StoredCustomer


@strawberry.type(description="A customer.")
class Customer:
    id: strawberry.ID = strawberry.field(
        description="Unique among customers. Can be reused after the customer is deleted."
    )
    name: str = strawberry.field(description="Full name.")
    email: str = strawberry.field(description="Email address, unique among customers.")
    phone: str | None = strawberry.field(description="Phone number.")
    created_at: datetime = strawberry.field(description="When the customer was created.")
    updated_at: datetime = strawberry.field(description="When the customer last changed.")

    @strawberry.field(description="Orders of the customer, newest first.")
    async def orders(
        self,
        info: Info,
        first: First = DEFAULT_PAGE,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Annotated[OrderConnection, strawberry.lazy("gql.types.order")]:
        from gql.types.order import OrderConnection  # ruff: ignore[import-outside-top-level] - each refers to the other

        arguments = page_arguments(first, after, last, before)
        page = await read_customer_orders(info.context.loaders, self.id, arguments)
        return OrderConnection.of(page)

    @classmethod
    def of(cls, stored: StoredCustomer) -> Self:
        return cls(
            id=strawberry.ID(stored.id),
            name=stored.name,
            email=stored.email,
            phone=stored.phone,
            created_at=stored.created_at,
            updated_at=stored.updated_at,
        )


@strawberry.type(description="A customer in a page, with its cursor.")
class CustomerEdge:
    node: Customer = strawberry.field(description="The customer.")
    cursor: str = strawberry.field(description="Cursor of this customer, for `after` and `before`.")


@strawberry.type(description="A page of customers, newest first.")
class CustomerConnection:
    page: strawberry.Private[CustomerPage]
    nodes: list[Customer] = strawberry.field(description="The customers.")

    @strawberry.field(description="Position of this page.")
    def page_info(self) -> PageInfo:
        return PageInfo.of(self.page.rows, customer_cursor)

    @strawberry.field(description="The customers, each with its cursor.")
    def edges(self) -> list[CustomerEdge]:
        pairs = zip(self.nodes, self.page.rows.nodes, strict=True)
        return [CustomerEdge(node=node, cursor=customer_cursor(row)) for node, row in pairs]

    @strawberry.field(description="Number of customers that match.")
    async def total_count(self, info: Info) -> int | None:
        return await info.context.reads.customers_count(self.page.search)

    @classmethod
    def of(cls, page: CustomerPage) -> Self:
        return cls(page=page, nodes=[Customer.of(row) for row in page.rows.nodes])

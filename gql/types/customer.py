"""Who orders."""

# Strawberry types its decorator as Any where it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from gql.context import Info
from gql.customer_pages import customer_cursor
from gql.order_pages import read_customer_orders
from gql.paging import DEFAULT_PAGE, page_arguments
from gql.types.page import PageInfo
from persistence.reads import Page, StoredCustomer

if TYPE_CHECKING:
    # Each shows the other: Strawberry finds this one when the schema is built.
    from gql.types.order import OrderConnection  # ruff: ignore[runtime-import-in-type-checking-block]


@strawberry.type(description="Who orders.")
class Customer:
    """A row of the record."""

    id: strawberry.ID = strawberry.field(
        description="Unique among customers; free again when this one is deleted."
    )
    name: str = strawberry.field(description="As it is written.")
    email: str = strawberry.field(description="Unique among customers.")
    phone: str | None = strawberry.field(description="As it is written.")
    created_at: datetime = strawberry.field(description="When it was created.")
    updated_at: datetime = strawberry.field(description="When it last changed.")

    @strawberry.field(description="The customer's orders, the latest first.")
    async def orders(
        self,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description="How many, from 1 to 100.")
        ] = DEFAULT_PAGE,
        after: Annotated[
            str | None, strawberry.argument(description="The cursor to go on from.")
        ] = strawberry.UNSET,
    ) -> Annotated[OrderConnection, strawberry.lazy("gql.types.order")]:
        """Read a page of their orders, together with those of the other customers on this level."""
        arguments = page_arguments(first, after or None)
        return await read_customer_orders(info.context, self.id, arguments)

    @classmethod
    def of(cls, stored: StoredCustomer) -> Self:
        """Show a customer's row."""
        return cls(
            id=strawberry.ID(stored.id),
            name=stored.name,
            email=stored.email,
            phone=stored.phone,
            created_at=stored.created_at,
            updated_at=stored.updated_at,
        )


@strawberry.type(description="A customer and their place.")
class CustomerEdge:
    """An entry of a page."""

    node: Customer = strawberry.field(description="The customer.")
    cursor: str = strawberry.field(description="Their place, for after.")


@strawberry.type(description="A page of customers, the latest first.")
class CustomerConnection:
    """Customers and where they stand. Count and cursors are made when they are asked for."""

    page: strawberry.Private[Page[StoredCustomer]]
    search: strawberry.Private[str | None]
    nodes: list[Customer] = strawberry.field(description="The customers.")

    @strawberry.field(description="Where this page stands.")
    def page_info(self) -> PageInfo:
        """Point at its first and its last."""
        return PageInfo.of(self.page, customer_cursor, backward=False)

    @strawberry.field(description="The customers, each with their cursor.")
    def edges(self) -> list[CustomerEdge]:
        """Pair customers with cursors."""
        pairs = zip(self.nodes, self.page.nodes, strict=True)
        return [CustomerEdge(node=node, cursor=customer_cursor(row)) for node, row in pairs]

    @strawberry.field(description="How many match in all.")
    async def total_count(self, info: Info) -> int | None:
        """Count."""
        return await info.context.services.reads.customers_count(self.search)

    @classmethod
    def of(cls, page: Page[StoredCustomer], search: str | None) -> Self:
        """Show a page of rows."""
        return cls(page=page, search=search, nodes=[Customer.of(row) for row in page.nodes])

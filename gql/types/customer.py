"""Who orders."""

# Strawberry types its decorator as Any where it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from gql.context import Info
from gql.order_pages import OrderSorting, read_orders
from gql.paging import DEFAULT_PAGE, page_arguments
from persistence.reads import OrderFilter

if TYPE_CHECKING:
    # Each shows the other: Strawberry finds this one when the schema is built.
    from gql.types.order import OrderConnection  # ruff: ignore[runtime-import-in-type-checking-block]
    from persistence.reads import StoredCustomer


@strawberry.type(description="Who orders.")
class Customer:
    """A row of the record."""

    id: strawberry.ID = strawberry.field(description="Unique, and never another's.")
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
        """Read a page of the orders of this customer."""
        return await read_orders(
            info.context,
            OrderFilter(customer_id=self.id),
            OrderSorting(),
            page_arguments(first, after or None),
        )

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

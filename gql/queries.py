"""What can be asked."""

from typing import Annotated, TypeVar

import strawberry

from gql import inputs
from gql.command_sender import CommandSender
from gql.context import Info
from gql.customer_pages import read_customers
from gql.filters import order_filter, workflow_filter
from gql.order_pages import OrderSorting, read_orders
from gql.paging import page_arguments
from gql.types.customer import Customer, CustomerConnection
from gql.types.enums import SortDirection
from gql.types.found_workflow import WorkflowConnection
from gql.types.order import Order, OrderConnection
from gql.types.results import OrderCommandResult
from gql.workflow_pages import read_workflows
from orchestration.domain.order import IDENTIFIER

T = TypeVar("T")

_FIRST = "How many forward, from 1 to 100; 20 where left out."
_AFTER = "The cursor to go on from."


async def read_order(
    info: Info,
    id: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        strawberry.ID, strawberry.argument(description="The order's id.")
    ],
) -> Order | None:
    """Read both sources at once."""
    merged = await info.context.order_reader.order(id)
    return Order.of(merged) if merged else None


async def read_page(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - the contract
    info: Info,
    filter: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        inputs.OrderFilter | None, strawberry.argument(description="Which orders; else all.")
    ] = strawberry.UNSET,
    sort: Annotated[
        inputs.OrderSort | None,
        strawberry.argument(description="What comes first; else the latest."),
    ] = strawberry.UNSET,
    first: Annotated[
        int | None,
        strawberry.argument(description=_FIRST),
    ] = strawberry.UNSET,
    after: Annotated[str | None, strawberry.argument(description=_AFTER)] = strawberry.UNSET,
    last: Annotated[
        int | None, strawberry.argument(description="How many backward, from 1 to 100.")
    ] = strawberry.UNSET,
    before: Annotated[
        str | None, strawberry.argument(description="The cursor to go back from.")
    ] = strawberry.UNSET,
) -> OrderConnection | None:
    """Read a page of rows."""
    arguments = page_arguments(_given(first), _given(after), _given(last), _given(before))
    return await read_orders(
        info.context, order_filter(_given(filter)), _sorting(_given(sort)), arguments
    )


async def read_customer(
    info: Info,
    id: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        strawberry.ID, strawberry.argument(description="The customer's id.")
    ],
) -> Customer | None:
    """Read a row."""
    if not IDENTIFIER.fullmatch(id):
        return None
    stored = await info.context.loaders.customers.load(id)
    return Customer.of(stored) if stored else None


async def search_customers(
    info: Info,
    search: Annotated[
        str | None,
        strawberry.argument(
            description="Any part of the name or e-mail address, letter case aside; else all."
            " Up to 254 characters."
        ),
    ] = strawberry.UNSET,
    first: Annotated[int | None, strawberry.argument(description=_FIRST)] = strawberry.UNSET,
    after: Annotated[str | None, strawberry.argument(description=_AFTER)] = strawberry.UNSET,
) -> CustomerConnection | None:
    """Read a page of rows."""
    arguments = page_arguments(_given(first), _given(after))
    return await read_customers(info.context, _given(search), arguments)


async def search_workflows(
    info: Info,
    filter: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        inputs.WorkflowFilter | None,
        strawberry.argument(description="Which executions; else those of all orders."),
    ] = strawberry.UNSET,
    first: Annotated[int | None, strawberry.argument(description=_FIRST)] = strawberry.UNSET,
    after: Annotated[str | None, strawberry.argument(description=_AFTER)] = strawberry.UNSET,
) -> WorkflowConnection | None:
    """Ask Temporal."""
    arguments = page_arguments(_given(first), _given(after))
    return await read_workflows(info.context, workflow_filter(_given(filter)), arguments)


async def find_verdict(
    info: Info,
    order_id: Annotated[strawberry.ID, strawberry.argument(description="The order.")],
    command_id: Annotated[strawberry.ID, strawberry.argument(description="The command's id.")],
) -> OrderCommandResult | None:
    """Look into the record, then ask the workflow."""
    return await CommandSender.of(info.context).find(order_id, command_id)


@strawberry.type(description="What can be asked.")
class Query:
    """The entry for queries."""

    order: Order | None = strawberry.field(
        resolver=read_order,
        description="One order, merged from the record and Temporal; null where there is none.",
    )
    orders: OrderConnection | None = strawberry.field(
        resolver=read_page, description="Orders on record, a page at a time."
    )
    customer: Customer | None = strawberry.field(
        resolver=read_customer, description="One customer; null where there is none."
    )
    customers: CustomerConnection | None = strawberry.field(
        resolver=search_customers, description="Customers, the latest first, a page at a time."
    )
    workflows: WorkflowConnection | None = strawberry.field(
        resolver=search_workflows,
        description="Search Temporal's visibility store by the search attributes. It follows the"
        " workflows by a moment, and of an order's states it is told of AWAITING_APPROVAL, SHIPPING"
        " and the ends alone; orders has all of them.",
    )
    command: OrderCommandResult | None = strawberry.field(
        resolver=find_verdict,
        description="The verdict on a command sent earlier; null if the order has never seen it.",
    )


def _given(value: T | None) -> T | None:
    return None if value is strawberry.UNSET else value


def _sorting(sort: inputs.OrderSort | None) -> OrderSorting:
    if sort is None:
        return OrderSorting()
    return OrderSorting(sort.field, descending=sort.direction is SortDirection.DESC)

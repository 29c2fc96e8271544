"""What can be asked."""

from typing import Annotated, TypeVar

import strawberry

from gql import inputs
from gql.command_sender import CommandSender
from gql.context import Info
from gql.errors import bad_input
from gql.order_pages import OrderSorting, read_orders
from gql.paging import page_arguments
from gql.types.customer import Customer
from gql.types.enums import SortDirection
from gql.types.order import Order, OrderConnection
from gql.types.results import OrderCommandResult
from orchestration.domain.order import IDENTIFIER
from orchestration.domain.validation import text_problems
from persistence.reads import OrderFilter

T = TypeVar("T")

_NAME_LENGTH = 200


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
        strawberry.argument(description="How many forward, from 1 to 100; 20 where left out."),
    ] = strawberry.UNSET,
    after: Annotated[
        str | None, strawberry.argument(description="The cursor to go on from.")
    ] = strawberry.UNSET,
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
        info.context, _wanted(_given(filter)), _sorting(_given(sort)), arguments
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


def _wanted(wanted: inputs.OrderFilter | None) -> OrderFilter:
    if wanted is None:
        return OrderFilter()
    name = wanted.customer_name
    if name is not None and name.strip():
        for problem in text_problems(name, _NAME_LENGTH):
            raise bad_input(f"filter.customerName {problem.message}.")
    customer_id, total, created = wanted.customer_id, wanted.total, wanted.created_at
    ids = wanted.ids
    # What nothing can be called matches nothing; the record need not see it.
    if customer_id is not None and not IDENTIFIER.fullmatch(customer_id):
        customer_id, ids = None, []
    return OrderFilter(
        ids=None if ids is None else [one for one in ids if IDENTIFIER.fullmatch(one)],
        states=wanted.states,
        customer_id=customer_id,
        customer_name=name,
        priorities=wanted.priorities,
        total_min=total.min if total else None,
        total_max=total.max if total else None,
        created_from=created.from_ if created else None,
        created_to=created.to if created else None,
    )

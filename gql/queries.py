"""The root fields for queries. They pass arguments on and contain no logic."""

# Strawberry types its decorator as Any if it takes arguments.
# mypy: disable-error-code="untyped-decorator"
# ruff: file-ignore[no-self-use] - a root type has no state

from typing import Annotated, TypeVar

import strawberry

from gql.context import Info, Services
from gql.documents.field_costs import LIVE_ENTRY, WAIT_FOR_END
from gql.errors import bad_input
from gql.inputs.filters import (
    EventFilterInput,
    OrderFilterInput,
    OrderSort,
    WorkflowFilterInput,
)
from gql.reading.customer_pages import read_customers
from gql.reading.event_search import search_events
from gql.reading.merged_order import MergedOrder
from gql.reading.order_pages import OrderSorting, read_orders
from gql.reading.paging import DEFAULT_PAGE, page_arguments
from gql.reading.workflow_pages import read_workflows
from gql.scalars import Duration
from gql.types.customer import Customer, CustomerConnection
from gql.types.enums import SortDirection, SortField
from gql.types.event_search import EventConnection
from gql.types.order import Order, OrderConnection
from gql.types.page import After, Before, First, Last
from gql.types.results import OrderCommandResult
from gql.types.workflow_summary import WorkflowPage
from gql.writing.command_sender import CommandSender
from orchestration.domain.order import IDENTIFIER
from orchestration.visibility import WorkflowSearch
from persistence.reads import EventFilter, OrderFilter

T = TypeVar("T")

_WAITING_SHARE = 0.75
"""Share of the request timeout that a request may wait for an order. The rest is for reading it."""


@strawberry.type(description="Orders, customers and workflow executions.")
class Query:
    @strawberry.field(
        description="An order, merged from Postgres and Temporal. Null if it does not exist."
    )
    async def order(
        self,
        info: Info,
        order_id: Annotated[
            strawberry.ID, strawberry.argument(name="id", description="ID of the order.")
        ],
        wait_for_end: Annotated[
            Duration | None,
            strawberry.argument(
                description="If the order runs, wait up to this long for its end, and return it as"
                " it is then. At most three quarters of the server's REQUEST_TIMEOUT, which is 15"
                " seconds by default. Repeat the query while `endedAt` is null. Costs"
                f" {WAIT_FOR_END} more."
            ),
        ] = strawberry.UNSET,
    ) -> Order | None:
        reader = info.context.order_reader
        merged = await reader.order(order_id)
        if merged is not None and wait_for_end and not merged.snapshot.ended:
            await _wait_for_end(info.context.services, merged, wait_for_end)
            merged = await reader.order(order_id)
        return Order.of(merged) if merged else None

    @strawberry.field(description="A page of recorded orders.")
    async def orders(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - GraphQL arguments
        self,
        info: Info,
        order_filter: Annotated[
            OrderFilterInput | None,
            strawberry.argument(name="filter", description="Which orders. Default: all."),
        ] = strawberry.UNSET,
        sort: Annotated[
            OrderSort | None, strawberry.argument(description="Default: newest first.")
        ] = strawberry.UNSET,
        first: First = DEFAULT_PAGE,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        live: Annotated[
            bool,
            strawberry.argument(
                description="Take each running order's state from its workflow if that is ahead of"
                " the record. Filter, sort and counts are those of the record. Costs"
                f" {LIVE_ENTRY} more per entry."
            ),
        ] = False,
    ) -> OrderConnection | None:
        arguments = page_arguments(first, after, last, before)
        filter_ = order_filter.to_domain() if order_filter else OrderFilter()
        sorting = _sorting(sort)
        if sorting.field is SortField.TOTAL and filter_.currency is None:
            raise bad_input("Sorting by TOTAL compares one currency. Set filter.currency as well.")
        page = await read_orders(info.context.reads, filter_, sorting, arguments)
        merged = await info.context.order_reader.live(page.rows.nodes) if live else None
        return OrderConnection.of(page, merged)

    @strawberry.field(
        description="A page of the recorded events of all orders, newest first. `orderFeed` follows"
        " new ones."
    )
    async def events(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - GraphQL arguments
        self,
        info: Info,
        event_filter: Annotated[
            EventFilterInput | None,
            strawberry.argument(name="filter", description="Which events. Default: all."),
        ] = strawberry.UNSET,
        first: First = DEFAULT_PAGE,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> EventConnection | None:
        arguments = page_arguments(first, after, last, before)
        filter_ = event_filter.to_domain() if event_filter else EventFilter()
        return EventConnection.of(await search_events(info.context.reads, filter_, arguments))

    @strawberry.field(description="A customer. Null if it does not exist.")
    async def customer(
        self,
        info: Info,
        customer_id: Annotated[
            strawberry.ID, strawberry.argument(name="id", description="ID of the customer.")
        ],
    ) -> Customer | None:
        if not IDENTIFIER.fullmatch(customer_id):
            return None
        stored = await info.context.loaders.customers.load(customer_id)
        return Customer.of(stored) if stored else None

    @strawberry.field(description="A page of customers, newest first.")
    async def customers(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - GraphQL arguments
        self,
        info: Info,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="Text that the name or email address contains, ignoring case. Up to"
                " 254 characters. Default: all customers."
            ),
        ] = strawberry.UNSET,
        first: First = DEFAULT_PAGE,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> CustomerConnection | None:
        arguments = page_arguments(first, after, last, before)
        reads = info.context.reads
        return CustomerConnection.of(await read_customers(reads, _or_none(search), arguments))

    @strawberry.field(
        description="Searches Temporal's visibility store by the search attributes of orders. The"
        " store is eventually consistent. It receives only the states AWAITING_APPROVAL and"
        " the final ones. Use `orders` to search by any state, and to page in both directions."
    )
    async def workflows(
        self,
        info: Info,
        workflow_filter: Annotated[
            WorkflowFilterInput | None,
            strawberry.argument(
                name="filter", description="Which executions. Default: those of all orders."
            ),
        ] = strawberry.UNSET,
        first: First = DEFAULT_PAGE,
        after: After = strawberry.UNSET,
    ) -> WorkflowPage | None:
        arguments = page_arguments(first, after)
        filter_ = workflow_filter.to_domain() if workflow_filter else WorkflowSearch()
        page = await read_workflows(info.context.services.orders, filter_, arguments)
        return WorkflowPage.of(page, after=arguments.cursor or None)

    @strawberry.field(
        description="The verdict on a command sent earlier. Null if the order never received it."
    )
    async def command(
        self,
        info: Info,
        order_id: Annotated[strawberry.ID, strawberry.argument(description="ID of the order.")],
        command_id: Annotated[strawberry.ID, strawberry.argument(description="ID of the command.")],
    ) -> OrderCommandResult | None:
        return await CommandSender.of(info.context).find(order_id, command_id)


async def _wait_for_end(services: Services, merged: MergedOrder, seconds: float) -> None:
    """Raises RequestError (TOO_MANY_REQUESTS)."""
    limited = min(seconds, _WAITING_SHARE * services.settings.request_timeout)
    with services.admission.wait():
        await services.streams.wait_for_end(merged.order.id, merged.snapshot.sequence, limited)


def _or_none(value: T | None) -> T | None:
    return None if value is strawberry.UNSET else value


def _sorting(sort: OrderSort | None) -> OrderSorting:
    if not sort:
        return OrderSorting()
    return OrderSorting(sort.field, descending=sort.direction is SortDirection.DESC)

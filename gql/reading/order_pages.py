"""Pages of orders, read from rows. A row lags its workflow by at most the step being written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gql.reading.loaders import OrderSlice
from gql.reading.paging import KeysetCursors, amount_in_cursor, id_in_cursor, time_in_cursor
from orchestration.domain.states import OrderState
from persistence.reads import Page, PageQuery, SortField, StoredOrder, keyset

if TYPE_CHECKING:
    from gql.reading.loaders import Loaders
    from gql.reading.paging import PageArguments
    from persistence.reads import OrderFilter, Reads


@dataclass(frozen=True)
class OrderSorting:
    """The sort order of a list. Cursors contain it, because they are valid for one sort only."""

    field: SortField = SortField.CREATED_AT
    descending: bool = True

    @property
    def cursors(self) -> KeysetCursors:
        value_in_cursor = amount_in_cursor if self.field is SortField.TOTAL else time_in_cursor
        return KeysetCursors((self.field, self.descending), (value_in_cursor, id_in_cursor))

    def cursor_of(self, row: StoredOrder) -> str:
        return self.cursors.encode(keyset(row, self.field))


@dataclass(frozen=True)
class OrderCounts:
    """Counts over the whole list, each read only if a client selects it.

    ``by_state`` ignores the states of the list's filter.
    """

    total: Callable[[], Awaitable[int]]
    by_state: Callable[[], Awaitable[dict[OrderState, int]]]


@dataclass(frozen=True)
class OrderPage:
    """One page of a sorted list."""

    rows: Page[StoredOrder]
    sorting: OrderSorting
    counts: OrderCounts


async def read_orders(
    reads: Reads, filter_: OrderFilter, sorting: OrderSorting, arguments: PageArguments
) -> OrderPage:
    query = PageQuery(
        filter=filter_,
        sort_field=sorting.field,
        descending=sorting.descending,
        **vars(arguments.slice_of(sorting.cursors)),
    )
    counts = OrderCounts(partial(reads.count, filter_), partial(reads.state_counts, filter_))
    return OrderPage(await reads.page(query), sorting, counts)


async def read_customer_orders(
    loaders: Loaders, customer_id: str, arguments: PageArguments
) -> OrderPage:
    """Read a page of a customer's orders, batched with those of other customers."""
    sorting = OrderSorting()
    wanted = OrderSlice(customer_id, arguments.slice_of(sorting.cursors))
    rows = await loaders.customer_orders.load(wanted)

    async def by_state() -> dict[OrderState, int]:
        return await loaders.customer_counts.load(customer_id)

    async def total() -> int:
        return sum((await by_state()).values())

    return OrderPage(rows, sorting, OrderCounts(total, by_state))

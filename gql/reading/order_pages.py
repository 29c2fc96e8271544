"""Pages of orders, read from rows. A row lags its workflow by at most the step being written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING

from gql.reading.loaders import OrderSlice
from gql.reading.paging import bad_cursor, decode_cursor, encode_cursor, time_in_cursor
from orchestration.domain.money import MAX_MINOR_UNITS
from orchestration.domain.order import IDENTIFIER
from orchestration.domain.states import OrderState
from persistence.reads import Keyset, Page, PageQuery, SortField, StoredOrder, keyset

if TYPE_CHECKING:
    from gql.reading.loaders import Loaders
    from gql.reading.paging import PageArguments
    from persistence.reads import OrderFilter, Reads


@dataclass(frozen=True)
class OrderSorting:
    """The sort order of a list. Cursors contain it, because they are valid for one sort only."""

    field: SortField = SortField.CREATED_AT
    descending: bool = True

    def cursor_of(self, row: StoredOrder) -> str:
        position = keyset(row, self.field)
        value = position.value
        text = value if isinstance(value, datetime) else str(value)
        return encode_cursor(self.field, self.descending, text, position.id)

    def keyset_of(self, cursor: str | None) -> Keyset | None:
        """Read a cursor of this sort, or raise BAD_USER_INPUT."""
        if cursor is None:
            return None
        match decode_cursor(cursor):
            case [self.field, self.descending, str(value), str(row_id)] if IDENTIFIER.fullmatch(
                row_id
            ):
                return Keyset(
                    _total(value) if self.field is SortField.TOTAL else time_in_cursor(value),
                    row_id,
                )
        raise bad_cursor()


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
    backward: bool = False


async def read_orders(
    reads: Reads, filter_: OrderFilter, sorting: OrderSorting, arguments: PageArguments
) -> OrderPage:
    rows = await reads.page(
        PageQuery(
            filter=filter_,
            sort_field=sorting.field,
            descending=sorting.descending,
            limit=arguments.limit,
            cursor=sorting.keyset_of(arguments.cursor),
            backward=arguments.backward,
        )
    )
    counts = OrderCounts(partial(reads.count, filter_), partial(reads.state_counts, filter_))
    return OrderPage(rows, sorting, counts, arguments.backward)


async def read_customer_orders(
    loaders: Loaders, customer_id: str, arguments: PageArguments
) -> OrderPage:
    """Read a page of a customer's orders, batched with those of other customers."""
    sorting = OrderSorting()
    after = sorting.keyset_of(arguments.cursor)
    rows = await loaders.customer_orders.load(OrderSlice(customer_id, arguments.limit, after))

    async def by_state() -> dict[OrderState, int]:
        return await loaders.customer_counts.load(customer_id)

    async def total() -> int:
        return sum((await by_state()).values())

    return OrderPage(rows, sorting, OrderCounts(total, by_state))


def _total(text: str) -> Decimal:
    try:
        total = Decimal(text)
    except InvalidOperation:
        raise bad_cursor() from None
    if not total.is_finite() or abs(total) > MAX_MINOR_UNITS:
        raise bad_cursor()
    return total

"""Pages of orders, from rows: behind their workflows by the step being written at most."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING

from gql.loaders import OrderSlice
from gql.paging import bad_cursor, decode_cursor, encode_cursor, time_in_cursor
from orchestration.domain.money import MAX_MINOR_UNITS
from orchestration.domain.order import IDENTIFIER
from orchestration.domain.states import OrderState
from persistence.reads import Keyset, PageQuery, SortField, keyset

if TYPE_CHECKING:
    from gql.context import Context
    from gql.paging import PageArguments
    from gql.types.order import OrderConnection
    from persistence.reads import OrderFilter, StoredOrder


@dataclass(frozen=True)
class OrderSorting:
    """How a list is sorted; its cursors say so, since under another sort they point nowhere."""

    field: SortField = SortField.CREATED_AT
    descending: bool = True

    def cursor_of(self, row: StoredOrder) -> str:
        """Point at this row."""
        place = keyset(row, self.field)
        value = place.value if isinstance(place.value, datetime) else str(place.value)
        return encode_cursor(self.field, self.descending, value, place.id)

    def place_of(self, cursor: str | None) -> Keyset | None:
        """Read a cursor of this very sort, or raise BAD_USER_INPUT."""
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
    """How many orders a list has in all, to be counted when that is asked for, and only then.

    ``by_state`` counts whatever states the list's filter asks for.
    """

    total: Callable[[], Awaitable[int]]
    by_state: Callable[[], Awaitable[dict[OrderState, int]]]


async def read_orders(
    context: Context, filter_: OrderFilter, sorting: OrderSorting, arguments: PageArguments
) -> OrderConnection:
    """Read one page."""
    from gql.types.order import OrderConnection  # ruff: ignore[import-outside-top-level] - it shows its customers

    reads = context.services.reads
    page = await reads.page(
        PageQuery(
            filter=filter_,
            sort_field=sorting.field,
            descending=sorting.descending,
            limit=arguments.limit,
            cursor=sorting.place_of(arguments.cursor),
            backward=arguments.backward,
        )
    )
    counts = OrderCounts(partial(reads.count, filter_), partial(reads.state_counts, filter_))
    return OrderConnection.of(page, sorting, counts, backward=arguments.backward)


async def read_customer_orders(
    context: Context, customer_id: str, arguments: PageArguments
) -> OrderConnection:
    """Read one page of a customer's orders, together with those of others on this level."""
    from gql.types.order import OrderConnection  # ruff: ignore[import-outside-top-level] - it shows its customers

    sorting = OrderSorting()
    loaders = context.loaders
    place = sorting.place_of(arguments.cursor)
    page = await loaders.customer_orders.load(OrderSlice(customer_id, arguments.limit, place))

    async def by_state() -> dict[OrderState, int]:
        return await loaders.customer_counts.load(customer_id)

    async def total() -> int:
        return sum((await by_state()).values())

    return OrderConnection.of(page, sorting, OrderCounts(total, by_state), backward=False)


def _total(text: str) -> Decimal:
    try:
        total = Decimal(text)
    except InvalidOperation:
        raise bad_cursor() from None
    if not total.is_finite() or abs(total) > MAX_MINOR_UNITS:
        raise bad_cursor()
    return total

"""Pages of orders, from rows: behind their workflows by the step being written at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from gql.paging import bad_cursor, decode_cursor, encode_cursor
from orchestration.domain.money import MAX_MINOR_UNITS
from orchestration.domain.order import IDENTIFIER
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
                    _total(value) if self.field is SortField.TOTAL else _time(value), row_id
                )
        raise bad_cursor()


async def read_orders(
    context: Context, filter_: OrderFilter, sorting: OrderSorting, arguments: PageArguments
) -> OrderConnection:
    """Read one page."""
    from gql.types.order import OrderConnection  # ruff: ignore[import-outside-top-level] - it shows its customers

    page = await context.services.reads.page(
        PageQuery(
            filter=filter_,
            sort_field=sorting.field,
            descending=sorting.descending,
            limit=arguments.limit,
            cursor=sorting.place_of(arguments.cursor),
            backward=arguments.backward,
        )
    )
    return OrderConnection.of(page, filter_, sorting, backward=arguments.backward)


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_cursor() from None
    if moment.tzinfo is None:
        raise bad_cursor()
    return moment


def _total(text: str) -> Decimal:
    try:
        total = Decimal(text)
    except InvalidOperation:
        raise bad_cursor() from None
    if not total.is_finite() or abs(total) > MAX_MINOR_UNITS:
        raise bad_cursor()
    return total

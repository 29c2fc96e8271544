"""Pages of customers, the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gql.errors import bad_input
from gql.paging import bad_cursor, decode_cursor, encode_cursor, time_in_cursor
from orchestration.domain.order import IDENTIFIER
from orchestration.domain.validation import text_problems
from persistence.reads import Keyset, customer_keyset

if TYPE_CHECKING:
    from gql.context import Context
    from gql.paging import PageArguments
    from gql.types.customer import CustomerConnection
    from persistence.reads import StoredCustomer

_SEARCH_LENGTH = 254
_LIST = "customers"


async def read_customers(
    context: Context, search: str | None, arguments: PageArguments
) -> CustomerConnection:
    """Read one page. A search that is blank looks for nothing in particular."""
    from gql.types.customer import CustomerConnection  # ruff: ignore[import-outside-top-level] - it shows its orders

    if search is not None and not search.strip():
        search = None
    for problem in text_problems(search, _SEARCH_LENGTH, required=False):
        raise bad_input(f"search {problem.message}.")
    page = await context.services.reads.customers_page(
        search, arguments.limit, _place_of(arguments.cursor)
    )
    return CustomerConnection.of(page, search)


def customer_cursor(row: StoredCustomer) -> str:
    """Point at this row."""
    place = customer_keyset(row)
    return encode_cursor(_LIST, place.value, place.id)


def _place_of(cursor: str | None) -> Keyset | None:
    if cursor is None:
        return None
    match decode_cursor(cursor):
        case [str(kind), str(value), str(row_id)] if kind == _LIST and IDENTIFIER.fullmatch(row_id):
            return Keyset(time_in_cursor(value), row_id)
    raise bad_cursor()

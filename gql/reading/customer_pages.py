"""Pages of customers, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gql.errors import bad_input
from gql.reading.paging import bad_cursor, decode_cursor, encode_cursor, time_in_cursor
from orchestration.domain.order import IDENTIFIER
from orchestration.domain.validation import text_problems
from persistence.reads import Keyset, Page, StoredCustomer, customer_keyset

if TYPE_CHECKING:
    from gql.reading.paging import PageArguments
    from persistence.reads import Reads

_MAX_SEARCH_LENGTH = 254
_LIST = "customers"


class CustomerPage(NamedTuple):
    """One page of the customers that match ``search``."""

    rows: Page[StoredCustomer]
    search: str | None


async def read_customers(
    reads: Reads, search: str | None, arguments: PageArguments
) -> CustomerPage:
    """Read one page. ``search`` matches part of the name or email address; blank matches all."""
    if search is not None and not search.strip():
        search = None
    for problem in text_problems(search, _MAX_SEARCH_LENGTH, required=False):
        raise bad_input(f"search {problem.message}.")
    rows = await reads.customers_page(search, arguments.limit, _keyset_of(arguments.cursor))
    return CustomerPage(rows, search)


def customer_cursor(row: StoredCustomer) -> str:
    keyset = customer_keyset(row)
    return encode_cursor(_LIST, keyset.value, keyset.id)


def _keyset_of(cursor: str | None) -> Keyset | None:
    if cursor is None:
        return None
    match decode_cursor(cursor):
        case [str(kind), str(value), str(row_id)] if kind == _LIST and IDENTIFIER.fullmatch(row_id):
            return Keyset(time_in_cursor(value), row_id)
    raise bad_cursor()

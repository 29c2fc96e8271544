"""Pages of customers, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gql.errors import bad_input
from gql.reading.paging import KeysetCursors, id_in_cursor, time_in_cursor
from orchestration.domain.validation import text_problems
from persistence.reads import Page, StoredCustomer, customer_keyset

if TYPE_CHECKING:
    from gql.reading.paging import PageArguments
    from persistence.reads import Reads

_MAX_SEARCH_LENGTH = 254
_CURSORS = KeysetCursors(("customers",), (time_in_cursor, id_in_cursor))


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
    rows = await reads.customers_page(search, arguments.slice_of(_CURSORS))
    return CustomerPage(rows, search)


def customer_cursor(row: StoredCustomer) -> str:
    return _CURSORS.encode(customer_keyset(row))

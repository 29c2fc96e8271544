"""Statements for the list of customers and its count."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, or_, select

from persistence.keyset_page import Keyset, PageStart, Slice, keyset_page, page_parameters
from persistence.tables import customers
from persistence.text_search import containing, contains

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from persistence.rows import StoredCustomer


def customer_keyset(stored: StoredCustomer) -> Keyset:
    """Return a customer's position in the list, for the cursor of another page."""
    return Keyset(stored.created_at, stored.id)


def customers_page(search: str | None, wanted: Slice) -> tuple[Select[Any], dict[str, object]]:
    """Return the statement for a page, latest first, and its parameters.

    The rows are those of ``keyset_page``.
    """
    statement = _page(
        searching=search is not None,
        ascending=wanted.backward,
        after=wanted.cursor is not None,
    )
    return statement, page_parameters(wanted) | _parameters(search)


def customers_count(search: str | None) -> tuple[Select[Any], dict[str, object]]:
    conditions = _conditions(searching=search is not None)
    statement = select(func.count()).select_from(customers).where(*conditions)
    return statement, _parameters(search)


@cache
def _page(*, searching: bool, ascending: bool, after: bool) -> Select[Any]:
    start = PageStart(column=customers.c.created_at, ascending=ascending, after=after)
    return keyset_page(start, _conditions(searching=searching))


def _conditions(*, searching: bool) -> list[ColumnElement[bool]]:
    if not searching:
        return []
    columns = (customers.c.folded_name, customers.c.folded_email)
    return [or_(*(contains(column, "part") for column in columns))]


def _parameters(search: str | None) -> dict[str, object]:
    return {} if search is None else {"part": containing(search)}

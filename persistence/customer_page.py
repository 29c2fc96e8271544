"""Which customers, from where: the statements behind their list and its count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, or_, select

from persistence.keyset_page import Keyset, Place, keyset_page
from persistence.rows import StoredCustomer, folded
from persistence.tables import customers

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def customer_keyset(stored: StoredCustomer) -> Keyset:
    """Return a customer's position, for the cursor of a later page."""
    return Keyset(stored.created_at, stored.id)


def customers_statement(search: str | None, limit: int, after: Keyset | None) -> Select[Any]:
    """Select a page as ``keyset_page`` does, the latest customers first."""
    place = Place(column=customers.c.created_at, rising=False, limit=limit, cursor=after)
    return keyset_page(place, _conditions(search))


def customers_count_statement(search: str | None) -> Select[int]:
    """Count them all."""
    return select(func.count()).select_from(customers).where(*_conditions(search))


def _conditions(search: str | None) -> list[ColumnElement[bool]]:
    if search is None:
        return []
    part = folded(search)
    columns = (customers.c.folded_name, customers.c.folded_email)
    return [or_(*(column.contains(part, autoescape=True) for column in columns))]

"""Which orders, in which order, from where: the statements behind lists and counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Column, Select, Text, any_, func, literal, select, true

from orchestration.domain.order import Priority
from orchestration.domain.states import OrderState
from persistence.keyset_page import Keyset, Place, keyset_page
from persistence.rows import folded, major_units
from persistence.tables import orders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.elements import CollectionAggregate

    from persistence.rows import StoredOrder


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """All of it has to hold; None holds for every order, an empty list for none.

    Bounds are inclusive. Totals are in major units, whatever the currency; ``customer_name`` is any
    part of the name, letter case aside.
    """

    ids: list[str] | None = None
    states: list[OrderState] | None = None
    customer_id: str | None = None
    customer_name: str | None = None
    priorities: list[Priority] | None = None
    total_min: Decimal | None = None
    total_max: Decimal | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


class SortField(StrEnum):
    """What orders can be sorted by; those that are equal in it are sorted by id."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    TOTAL = "TOTAL"


@dataclass(frozen=True, kw_only=True)
class PageQuery:
    """A page of at most ``limit`` orders after the cursor; ``backward``: before it.

    Without a cursor it is the first page, or the last.
    """

    filter: OrderFilter
    sort_field: SortField
    descending: bool
    limit: int
    cursor: Keyset | None = None
    backward: bool = False


_SORT_COLUMNS: dict[SortField, Column[Any]] = {
    SortField.CREATED_AT: orders.c.created_at,
    SortField.UPDATED_AT: orders.c.updated_at,
    SortField.TOTAL: orders.c.total,
}


def keyset(stored: StoredOrder, field: SortField) -> Keyset:
    """Return an order's position under a sort, for the cursor of a later page."""
    value: datetime | Decimal
    if field is SortField.CREATED_AT:
        value = stored.created_at
    elif field is SortField.UPDATED_AT:
        value = stored.snapshot.updated_at
    else:
        value = major_units(stored.order.request.total)
    return Keyset(value, stored.order.id)


def page_statement(query: PageQuery) -> Select[Any]:
    """Select a page, as ``keyset_page`` does."""
    place = Place(
        column=_SORT_COLUMNS[query.sort_field],
        rising=query.descending == query.backward,
        limit=query.limit,
        cursor=query.cursor,
    )
    return keyset_page(place, list(filter_conditions(query.filter)))


def customer_pages_statement(
    customer_ids: Sequence[str], limit: int, after: Keyset | None
) -> Select[Any]:
    """Select a page for each of these customers, the latest orders first.

    The rows are those of ``keyset_page``, in the order of the sort, and each says with
    ``page_owner`` whose page it belongs to.
    """
    ids = literal(list(customer_ids), ARRAY(Text))
    owner = func.unnest(ids).table_valued(Column("id", Text), name="owner").render_derived()
    place = Place(column=orders.c.created_at, rising=False, limit=limit, cursor=after)
    page = keyset_page(place, [orders.c.customer_id == owner.c.id], owner).lateral("of_one")
    return (
        select(owner.c.id.label("page_owner"), page)
        .select_from(owner.join(page, true()))
        .order_by(page.c.created_at.desc(), page.c.id.desc())
    )


def filter_conditions(wanted: OrderFilter) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of a filter, to be joined by AND."""
    column = orders.c
    if wanted.ids is not None:
        yield column.id == any_text(wanted.ids)
    if wanted.states is not None:
        yield column.state == any_text(wanted.states)
    if wanted.customer_id is not None:
        yield column.customer_id == wanted.customer_id
    if wanted.customer_name is not None:
        yield column.folded_customer_name.contains(folded(wanted.customer_name), autoescape=True)
    if wanted.priorities is not None:
        yield column.priority == any_text(wanted.priorities)
    if wanted.total_min is not None:
        yield column.total >= wanted.total_min
    if wanted.total_max is not None:
        yield column.total <= wanted.total_max
    if wanted.created_from is not None:
        yield column.created_at >= wanted.created_from
    if wanted.created_to is not None:
        yield column.created_at <= wanted.created_to


def any_text(values: Iterable[str]) -> CollectionAggregate[bool]:
    """Compare with each of these texts: one parameter, and so one statement for any number."""
    return any_(literal(list(values), ARRAY(Text)))

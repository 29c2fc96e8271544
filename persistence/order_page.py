"""Which orders, in which order, from where: the statements behind lists and counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    Column,
    Integer,
    Select,
    Text,
    any_,
    bindparam,
    func,
    select,
    true,
    union_all,
)

from orchestration.domain.order import Priority
from orchestration.domain.states import OrderState
from persistence.keyset_page import Keyset, Place, keyset_page, place_parameters, rows_of
from persistence.rows import ORDER_COLUMNS
from persistence.tables import orders
from persistence.text_search import any_part, has_part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import ColumnElement

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
        value = stored.order.request.total.amount
    return Keyset(value, stored.order.id)


def page_statement(query: PageQuery) -> tuple[Select[Any], dict[str, object]]:
    """Select a page, as ``keyset_page`` does; and give the statement its values."""
    wanted = filter_parameters(query.filter)
    parameters = place_parameters(query.limit, query.cursor) | wanted
    name = _merged_by(query, wanted.keys())
    values = list(dict.fromkeys(getattr(query.filter, name))) if name else []
    statement = _page(
        query.sort_field,
        frozenset(wanted),
        rising=query.descending == query.backward,
        after=query.cursor is not None,
        merged_by=name,
        merged=len(values),
    )
    return statement, parameters | {_one_of(place): value for place, value in enumerate(values)}


def customer_pages_statement(
    customer_ids: Sequence[str], limit: int, after: Keyset | None
) -> tuple[Select[Any], dict[str, object]]:
    """Select a page for each of these customers, the latest orders first.

    The rows are those of ``keyset_page``, in the order of the sort, and each says with
    ``page_owner`` whose page it belongs to.
    """
    statement = _customer_pages(after=after is not None)
    return statement, place_parameters(limit, after) | {"owners": list(customer_ids)}


def filter_conditions(names: Iterable[str]) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter that has these parameters, to be joined by AND."""
    return [_CONDITIONS[name] for name in sorted(names)]


def filter_parameters(wanted: OrderFilter) -> dict[str, object]:
    """Return what such conditions compare with: of a filter, what it asks for."""
    given = {name: value for name, value in vars(wanted).items() if value is not None}
    if wanted.customer_name is not None:
        given["customer_name"] = any_part(wanted.customer_name)
    return given


_COLUMNS = orders.c
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "ids": _COLUMNS.id == any_(bindparam("ids", type_=ARRAY(Text))),
    "states": _COLUMNS.state == any_(bindparam("states", type_=ARRAY(Text))),
    "customer_id": _COLUMNS.customer_id == bindparam("customer_id", type_=Text),
    "customer_name": has_part(_COLUMNS.folded_customer_name, "customer_name"),
    "priorities": _COLUMNS.priority == any_(bindparam("priorities", type_=ARRAY(Text))),
    "total_min": _COLUMNS.total >= bindparam("total_min", type_=_COLUMNS.total.type),
    "total_max": _COLUMNS.total <= bindparam("total_max", type_=_COLUMNS.total.type),
    "created_from": _COLUMNS.created_at
    >= bindparam("created_from", type_=_COLUMNS.created_at.type),
    "created_to": _COLUMNS.created_at <= bindparam("created_to", type_=_COLUMNS.created_at.type),
}
_REMEMBERED = 200
"""Statements: far more than clients have lists, and 13 MB at the most."""

_CREATED = {"created_from", "created_to"}
_EACH = {"states": _COLUMNS.state, "priorities": _COLUMNS.priority}
"""Columns with an index that is sorted by creation for each of their values."""


def _merged_by(query: PageQuery, names: Collection[str]) -> str | None:
    """Return the parameter by whose values the page is merged, if it is so."""
    if query.sort_field is SortField.CREATED_AT:
        for name in _EACH.keys() & names:
            if {*names} <= {name, *_CREATED} and getattr(query.filter, name):
                return name
    return None


# Made once for each shape: to put such a statement together takes longer than to read its page.
# Filters have thousands of shapes, and a client may ask for all of them.
@lru_cache(_REMEMBERED)
def _page(  # ruff: ignore[too-many-arguments] - each a part of the shape
    sort_field: SortField,
    names: frozenset[str],
    *,
    rising: bool,
    after: bool,
    merged_by: str | None,
    merged: int,
) -> Select[Any]:
    place = Place(column=_SORT_COLUMNS[sort_field], rising=rising, after=after)
    rows = None
    if merged_by is not None:
        rows = _merged(place, filter_conditions(names - {merged_by}), _EACH[merged_by], merged)
    return keyset_page(place, filter_conditions(names), rows=rows, columns=ORDER_COLUMNS)


def _merged(
    place: Place, conditions: list[ColumnElement[bool]], column: Column[Any], count: int
) -> Select[Any]:
    """Read a page of each value by its index and merge them, whatever share of all each has."""
    pages = [
        rows_of(place, [*conditions, column == bindparam(_one_of(number), type_=Text)])
        for number in range(count)
    ]
    rows = union_all(*(select(page.subquery()) for page in pages)).subquery("merged")
    return select(rows).order_by(*place.order_of(rows)).limit(bindparam("rows", type_=Integer))


def _one_of(number: int) -> str:
    return f"one_{number}"


@cache
def _customer_pages(*, after: bool) -> Select[Any]:
    owners = func.unnest(bindparam("owners", type_=ARRAY(Text)))
    owner = owners.table_valued(Column("id", Text), name="owner").render_derived()
    place = Place(column=orders.c.created_at, rising=False, after=after)
    page = keyset_page(
        place, [orders.c.customer_id == owner.c.id], columns=ORDER_COLUMNS, within=owner
    ).lateral("of_one")
    return (
        select(owner.c.id.label("page_owner"), page)
        .select_from(owner.join(page, true()))
        .order_by(*place.order_of(page))
    )

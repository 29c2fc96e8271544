"""Which orders, in which order, from where: the statements behind lists and counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import (
    ARRAY,
    DateTime,
    Numeric,
    Select,
    Text,
    any_,
    exists,
    literal,
    select,
    true,
    tuple_,
)

from orchestration.domain.order import Priority
from orchestration.domain.states import OrderState
from persistence.rows import folded, major_units
from persistence.tables import orders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Column, ColumnElement
    from sqlalchemy.sql.elements import CollectionAggregate

    from persistence.rows import StoredOrder

Node = TypeVar("Node")


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


@dataclass(frozen=True)
class Keyset:
    """An order's position under a sort: a time, or a total in major units, and the order's id."""

    value: datetime | Decimal
    id: str


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


@dataclass(frozen=True)
class Page(Generic[Node]):
    """Nodes in the order of the sort, also where the page was read backward.

    ``has_more`` tells of further ones in the direction read, ``has_before`` of those in the other
    direction, from the cursor on.
    """

    nodes: list[Node]
    has_more: bool
    has_before: bool


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
    """Select one order more than the page has, nearest to the cursor first.

    Every row also says ``has_before``, and there is one row, void of an order, where none match.
    """
    column = _SORT_COLUMNS[query.sort_field]
    rising = query.descending == query.backward
    conditions = list(filter_conditions(query.filter))
    page = select(orders).where(*conditions).limit(query.limit + 1)
    if rising:
        page = page.order_by(column, orders.c.id)
    else:
        page = page.order_by(column.desc(), orders.c.id.desc())
    has_before: ColumnElement[bool] = literal(False)
    if query.cursor is not None:
        kind = Numeric() if query.sort_field is SortField.TOTAL else DateTime(timezone=True)
        here = tuple_(column, orders.c.id)
        cursor = tuple_(literal(query.cursor.value, kind), literal(query.cursor.id, Text))
        page = page.where(here > cursor if rising else here < cursor)
        passed = here <= cursor if rising else here >= cursor
        has_before = exists().where(*conditions, passed)
    before = select(has_before.label("has_before")).subquery("before")
    nodes = page.subquery("page")
    sort = nodes.c[column.key]
    return (
        select(before.c.has_before, nodes)
        .select_from(before.outerjoin(nodes, true()))
        .order_by(*((sort, nodes.c.id) if rising else (sort.desc(), nodes.c.id.desc())))
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

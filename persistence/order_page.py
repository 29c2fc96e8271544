"""Sorts and cursors of orders, and the statements for pages of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    Column,
    Select,
    Text,
    bindparam,
    func,
    select,
    true,
)

from persistence.keyset_page import (
    Keyset,
    PageStart,
    Slice,
    keyset_page,
    merged_rows,
    merged_values,
    page_parameters,
)
from persistence.order_filter import OrderFilter, filter_conditions, filter_parameters
from persistence.rows import ORDER_COLUMNS
from persistence.tables import orders

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from decimal import Decimal

    from persistence.rows import StoredOrder


class SortField(StrEnum):
    """What orders can be sorted by. Orders with equal values are sorted by ID."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    TOTAL = "TOTAL"


@dataclass(frozen=True, kw_only=True)
class PageQuery(Slice):
    """A slice of the orders that match, in the order of the sort."""

    filter: OrderFilter
    sort_field: SortField
    descending: bool


_SORT_COLUMNS: dict[SortField, Column[Any]] = {
    SortField.CREATED_AT: orders.c.created_at,
    SortField.UPDATED_AT: orders.c.updated_at,
    SortField.TOTAL: orders.c.total,
}


def keyset(stored: StoredOrder, field: SortField) -> Keyset:
    """Return an order's position in a sort, for the cursor of another page."""
    value: datetime | Decimal
    if field is SortField.CREATED_AT:
        value = stored.created_at
    elif field is SortField.UPDATED_AT:
        value = stored.snapshot.updated_at
    else:
        value = stored.order.request.total.amount
    return Keyset(value, stored.order.id)


def page_statement(query: PageQuery) -> tuple[Select[Any], dict[str, object]]:
    """Return the statement for a page, with rows as in ``keyset_page``, and its parameters."""
    conditions = filter_parameters(query.filter)
    parameters = page_parameters(query) | conditions
    name = _merged_by(query, conditions.keys())
    values = list(dict.fromkeys(getattr(query.filter, name))) if name else []
    statement = _page(
        query.sort_field,
        frozenset(conditions),
        ascending=query.descending == query.backward,
        after=query.cursor is not None,
        merged_by=name,
        merged=len(values),
    )
    return statement, parameters | merged_values(values)


def customer_pages_statement(
    customer_ids: Sequence[str], wanted: Slice, owner: str | None
) -> tuple[Select[Any], dict[str, object]]:
    """Return the statement for one page of orders per customer, latest first, and its parameters.

    If there is an ``owner``, the pages of other customers are empty.

    Its rows are those of ``keyset_page``. The additional column ``page_owner`` is the customer to
    whose page the row belongs.
    """
    conditions = filter_parameters(OrderFilter(owner=owner))
    statement = _customer_pages(
        frozenset(conditions), ascending=wanted.backward, after=wanted.cursor is not None
    )
    parameters = page_parameters(wanted) | {"owners": list(customer_ids)}
    return statement, parameters | conditions


_CACHED_STATEMENTS = 200
"""Far more than the different lists that clients show. The statements take at most 13 MB."""

_CREATED = {"created_from", "created_to"}
_MERGEABLE = {"states": orders.c.state, "priorities": orders.c.priority}
"""Columns whose index is sorted by creation time within each value."""


def _merged_by(query: PageQuery, names: Collection[str]) -> str | None:
    """Return the filter field whose values are read separately and then merged, or None."""
    if query.sort_field is SortField.CREATED_AT:
        for name in _MERGEABLE.keys() & names:
            if {*names} <= {name, *_CREATED} and getattr(query.filter, name):
                return name
    return None


# Building a statement takes longer than reading its page, so each shape is built once. The cache is
# bounded because filters have thousands of shapes, and a client may use all of them.
@lru_cache(_CACHED_STATEMENTS)
def _page(  # ruff: ignore[too-many-arguments]  # each argument is part of the statement's shape
    sort_field: SortField,
    names: frozenset[str],
    *,
    ascending: bool,
    after: bool,
    merged_by: str | None,
    merged: int,
) -> Select[Any]:
    start = PageStart(column=_SORT_COLUMNS[sort_field], ascending=ascending, after=after)
    rows = None
    if merged_by is not None:
        conditions = filter_conditions(names - {merged_by})
        rows = merged_rows(start, conditions, _MERGEABLE[merged_by], merged)
    return keyset_page(start, filter_conditions(names), rows=rows, columns=ORDER_COLUMNS)


@cache
def _customer_pages(names: frozenset[str], *, ascending: bool, after: bool) -> Select[Any]:
    owners = func.unnest(bindparam("owners", type_=ARRAY(Text)))
    owner = owners.table_valued(Column("id", Text), name="owner").render_derived()
    start = PageStart(column=orders.c.created_at, ascending=ascending, after=after)
    page = keyset_page(
        start,
        [orders.c.customer_id == owner.c.id, *filter_conditions(names)],
        columns=ORDER_COLUMNS,
        within=owner,
    ).lateral("owner_page")
    return (
        select(owner.c.id.label("page_owner"), page)
        .select_from(owner.join(page, true()))
        .order_by(*start.order_of(page))
    )

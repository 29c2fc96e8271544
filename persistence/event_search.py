"""Statements for the events of all orders: pages, the newest first, and their count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, ColumnElement, Select, Text, any_, bindparam, exists, func, select

from orchestration.domain.states import EventType
from persistence.keyset_page import (
    Keyset,
    PageStart,
    Slice,
    keyset_page,
    merged_rows,
    merged_values,
    page_parameters,
)
from persistence.rows import EVENT_COLUMNS
from persistence.tables import events, orders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from persistence.rows import StoredEvent


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """Conditions that an event must all meet. None: no condition. An empty list matches nothing.

    Bounds are inclusive. ``owner`` is a customer whose token limits the caller, as in OrderFilter.
    """

    order_id: str | None = None
    customer_id: str | None = None
    owner: str | None = None
    types: list[EventType] | None = None
    at_from: datetime | None = None
    at_to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class EventQuery(Slice):
    """A slice of the events that match, the newest first."""

    filter: EventFilter


_E = events.c


def _of_customer(parameter: str) -> ColumnElement[bool]:
    customer_id = bindparam(parameter, type_=Text)
    return exists().where(orders.c.id == _E.order_id, orders.c.customer_id == customer_id)


_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "order_id": _E.order_id == bindparam("order_id", type_=Text),
    "customer_id": _of_customer("customer_id"),
    "owner": _of_customer("owner"),
    "types": _E.type == any_(bindparam("types", type_=ARRAY(Text))),
    "at_from": _E.at >= bindparam("at_from", type_=_E.at.type),
    "at_to": _E.at <= bindparam("at_to", type_=_E.at.type),
}
_TIE_BREAKERS = ("order_id", "sequence")
_SERVED_BY_TYPE_INDEX = {"types", "at_from", "at_to"}


def event_keyset(stored: StoredEvent) -> Keyset:
    """Return an event's position in the list, for the cursor of another page."""
    event = stored.event
    return Keyset(event.at, stored.order_id, event.sequence)


def event_page_statement(query: EventQuery) -> tuple[Select[Any], dict[str, object]]:
    """Return the statement for a page, with rows as in ``keyset_page``, and its parameters."""
    conditions = _parameters(query.filter)
    parameters = page_parameters(query, _TIE_BREAKERS) | conditions
    merged = []
    if conditions.keys() <= _SERVED_BY_TYPE_INDEX:
        merged = list(dict.fromkeys(query.filter.types or []))
    statement = _page(
        frozenset(conditions),
        ascending=query.backward,
        after=query.cursor is not None,
        merged=len(merged),
    )
    return statement, parameters | merged_values(merged)


def event_count_statement(filter_: EventFilter) -> tuple[Select[Any], dict[str, object]]:
    parameters = _parameters(filter_)
    statement = select(func.count()).select_from(events).where(*_conditions(parameters))
    return statement, parameters


@lru_cache(200)
def _page(names: frozenset[str], *, ascending: bool, after: bool, merged: int) -> Select[Any]:
    start = PageStart(column=_E.at, ascending=ascending, after=after, tie_breakers=_TIE_BREAKERS)
    rows = merged_rows(start, _conditions(names - {"types"}), _E.type, merged) if merged else None
    return keyset_page(start, _conditions(names), rows=rows, columns=EVENT_COLUMNS)


def _conditions(names: Mapping[str, object] | frozenset[str]) -> list[ColumnElement[bool]]:
    return [_CONDITIONS[name] for name in sorted(names)]


def _parameters(filter_: EventFilter) -> dict[str, object]:
    return {name: value for name, value in vars(filter_).items() if value is not None}

"""Pages that begin at a place in the sort, and not after so many rows: stable under writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import Column, Select, Text, exists, literal, select, true, tuple_

from persistence.feed_position import HORIZON, FeedPosition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, FromClause, Row

Node = TypeVar("Node")


@dataclass(frozen=True)
class Keyset:
    """A row's position under a sort: the value that is compared first, and the row's id."""

    value: datetime | Decimal
    id: str


@dataclass(frozen=True)
class Page(Generic[Node]):
    """Nodes in the order of the sort, also where the page was read backward.

    ``has_more`` tells of further ones in the direction read, ``has_before`` of those in the other
    direction, from the cursor on. ``position`` is where the feed of events stood: what comes after
    it may be in the nodes already, what came before is. It makes no page another one.
    """

    nodes: list[Node]
    has_more: bool
    has_before: bool
    position: FeedPosition = field(default=FeedPosition(0), compare=False)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Up to ``limit`` rows after the cursor: of the smallest on, or (not ``rising``) the largest.

    ``column`` is compared first; its table's ``id`` tells rows apart that are equal in it.
    """

    column: Column[Any]
    rising: bool
    limit: int
    cursor: Keyset | None


def keyset_page(
    place: Place, conditions: Sequence[ColumnElement[bool]], within: FromClause | None = None
) -> Select[Any]:
    """Select one row more than the page has, nearest to the cursor first.

    Every row also says ``has_before`` and ``horizon``, and there is one row, void of all else,
    where none match.
    ``within`` is what the conditions refer to outside, where this becomes a part of a statement.
    """
    column = place.column
    table = column.table
    page = select(table).where(*conditions).limit(place.limit + 1).correlate(within)
    page = page.order_by(*_order(place, column, table.c.id))
    has_before: ColumnElement[bool] = literal(False)
    if place.cursor is not None:
        here = tuple_(column, table.c.id)
        cursor = tuple_(literal(place.cursor.value, column.type), literal(place.cursor.id, Text))
        page = page.where(here > cursor if place.rising else here < cursor)
        passed = here <= cursor if place.rising else here >= cursor
        has_before = exists().where(*conditions, passed).correlate(within)
    before = select(has_before.label("has_before"), HORIZON).subquery("before")
    nodes = page.subquery("page")
    return (
        select(before.c.has_before, before.c.horizon, nodes)
        .select_from(before.outerjoin(nodes, true()))
        .order_by(*_order(place, nodes.c[column.key], nodes.c.id))
    )


def page_of(rows: Sequence[Row[Any]], nodes: list[Node], limit: int) -> Page[Node]:
    """Make the page of a statement's rows, ``nodes`` being what they hold, one too many or not."""
    return Page(
        nodes[:limit],
        has_more=len(rows) > limit,
        has_before=rows[0].has_before,
        position=FeedPosition(int(rows[0].horizon)),
    )


def _order(place: Place, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return list(columns) if place.rising else [column.desc() for column in columns]

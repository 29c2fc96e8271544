"""Pages that begin at a place in the sort, and not after so many rows: stable under writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import (
    Column,
    Integer,
    Select,
    Text,
    Tuple,
    bindparam,
    exists,
    literal,
    select,
    true,
    tuple_,
)

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
    """From the smallest row on, or (not ``rising``) the largest; ``after``: from a cursor on.

    ``column`` is compared first; its table's ``id`` tells rows apart that are equal in it.
    """

    column: Column[Any]
    rising: bool
    after: bool

    @property
    def order(self) -> list[ColumnElement[Any]]:
        """What to sort the table's rows by."""
        return self.order_of(self.column.table)

    def order_of(self, rows: FromClause) -> list[ColumnElement[Any]]:
        """What to sort these rows by, which are of the table."""
        columns = (rows.c[self.column.key], rows.c.id)
        return list(columns) if self.rising else [column.desc() for column in columns]

    @property
    def _here(self) -> Tuple:
        return tuple_(self.column, self.column.table.c.id)

    @property
    def _cursor(self) -> Tuple:
        value = bindparam("cursor_value", type_=self.column.type)
        return tuple_(value, bindparam("cursor_id", type_=Text))

    @property
    def ahead(self) -> ColumnElement[bool]:
        """Whether a row comes after the cursor."""
        return self._here > self._cursor if self.rising else self._here < self._cursor

    @property
    def passed(self) -> ColumnElement[bool]:
        """Whether a row does not."""
        return self._here <= self._cursor if self.rising else self._here >= self._cursor


def place_parameters(limit: int, cursor: Keyset | None) -> dict[str, object]:
    """Give a page's statement its values: one row more than the page has is read."""
    parameters: dict[str, object] = {"rows": limit + 1}
    if cursor is not None:
        parameters |= {"cursor_value": cursor.value, "cursor_id": cursor.id}
    return parameters


def rows_of(
    place: Place, conditions: Sequence[ColumnElement[bool]], within: FromClause | None = None
) -> Select[Any]:
    """Select the rows nearest to the place, nearest first."""
    page = select(place.column.table).where(*conditions).correlate(within)
    if place.after:
        page = page.where(place.ahead)
    return page.order_by(*place.order).limit(bindparam("rows", type_=Integer))


def keyset_page(
    place: Place,
    conditions: Sequence[ColumnElement[bool]],
    *,
    rows: Select[Any] | None = None,
    columns: Sequence[Column[Any]] | None = None,
    within: FromClause | None = None,
) -> Select[Any]:
    """Select what ``rows`` selects, or else ``rows_of`` does, nearest to the cursor first.

    Every row also says ``has_before`` and ``horizon``, and then has these columns of the table, or
    all; there is one row, void of all else, where none match. ``within`` is what the conditions
    refer to outside, where this becomes a part of a statement.
    """
    has_before: ColumnElement[bool] = literal(False)
    if place.after:
        has_before = exists().where(*conditions, place.passed).correlate(within)
    before = select(has_before.label("has_before"), HORIZON).subquery("before")
    nodes = (rows_of(place, conditions, within) if rows is None else rows).subquery("page")
    shown = [nodes.c[column.key] for column in columns or place.column.table.columns]
    return (
        select(before.c.has_before, before.c.horizon, *shown)
        .select_from(before.outerjoin(nodes, true()))
        .order_by(*place.order_of(nodes))
    )


def page_of(rows: Sequence[Row[Any]], nodes: list[Node], limit: int) -> Page[Node]:
    """Make the page of a statement's rows, ``nodes`` being what they hold, one too many or not."""
    return Page(
        nodes[:limit],
        has_more=len(rows) > limit,
        has_before=rows[0].has_before,
        position=FeedPosition(int(rows[0].horizon)),
    )

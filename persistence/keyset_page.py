"""Keyset pagination: a page begins at a position in the sort, so writes do not shift it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

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
    union_all,
)

from persistence.feed_position import EPOCH, HORIZON_TEXT, FeedPosition

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy import ColumnElement, FromClause, Row

Node = TypeVar("Node")


class Keyset(NamedTuple):
    """A row's position in a sort: the value that it is sorted by, and what breaks ties.

    ``sequence`` is that of an event, whose ``id`` is the ID of its order.
    """

    value: datetime | Decimal
    id: str
    sequence: int | None = None


@dataclass(frozen=True, kw_only=True)
class Slice:
    """At most ``limit`` rows after the cursor, or before it if ``backward``.

    Without a cursor, the first rows, or the last rows if ``backward``.
    """

    limit: int
    cursor: Keyset | None = None
    backward: bool = False


@dataclass(frozen=True)
class Page(Generic[Node]):
    """Nodes in the order of the sort, even if the page was read backward.

    ``has_next`` and ``has_previous`` tell whether nodes follow or precede the page in that order.
    ``position`` is the feed's position when the page was read. The nodes include every event before
    it and may include later ones, so a client that follows the feed from there misses nothing.
    """

    nodes: list[Node]
    has_next: bool
    has_previous: bool
    position: FeedPosition = field(default=FeedPosition(0), compare=False)


@dataclass(frozen=True, kw_only=True)
class PageStart:
    """Where a page begins: at the start of a sort or, if ``after``, behind a cursor.

    Rows are sorted by ``column``, then by the names in ``tie_breakers``, all of the same table.
    """

    column: Column[Any]
    ascending: bool
    after: bool
    tie_breakers: tuple[str, ...] = ("id",)

    @property
    def order(self) -> list[ColumnElement[Any]]:
        """The ORDER BY of the table's own rows."""
        return self.order_of(self.column.table)

    def order_of(self, rows: FromClause) -> list[ColumnElement[Any]]:
        """Return the ORDER BY of a subquery that selects from the table."""
        columns: list[ColumnElement[Any]] = [
            rows.c[name] for name in (self.column.key, *self.tie_breakers)
        ]
        return columns if self.ascending else [column.desc() for column in columns]

    @property
    def _key(self) -> Tuple:
        return tuple_(self.column, *self._tie_columns)

    @property
    def _cursor(self) -> Tuple:
        value = bindparam("cursor_value", type_=self.column.type)
        ties = (bindparam(f"cursor_{tie.key}", type_=tie.type) for tie in self._tie_columns)
        return tuple_(value, *ties)

    @property
    def _tie_columns(self) -> list[ColumnElement[Any]]:
        return [self.column.table.c[name] for name in self.tie_breakers]

    @property
    def ahead(self) -> ColumnElement[bool]:
        """The condition that a row comes after the cursor."""
        return self._key > self._cursor if self.ascending else self._key < self._cursor

    @property
    def passed(self) -> ColumnElement[bool]:
        """The condition that a row is at the cursor or comes before it."""
        return self._key <= self._cursor if self.ascending else self._key >= self._cursor


def page_parameters(wanted: Slice, tie_breakers: tuple[str, ...] = ("id",)) -> dict[str, object]:
    """Return a page's parameters. One additional row is read, to know whether there are more."""
    parameters: dict[str, object] = {"rows": wanted.limit + 1}
    if wanted.cursor is not None:
        value, *ties = wanted.cursor
        parameters["cursor_value"] = value
        parameters |= zip((f"cursor_{name}" for name in tie_breakers), ties, strict=False)
    return parameters


def page_rows(
    start: PageStart, conditions: Sequence[ColumnElement[bool]], within: FromClause | None = None
) -> Select[Any]:
    """Select all columns of the page's rows, in the direction of reading."""
    page = select(start.column.table).where(*conditions).correlate(within)
    if start.after:
        page = page.where(start.ahead)
    return page.order_by(*start.order).limit(bindparam("rows", type_=Integer))


def merged_rows(
    start: PageStart, conditions: list[ColumnElement[bool]], column: Column[Any], count: int
) -> Select[Any]:
    """Select a page per value of the column, each from the index, and merge these pages.

    A single query for all values would have to sort or skip rows, depending on how rare they are.
    ``merged_values`` has the parameters.
    """
    pages = [
        page_rows(start, [*conditions, column == bindparam(f"merged_value_{number}", type_=Text)])
        for number in range(count)
    ]
    rows = union_all(*(select(page.subquery()) for page in pages)).subquery("merged")
    return select(rows).order_by(*start.order_of(rows)).limit(bindparam("rows", type_=Integer))


def merged_values(values: Iterable[object]) -> dict[str, object]:
    return {f"merged_value_{number}": value for number, value in enumerate(values)}


def keyset_page(
    start: PageStart,
    conditions: Sequence[ColumnElement[bool]],
    *,
    rows: Select[Any] | None = None,
    columns: Sequence[Column[Any]] | None = None,
    within: FromClause | None = None,
) -> Select[Any]:
    """Return the statement for a page, in the direction of reading.

    Each row has ``has_passed`` (whether rows match at the cursor or before it), ``horizon`` and
    ``epoch``, followed by the given columns of the table, or by all of them. If nothing matches,
    there is one row, with null in all those columns.

    Args:
        start: Where the page begins.
        conditions: The filter.
        rows: Selects the page's rows in a special way, instead of ``page_rows``.
        columns: The columns to return.
        within: The FROM clause of an enclosing statement that the conditions refer to.
    """
    has_passed: ColumnElement[bool] = literal(False)
    if start.after:
        has_passed = exists().where(*conditions, start.passed).correlate(within)
    before = select(has_passed.label("has_passed"), HORIZON_TEXT, EPOCH).subquery("before")
    nodes = (page_rows(start, conditions, within) if rows is None else rows).subquery("page")
    shown = [nodes.c[column.key] for column in columns or start.column.table.columns]
    return (
        select(before.c.has_passed, before.c.horizon, before.c.epoch, *shown)
        .select_from(before.outerjoin(nodes, true()))
        .order_by(*start.order_of(nodes))
    )


def page_of(rows: Sequence[Row[Any]], nodes: list[Node], wanted: Slice) -> Page[Node]:
    """Return the page for a statement's rows. ``nodes`` may include the additional row."""
    nodes, has_more, has_passed = (
        nodes[: wanted.limit],
        len(rows) > wanted.limit,
        rows[0].has_passed,
    )
    if wanted.backward:
        nodes.reverse()
    return Page(
        nodes,
        has_next=has_passed if wanted.backward else has_more,
        has_previous=has_more if wanted.backward else has_passed,
        position=FeedPosition(int(rows[0].horizon), epoch=rows[0].epoch),
    )

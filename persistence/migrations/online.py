"""For migrations of large tables: long statements that do not block readers and writers.

A migration that uses this module is not one transaction. If it is interrupted, it runs again from
its beginning, so each of its steps must be repeatable (``IF NOT EXISTS``).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from alembic import op
from sqlalchemy import Column, MetaData, Table, Text, bindparam, func, select, text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from sqlalchemy import TextClause

_ROWS_PER_BATCH = 1000
_INVALID = text(
    "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid"
)


@contextmanager
def outside_transaction() -> Generator[None]:
    """Commit each statement on its own, and do not limit how long it takes.

    For statements whose locks conflict neither with reads nor with writes, such as CREATE INDEX
    CONCURRENTLY or VALIDATE CONSTRAINT, and for updates of few rows at a time.
    """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute("SET statement_timeout = 0")
        try:
            yield
        finally:
            op.execute("RESET lock_timeout")
            op.execute("RESET statement_timeout")


def create_index_concurrently(
    name: str, table: str, columns: Sequence[str | TextClause], *, unique: bool = False
) -> None:
    """Create an index, unless it exists, while the table is in use.

    Waits for all older transactions to end.
    """
    with outside_transaction():
        # An interrupted build leaves an index that is maintained but never used.
        if op.get_bind().execute(_INVALID, {"name": name}).scalar_one():
            op.drop_index(name, postgresql_concurrently=True)
        op.create_index(
            name,
            table,
            columns,
            unique=unique,
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def id_ranges(table: str) -> Iterator[tuple[str, str]]:
    """Yield ranges of a table's ``id`` with about a thousand rows each: after, and up to.

    To be used within ``outside_transaction``: update one range per statement.
    """
    rows = Table(table, MetaData(), Column("id", Text)).c
    batch = select(rows.id).where(rows.id > bindparam("after")).order_by(rows.id)
    next_id = select(func.max(batch.limit(_ROWS_PER_BATCH).subquery().c.id))
    after = ""
    while (upto := op.get_bind().execute(next_id, {"after": after}).scalar_one()) is not None:
        yield after, upto
        after = upto

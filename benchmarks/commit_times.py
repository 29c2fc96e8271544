"""When each event was committed, as Postgres itself notes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from benchmarks.stream_clients import Seen

BEFORE_REVIEW = 3
"""Events that an order has when it begins to wait."""

_NOTE_COMMITS = (
    "CREATE TABLE committed (order_id text, sequence int, at double precision)",
    """
    CREATE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO committed
        VALUES (NEW.order_id, NEW.sequence, extract(epoch FROM clock_timestamp()));
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER note_commit AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION note_commit()
    """,
)
"""A trigger that is deferred runs when its transaction commits."""


async def note_commits(engine: AsyncEngine) -> None:
    """Have the database note them from now on."""
    async with engine.connect() as connection:
        for statement in _NOTE_COMMITS:
            await connection.execute(text(statement))


async def delays(engine: AsyncEngine, seen: list[Seen]) -> list[float]:
    """Return the milliseconds from commit to client, of the events since the approval."""
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT order_id, sequence, at FROM committed"))
        committed = {(row.order_id, row.sequence): row.at for row in rows}
    return sorted(
        (one.at - committed[one.order_id, one.sequence]) * 1000
        for one in seen
        if one.sequence > BEFORE_REVIEW
    )

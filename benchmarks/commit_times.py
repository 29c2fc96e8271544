"""Commit times of events, recorded by Postgres, and latencies measured from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from benchmarks.stream_clients import ReceivedEvent

EVENTS_BEFORE_REVIEW = 3
"""Number of events that an order has when its review starts."""

_RECORD_COMMIT_TIMES = (
    "CREATE TABLE committed (order_id text, sequence int, at double precision)",
    """
    CREATE FUNCTION record_commit_time() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO committed
        VALUES (NEW.order_id, NEW.sequence, extract(epoch FROM clock_timestamp()));
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER record_commit_time AFTER INSERT ON events
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_commit_time()
    """,
)
"""A deferred constraint trigger runs when its transaction commits."""


async def record_commit_times(engine: AsyncEngine) -> None:
    """Install a trigger that records the commit time of every event from now on."""
    async with engine.connect() as connection:
        for statement in _RECORD_COMMIT_TIMES:
            await connection.execute(text(statement))


async def commit_latencies(engine: AsyncEngine, received: list[ReceivedEvent]) -> list[float]:
    """Return the milliseconds from commit to receipt of all events after the approval, sorted."""
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT order_id, sequence, at FROM committed"))
        committed = {(row.order_id, row.sequence): row.at for row in rows}
    return sorted(
        (event.at - committed[event.order_id, event.sequence]) * 1000
        for event in received
        if event.sequence > EVENTS_BEFORE_REVIEW
    )

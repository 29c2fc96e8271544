"""Waiting until the tail can read everything that was written so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.reads import FeedPosition, Reads


async def past_all_written(engine: AsyncEngine, reads: Reads) -> FeedPosition:
    """Wait until the tail can read everything written so far, and return the position after it.

    Any running transaction delays this, including those of Postgres itself, such as autovacuum's.
    """
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT pg_current_xact_id()::text"))
        newest = int(found.scalar_one())

    async def position_after() -> FeedPosition | None:
        position = await reads.feed_position()
        return position if position.xid > newest else None

    return await wait_until(position_after)

"""How far the tail may read: up to the oldest transaction that still writes, whosoever it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import text

from persistence.reads import FeedPosition, Reads

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


async def past_all_written(engine: AsyncEngine, reads: Reads) -> FeedPosition:
    """Wait until all that was written so far can be read, and return the position after it.

    A transaction of Postgres's own, such as an autovacuum's ANALYZE, holds it back as any other.
    """
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT pg_current_xact_id()::text"))
        newest = int(found.scalar_one())
    async with asyncio.timeout(30):
        while (horizon := int(await reads.feed_position())) <= newest:  # ruff: ignore[async-busy-wait]
            await asyncio.sleep(0.02)
    return FeedPosition(horizon)

"""Waiting until the tail can read everything that was written so far."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import text

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
    async with asyncio.timeout(30):
        while (position := await reads.feed_position()).xid <= newest:  # ruff: ignore[async-busy-wait]
            await asyncio.sleep(0.02)
    return position

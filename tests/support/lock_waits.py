"""Who waits for whom in Postgres: what a test that interleaves transactions has to know."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

# What records events is known by its beginning: of a long statement Postgres keeps a kilobyte.
_WAITING = text("""
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'orders' AND wait_event_type = 'Lock'
  AND (query LIKE '%placed AS MATERIALIZED%') = :recording
""")


async def have_waiting(
    engine: AsyncEngine, number: int, within: float = 10, *, recording: bool = False
) -> None:
    """Wait until as many statements wait for a lock.

    Those that record orders' events are counted apart: orders of earlier tests may still go on.
    """
    async with asyncio.timeout(within):
        # Postgres tells of locks to those who ask.
        while (  # ruff: ignore[async-busy-wait]
            await _waiting(engine, recording=recording) != number
        ):
            await asyncio.sleep(0.02)


async def _waiting(engine: AsyncEngine, *, recording: bool) -> int:
    async with engine.connect() as connection:
        found = await connection.execute(_WAITING, {"recording": recording})
        return int(found.scalar_one())

"""Waiting until statements block on a lock, for tests that interleave transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

# The ledger's statement is recognized by its beginning, because pg_stat_activity keeps only one
# kilobyte of each statement.
_WAITING = text("""
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'orders' AND wait_event_type = 'Lock'
  AND (query LIKE '%placed AS MATERIALIZED%') = :recording
""")


async def wait_for_lock_waits(
    engine: AsyncEngine, number: int, timeout: float = 10, *, recording: bool = False
) -> None:
    """Wait until exactly ``number`` statements are waiting for a lock.

    Either the ledger's statements are counted (``recording``) or all others, because orders of
    earlier tests may still be running.
    """

    async def reached() -> bool:
        return await _count(engine, recording=recording) == number

    await wait_until(reached, timeout=timeout)


async def _count(engine: AsyncEngine, *, recording: bool) -> int:
    async with engine.connect() as connection:
        found = await connection.execute(_WAITING, {"recording": recording})
        return int(found.scalar_one())

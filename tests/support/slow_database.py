"""A database in which reads wait for a lock, and requests that run into it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pydantic import SecretStr
from sqlalchemy import text

from persistence.engine import create_engine
from persistence.settings import PersistenceSettings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncEngine

SLOW = "query Slow { customers { totalCount } }"
TYPED = "{ __typename }"
PAGE = "{ orders(first: 1) { nodes { id } } }"
CONNECTIONS = 10  # in the pool of an API


@asynccontextmanager
async def locked(engine: AsyncEngine, *tables: str) -> AsyncGenerator[None]:
    """Hold a lock that blocks all readers of these tables, by default of the customers."""
    async with engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
        for table in tables or ("customers",):
            await connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield


@asynccontextmanager
async def separate_pool(database_url: str) -> AsyncGenerator[AsyncEngine]:
    """Open a connection pool for an API, so that the test's own statements never wait for it."""
    engine = create_engine(PersistenceSettings(database_url=SecretStr(database_url)))
    try:
        yield engine
    finally:
        await engine.dispose()

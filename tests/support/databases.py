"""Databases for tests that must not see the rows of others."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pydantic import SecretStr
from sqlalchemy import text

from persistence.engine import create_engine
from persistence.settings import PersistenceSettings
from tests.support.timelines import unique_id

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@asynccontextmanager
async def temporary_database(server_url: str) -> AsyncGenerator[PersistenceSettings]:
    """Create a database without tables, and drop it at the end."""
    name = unique_id("empty")
    server = create_engine(PersistenceSettings(database_url=SecretStr(server_url)))
    url = server.url.set(database=name).render_as_string(hide_password=False)
    try:
        async with server.connect() as connection:
            await connection.execute(text(f'CREATE DATABASE "{name}"'))
        yield PersistenceSettings(database_url=SecretStr(url))
        async with server.connect() as connection:
            await connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    finally:
        await server.dispose()

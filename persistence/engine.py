"""The way to Postgres, and the one place where its absence gets a name."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import NullPool, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine

from orchestration.domain.errors import RecordUnavailable
from persistence.json_codec import dumps

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy import URL
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
    from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

    from persistence.settings import PersistenceSettings

# A statement takes about a millisecond, so that ten connections serve thousands a second.
_CONNECTIONS = 10
_SECONDS_TO_GET_ONE = 3.0
_SECONDS_TO_CONNECT = 3.0
_SECONDS_A_STATEMENT = 10
# The server ends a statement that takes too long; this is for a server that says nothing at all.
_SECONDS_TO_ANSWER = _SECONDS_A_STATEMENT + 2.0

# The SQLSTATE classes of a server that refuses to serve, rather than refusing one statement:
# connection exception, invalid authorization, no such database, insufficient resources,
# operator intervention (shutdown, start-up, statement timeout), system error.
_UNAVAILABLE_CLASSES = {"08", "28", "3D", "53", "57", "58"}

_PLANS_EACH_TIME = "plans each time"
"""Noted with a connection that has been told so, for as long as it is open."""


def create_engine(settings: PersistenceSettings) -> AsyncEngine:
    """Return an engine whose every statement is one round trip and one transaction.

    Nothing is connected yet; the caller disposes of it.
    """
    engine = create_async_engine(
        settings.url,
        isolation_level="AUTOCOMMIT",
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_SECONDS_TO_GET_ONE,
        pool_reset_on_return=None,  # in AUTOCOMMIT there is nothing to roll back
        hide_parameters=True,
        json_serializer=dumps,
        connect_args={
            "timeout": _SECONDS_TO_CONNECT,
            "command_timeout": _SECONDS_TO_ANSWER,
            "server_settings": {
                "application_name": "orders",
                "statement_timeout": f"{_SECONDS_A_STATEMENT}s",
                "timezone": "UTC",
            },
        },
    )
    event.listen(engine.sync_engine, "connect", _read_json_straight)
    event.listen(engine.sync_engine, "checkout", _leave_closed_connection)
    return engine


def create_migration_engine(url: URL) -> AsyncEngine:
    """Return an engine that begins transactions and waits for a slow statement to end."""
    return create_async_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"timeout": _SECONDS_TO_CONNECT},
    )


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection, None]:
    """Lend a connection. Everything in this package reaches Postgres through here.

    Raises RecordUnavailable where there is none, or where it is lost on the way.
    """
    try:
        async with engine.connect() as connection:
            yield connection
    except (OSError, PoolTimeout) as error:
        raise RecordUnavailable(str(error) or type(error).__name__) from error
    except DBAPIError as error:
        if not _is_unavailable(error):
            raise
        raise RecordUnavailable(str(error.orig)) from error


async def plan_each_time(connection: AsyncConnection) -> None:
    """Have Postgres plan each statement for its very values, on this connection from now on.

    By itself it may settle for one plan for all values. It then looks for orders in a state that
    none are in as for those in a common one: among all there are.
    """
    info = (await connection.get_raw_connection()).info
    if _PLANS_EACH_TIME not in info:
        await connection.execute(text("SET plan_cache_mode = force_custom_plan"))
        info[_PLANS_EACH_TIME] = True


async def ping(engine: AsyncEngine) -> None:
    """Ask Postgres for a sign of life, or raise RecordUnavailable."""
    async with connected(engine) as connection:
        await connection.execute(text("SELECT 1"))


def _is_unavailable(error: DBAPIError) -> bool:
    sqlstate: str | None = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or (
        sqlstate is not None and sqlstate[:2] in _UNAVAILABLE_CLASSES
    )


def _read_json_straight(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Have the driver itself give orjson what it reads: a page has a thousand such values."""
    connection.run_async(
        lambda driver: driver.set_type_codec(
            "jsonb", schema="pg_catalog", encoder=str, decoder=orjson.loads
        )
    )


def _leave_closed_connection(
    _connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Have the pool make another connection where the server has hung up meanwhile.

    The driver knows by itself, so that this costs no round trip, as a ping on loan would.
    """
    driver = entry.driver_connection
    if driver is not None and driver.is_closed():
        raise DisconnectionError("the server has closed this connection")

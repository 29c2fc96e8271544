"""Connections to Postgres, and the translation of its outages to RecordUnavailable."""

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

# A statement takes about a millisecond, so ten connections serve thousands per second.
_POOL_SIZE = 10
# Timeouts in seconds.
_POOL_TIMEOUT = 3.0
_CONNECT_TIMEOUT = 3.0
_STATEMENT_TIMEOUT = 10
# The server itself ends a slow statement. This is for a server that does not respond at all.
_COMMAND_TIMEOUT = _STATEMENT_TIMEOUT + 2.0

# A migration may hold up the processes that use the tables by no more than this. In milliseconds.
_MIGRATION_LOCK_TIMEOUT = 500
_MIGRATION_STATEMENT_TIMEOUT = 1000

# The SQLSTATE classes of errors that concern the server and not the statement: connection
# exception, invalid authorization, database does not exist, insufficient resources, operator
# intervention (shutdown, start-up, statement timeout), system error.
_UNAVAILABLE_CLASSES = {"08", "28", "3D", "53", "57", "58"}

_CUSTOM_PLANS = "custom plans"
"""Key in the info of a pooled connection on which ``plan_each_time`` has taken effect."""


def create_engine(settings: PersistenceSettings) -> AsyncEngine:
    """Return an engine whose every statement is one round trip and one transaction.

    It connects on first use. The caller must dispose of it.
    """
    engine = create_async_engine(
        settings.url,
        isolation_level="AUTOCOMMIT",
        pool_size=_POOL_SIZE,
        max_overflow=0,
        pool_timeout=_POOL_TIMEOUT,
        pool_reset_on_return=None,  # AUTOCOMMIT leaves nothing to roll back
        hide_parameters=True,
        json_serializer=dumps,
        connect_args={
            "timeout": _CONNECT_TIMEOUT,
            "command_timeout": _COMMAND_TIMEOUT,
            "server_settings": {
                "application_name": "orders",
                "statement_timeout": f"{_STATEMENT_TIMEOUT}s",
                "timezone": "UTC",
            },
        },
    )
    event.listen(engine.sync_engine, "connect", _decode_jsonb_with_orjson)
    event.listen(engine.sync_engine, "checkout", _replace_closed_connection)
    return engine


def create_migration_engine(url: URL) -> AsyncEngine:
    """Return an engine that uses transactions, with limits that keep others from waiting."""
    return create_async_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={
            "timeout": _CONNECT_TIMEOUT,
            "server_settings": {
                "application_name": "orders migrate",
                "lock_timeout": f"{_MIGRATION_LOCK_TIMEOUT}ms",
                "statement_timeout": f"{_MIGRATION_STATEMENT_TIMEOUT}ms",
            },
        },
    )


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection, None]:
    """Lend a connection from the pool. All access to Postgres goes through this function.

    Raises RecordUnavailable if no connection is available, or if it is lost while in use.
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
    """Make Postgres plan each statement for its actual parameters, from now on for this connection.

    By default, Postgres may reuse a generic plan. For a rare state it would then scan all orders,
    as the plan for a common state does.
    """
    info = (await connection.get_raw_connection()).info
    if _CUSTOM_PLANS not in info:
        await connection.execute(text("SET plan_cache_mode = force_custom_plan"))
        info[_CUSTOM_PLANS] = True


async def ping(engine: AsyncEngine) -> None:
    """Check that Postgres responds. Raises RecordUnavailable."""
    async with connected(engine) as connection:
        await connection.execute(text("SELECT 1"))


def _is_unavailable(error: DBAPIError) -> bool:
    sqlstate: str | None = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or (
        sqlstate is not None and sqlstate[:2] in _UNAVAILABLE_CLASSES
    )


def _decode_jsonb_with_orjson(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Decode jsonb in the driver instead of in SQLAlchemy. A page has a thousand such values."""
    connection.run_async(
        lambda driver: driver.set_type_codec(
            "jsonb", schema="pg_catalog", encoder=str, decoder=orjson.loads
        )
    )


def _replace_closed_connection(
    _connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Make the pool open another connection if the server has closed this one.

    The driver already knows, so this check costs no round trip, unlike SQLAlchemy's pre-ping.
    """
    driver = entry.driver_connection
    if driver is not None and driver.is_closed():
        raise DisconnectionError("the server has closed this connection")

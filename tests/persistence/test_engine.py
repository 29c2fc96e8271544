from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from orchestration.domain.errors import RecordUnavailable
from persistence.engine import connected, create_engine, ping
from persistence.ledger import PostgresLedger
from persistence.migrations.compatibility import has_compatible_tables
from persistence.migrations.upgrade import migrate
from persistence.reads import Reads
from persistence.settings import PersistenceSettings
from tests.support.orders import make_order
from tests.support.timelines import UNTIL_PAID, Timeline, unique_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as taken:  # bound, but not listening
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def unreachable(closed_port: int) -> PersistenceSettings:
    url = f"postgresql://ada:s3cret@127.0.0.1:{closed_port}/shop"
    return PersistenceSettings(database_url=SecretStr(url))


@pytest.fixture
async def unreachable_engine(unreachable: PersistenceSettings) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(unreachable)
    yield engine
    await engine.dispose()


@pytest.fixture
async def another_engine(settings: PersistenceSettings) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(settings)
    yield engine
    await engine.dispose()


async def backend(connection: AsyncConnection) -> int:
    found = await connection.execute(text("SELECT pg_backend_pid()"))
    return int(found.scalar_one())


async def terminate(engine: AsyncEngine, pid: int, *, after: float = 0) -> None:
    await asyncio.sleep(after)
    async with connected(engine) as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


async def test_a_ping_succeeds_if_the_server_responds(engine: AsyncEngine) -> None:
    await ping(engine)


async def test_every_operation_reports_an_unreachable_server_as_unavailable(
    unreachable_engine: AsyncEngine, unreachable: PersistenceSettings
) -> None:
    timeline = Timeline(make_order(customer_id=unique_id("customer"))).add(*UNTIL_PAID)
    for attempt in (
        ping(unreachable_engine),
        has_compatible_tables(unreachable_engine),
        migrate(unreachable),
        Reads(unreachable_engine).order(timeline.order.id),
        PostgresLedger(unreachable_engine).record(timeline.batch(1, 4)),
    ):
        with pytest.raises(RecordUnavailable, match="Postgres is unavailable") as unavailable:
            await attempt
        assert "s3cret" not in str(unavailable.value)


async def test_a_missing_unix_socket_is_reported_as_unavailable(tmp_path: Path) -> None:
    url = SecretStr(f"postgresql://ada@/shop?host={tmp_path}")
    engine = create_engine(PersistenceSettings(database_url=url))
    with pytest.raises(RecordUnavailable):
        await ping(engine)


async def test_a_server_that_accepts_but_never_responds_is_reported_as_unavailable() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        url = SecretStr(f"postgresql://ada:s3cret@127.0.0.1:{port}/shop")
        engine = create_engine(PersistenceSettings(database_url=url))
        with pytest.raises(RecordUnavailable):
            async with asyncio.timeout(8):
                await ping(engine)


async def test_a_database_that_does_not_exist_is_reported_as_unavailable(
    settings: PersistenceSettings,
) -> None:
    url = settings.url.set(database=unique_id("none")).render_as_string(hide_password=False)
    engine = create_engine(PersistenceSettings(database_url=SecretStr(url)))
    with pytest.raises(RecordUnavailable, match="does not exist"):
        await ping(engine)


async def test_a_pooled_connection_that_the_server_closed_is_replaced_without_an_error(
    engine: AsyncEngine, another_engine: AsyncEngine
) -> None:
    async with connected(another_engine) as connection:
        pid = await backend(connection)
    await terminate(engine, pid)

    await ping(another_engine)


async def test_a_connection_lost_during_a_statement_is_reported_as_unavailable(
    engine: AsyncEngine, another_engine: AsyncEngine
) -> None:
    async def lose_connection() -> None:
        async with connected(another_engine) as connection:
            cutting = asyncio.create_task(terminate(engine, await backend(connection), after=0.05))
            try:
                await connection.execute(text("SELECT pg_sleep(9)"))
            finally:
                await cutting

    with pytest.raises(RecordUnavailable):
        await lose_connection()


async def test_an_invalid_statement_is_not_reported_as_unavailable(engine: AsyncEngine) -> None:
    with pytest.raises(ProgrammingError):
        async with connected(engine) as connection:
            await connection.execute(text("SELECT nonsense"))


async def test_each_statement_is_a_separate_transaction(engine: AsyncEngine) -> None:
    async with connected(engine) as connection:
        found = [
            (await connection.execute(text("SELECT pg_current_xact_id()::text"))).scalar_one()
            for _ in range(2)
        ]
    assert found[0] != found[1]

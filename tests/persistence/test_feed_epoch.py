"""The feed's epoch changes with every restore and promotion, and with nothing else."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from cli.stack.embedded_stack import temporary_folder
from cli.stack.postgres import socket_folder, start_postgres
from cli.stack.processes import ProcessGroup
from persistence.engine import create_engine
from persistence.migrations.upgrade import migrate
from persistence.reads import OtherEpoch, Reads
from persistence.settings import PersistenceSettings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine


@asynccontextmanager
async def _reads(settings: PersistenceSettings) -> AsyncGenerator[Reads]:
    await migrate(settings)
    engine = create_engine(settings)
    try:
        yield Reads(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def _server(folder: Path) -> AsyncGenerator[Reads]:
    with socket_folder(folder) as sockets:
        async with ProcessGroup() as processes:
            url = await start_postgres(processes, folder, sockets, persistent=False)
            async with _reads(PersistenceSettings(database_url=SecretStr(url))) as reads:
                yield reads


def _recover_and_promote(folder: Path) -> None:
    """Let the next start recover the data as from a physical backup, and then promote itself."""
    data = folder / "postgres"
    with (data / "postgresql.auto.conf").open("a") as configuration:
        configuration.write("restore_command = 'false'\n")
    # Copied from another file for its owner: the server may run as another user.
    shutil.copy2(data / "PG_VERSION", data / "recovery.signal")
    owner = (data / "PG_VERSION").stat()
    shutil.chown(data / "recovery.signal", owner.st_uid, owner.st_gid)


async def test_a_promoted_server_refuses_positions_from_before_its_promotion() -> None:
    with temporary_folder() as folder:
        async with _server(folder) as reads:
            before = await reads.feed_position()
        async with _server(folder) as reads:
            assert (await reads.feed_position()).epoch == before.epoch, "a restart is no restore"
        _recover_and_promote(folder)
        async with _server(folder) as reads:
            after = await reads.feed_position()
            assert after >= before
            assert after.epoch != before.epoch
            with pytest.raises(OtherEpoch):
                await reads.tail(before, 100)


async def test_tables_that_were_created_again_on_the_same_server_have_another_epoch(
    engine: AsyncEngine, empty_database: PersistenceSettings
) -> None:
    original = await Reads(engine).feed_position()
    async with _reads(empty_database) as copy:
        assert (await copy.feed_position()).epoch != original.epoch

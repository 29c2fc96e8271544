"""API keys in Postgres."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import text

from persistence.api_keys import PostgresApiKeys
from persistence.engine import create_engine
from persistence.migrations.upgrade import migrate
from tests.support.timelines import unique_id

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.settings import PersistenceSettings


async def _create(keys: PostgresApiKeys) -> tuple[str, bytes]:
    key_id = unique_id("key")
    key_hash = sha256(key_id.encode()).digest()
    await keys.create(key_id, key_hash, "warehouse", {"orders:read"}, None)
    return key_id, key_hash


async def test_a_key_is_found_by_its_hash_until_it_is_revoked(engine: AsyncEngine) -> None:
    keys = PostgresApiKeys(engine)
    key_id, key_hash = await _create(keys)
    found = await keys.find(key_hash)
    assert found is not None
    assert (found.id, found.name, found.scopes) == (key_id, "warehouse", ("orders:read",))
    assert await keys.find(b"unknown") is None

    assert await keys.revoke(key_id)
    revoked = await keys.find(key_hash)
    assert revoked is not None
    assert revoked.revoked_at is not None
    assert await keys.revoke(key_id)
    assert await keys.find(key_hash) == revoked
    assert not await keys.revoke(unique_id("no-such-key"))
    assert revoked in await keys.list_all()


async def test_the_last_use_is_written_once_per_hour(engine: AsyncEngine) -> None:
    keys = PostgresApiKeys(engine)
    key_id, key_hash = await _create(keys)

    async def last_use(after_minutes: int) -> object:
        async with engine.connect() as connection:
            await connection.execute(
                text(_AGE), {"id": key_id, "by": timedelta(minutes=after_minutes)}
            )
            before = await connection.scalar(text(_VERSION), {"id": key_id})
            await keys.find(key_hash)
            return before != await connection.scalar(text(_VERSION), {"id": key_id})

    assert await last_use(0), "the first use"
    assert not await last_use(0)
    assert not await last_use(50)
    assert await last_use(15)


_AGE = "UPDATE api_keys SET last_used_at = last_used_at - CAST(:by AS interval) WHERE id = :id"
_VERSION = "SELECT xmin::text FROM api_keys WHERE id = :id"


async def test_only_keys_that_are_not_revoked_exist(empty_database: PersistenceSettings) -> None:
    engine = create_engine(empty_database)
    try:
        keys = PostgresApiKeys(engine)
        assert not await keys.exist(), "without tables"
        await migrate(empty_database)
        assert not await keys.exist()
        key_id, _ = await _create(keys)
        assert await keys.exist()
        await keys.revoke(key_id)
        assert not await keys.exist()
    finally:
        await engine.dispose()

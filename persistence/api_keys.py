"""API keys, stored as hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import ProgrammingError

from persistence.engine import connected
from persistence.tables import api_keys

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncEngine

LAST_USE_PRECISION: Final = timedelta(hours=1)
"""The time of the last use is written only if the stored one is older than this."""

_UNDEFINED_TABLE = "42P01"
_COLUMNS = (
    api_keys.c.id,
    api_keys.c.name,
    api_keys.c.scopes,
    api_keys.c.created_at,
    api_keys.c.expires_at,
    api_keys.c.last_used_at,
    api_keys.c.revoked_at,
)
_used_long_ago = or_(
    api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < func.now() - LAST_USE_PRECISION
)


@dataclass(frozen=True)
class StoredApiKey:
    """``last_used_at`` is precise to an hour."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class PostgresApiKeys:
    """Every method raises RecordUnavailable if Postgres did not respond."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def exist(self) -> bool:
        """Return whether there is a key that was not revoked, also if the table does not exist."""
        statement = select(api_keys.c.id).where(api_keys.c.revoked_at.is_(None)).limit(1)
        try:
            async with connected(self._engine) as connection:
                return (await connection.execute(statement)).first() is not None
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != _UNDEFINED_TABLE:
                raise
            return False

    async def create(
        self,
        key_id: str,
        key_hash: bytes,
        name: str,
        scopes: Collection[str],
        expires_at: datetime | None,
    ) -> StoredApiKey:
        statement = (
            insert(api_keys)
            .values(
                id=key_id, hash=key_hash, name=name, scopes=sorted(scopes), expires_at=expires_at
            )
            .returning(*_COLUMNS)
        )
        async with connected(self._engine) as connection:
            return _stored((await connection.execute(statement)).one())

    async def list_all(self) -> list[StoredApiKey]:
        """Return all keys, newest first. Revoked and expired ones are included."""
        statement = select(*_COLUMNS).order_by(api_keys.c.created_at.desc(), api_keys.c.id)
        async with connected(self._engine) as connection:
            return [_stored(row) for row in await connection.execute(statement)]

    async def revoke(self, key_id: str) -> bool:
        """Revoke a key. Returns False if it does not exist. Repeating it changes nothing."""
        statement = (
            update(api_keys)
            .where(api_keys.c.id == key_id)
            .values(revoked_at=func.coalesce(api_keys.c.revoked_at, func.now()))
        )
        async with connected(self._engine) as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def find(self, key_hash: bytes) -> StoredApiKey | None:
        """Return the key with this hash, usable or not, and note that it was used."""
        statement = select(*_COLUMNS, _used_long_ago).where(api_keys.c.hash == key_hash)
        async with connected(self._engine) as connection:
            row = (await connection.execute(statement)).one_or_none()
            if row is None:
                return None
            if row[-1] and row.revoked_at is None:
                await connection.execute(
                    update(api_keys)
                    .where(api_keys.c.id == row.id, _used_long_ago)
                    .values(last_used_at=func.now())
                )
            return _stored(row)


def _stored(row: Row[*tuple[Any, ...]]) -> StoredApiKey:
    return StoredApiKey(
        id=row.id,
        name=row.name,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )

"""Which versions of the code can use which versions of the tables.

Revisions are numbers: "0001", "0002" and so on. The database stores its own revision and the oldest
revision whose code can still use its tables. Code can therefore tell that newer tables, from a
migration it does not know, still have everything it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from persistence.engine import connected
from persistence.migrations import versions

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

_STORED = text("SELECT version_num, compatible_from FROM alembic_version, schema_compatibility")
_DELETE = text("DELETE FROM schema_compatibility")
_INSERT = text("INSERT INTO schema_compatibility VALUES (:compatible_from)")
_UNDEFINED_TABLE = "42P01"


@dataclass(frozen=True)
class StoredSchema:
    """The revision of the tables, and the oldest revision whose code can use them."""

    revision: str
    compatible_from: str

    def serves(self, code_revision: str) -> bool:
        """Return whether code whose last migration is ``code_revision`` can use the tables."""
        return self.compatible_from <= code_revision <= self.revision


async def has_compatible_tables(engine: AsyncEngine) -> bool:
    """Return whether the tables have what this version of the code needs. They may be newer.

    Raises RecordUnavailable.
    """
    async with connected(engine) as connection:
        stored = await connection.run_sync(read_schema)
        return stored is not None and stored.serves(code_revision())


@cache
def code_revision() -> str:
    """Return the last migration's revision: "0003" if its module is named v0003_event_search."""
    newest = max(module.name for module in iter_modules(versions.__path__))
    return newest.partition("_")[0].removeprefix("v")


def read_schema(connection: Connection) -> StoredSchema | None:
    """Return what the database stores, or None if it has no tables."""
    try:
        row = connection.execute(_STORED).one_or_none()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE:
            return None
        raise
    return None if row is None else StoredSchema(row.version_num, row.compatible_from)


def store_compatibility(connection: Connection, compatible_from: str) -> None:
    connection.execute(_DELETE)
    connection.execute(_INSERT, {"compatible_from": compatible_from})

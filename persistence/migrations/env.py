"""Run by Alembic: migrates over the connection that ``migrate`` has opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from alembic import context

from persistence.migrations.compatibility import store_compatibility
from persistence.tables import metadata

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext, MigrationInfo
    from alembic.script import Script
    from sqlalchemy import Connection


def _store_compatibility(ctx: MigrationContext, step: MigrationInfo, **_: object) -> None:
    """Store what the migration declares, in the same transaction."""
    migration = cast("Script", step.up_revision).module
    store_compatibility(cast("Connection", ctx.connection), migration.compatible_from)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,
    on_version_apply=_store_compatibility,  # type: ignore[arg-type]  # called with names
)
with context.begin_transaction():
    context.run_migrations()

"""Run by Alembic: migrates over the connection that ``migrate`` has opened."""

from __future__ import annotations

from alembic import context

from persistence.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

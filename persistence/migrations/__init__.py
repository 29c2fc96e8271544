"""Makes the tables, and says whether they are made. Alembic's files lie beside this one."""

from persistence.migrations.upgrade import is_current, migrate

__all__ = ["is_current", "migrate"]

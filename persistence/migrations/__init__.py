"""Creates and upgrades the tables with Alembic, and checks whether they are current."""

from persistence.migrations.upgrade import is_current, migrate

__all__ = ["is_current", "migrate"]

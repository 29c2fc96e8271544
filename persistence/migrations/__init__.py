"""Creates and upgrades the tables with Alembic, and checks whether the code can use them."""

from persistence.migrations.upgrade import MigrationFailed, has_compatible_tables, migrate

__all__ = ["MigrationFailed", "has_compatible_tables", "migrate"]

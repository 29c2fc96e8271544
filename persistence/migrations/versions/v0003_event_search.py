"""Create the indexes for searching the events of all orders. Older code does not use them."""

from __future__ import annotations

from persistence.migrations.online import create_index_concurrently

revision = "0003"
down_revision = "0002"
compatible_from = "0001"


def upgrade() -> None:
    create_index_concurrently("events_at_idx", "events", ["at"])
    create_index_concurrently("events_type_idx", "events", ["type", "at"])

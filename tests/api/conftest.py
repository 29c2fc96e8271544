from __future__ import annotations

from tests.support.api_fixtures import (
    api,
    customer_id,
    engine,
    new_order,
    orchestration,
    orders,
    workers,
)

__all__ = ["api", "customer_id", "engine", "new_order", "orchestration", "orders", "workers"]

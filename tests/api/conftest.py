from __future__ import annotations

from tests.support.access_fixtures import closed, key
from tests.support.api_fixtures import (
    api,
    customer_id,
    engine,
    new_order,
    orchestration,
    orders,
    workers,
)

__all__ = [
    "api",
    "closed",
    "customer_id",
    "engine",
    "key",
    "new_order",
    "orchestration",
    "orders",
    "workers",
]

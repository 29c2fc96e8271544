"""Writes events to Postgres at a steady rate, as many orders in progress would."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

EVENTS_PER_SECOND = 50
LATEST_ORDERS = 100
"""Number of orders that receive events. A page of the list shows a quarter of them."""

_LATEST = text("SELECT id FROM orders ORDER BY created_at DESC, id DESC LIMIT :count")
_WRITE = text("""
WITH moved AS (
    UPDATE orders SET sequence = sequence + 1, updated_at = now(),
        state = CASE state WHEN 'SHIPPING' THEN 'PACKAGE_PREPARED' ELSE 'SHIPPING' END
    WHERE id = :id RETURNING id, sequence, state
)
INSERT INTO events (order_id, sequence, key, type, state, message, payload, at)
SELECT id, sequence, type || '/' || sequence, type, state, 'The order has moved.', '{}', now()
FROM (
    SELECT *, CASE state WHEN 'SHIPPING' THEN 'SHIPPING_STARTED' ELSE state END AS type FROM moved
) AS happened
""")


async def write_events(engine: AsyncEngine) -> None:
    """Write one event after the other until cancelled."""
    async with engine.connect() as connection:
        ids = (await connection.scalars(_LATEST, {"count": LATEST_ORDERS})).all()
        began = time.perf_counter()
        for number, order_id in enumerate(itertools.cycle(ids)):
            await connection.execute(_WRITE, {"id": order_id})
            due = began + (number + 1) / EVENTS_PER_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

"""Positions in the feed of all events, in an order that no later commit can change.

Events are ordered by their transaction ID. A transaction with a lower ID may commit after one with
a higher ID, so a reader that simply remembers the last ID would skip its events. Readers therefore
stop at the horizon, the oldest transaction that is still running. No event can appear before it.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Text, func

from persistence.tables import TransactionId

HORIZON = func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=TransactionId())
HORIZON_TEXT = HORIZON.cast(Text).label("horizon")
"""The horizon for a result. In a statement that reads rows, both are from one snapshot."""


class FeedPosition(NamedTuple):
    """A position behind all events whose (transaction, order, sequence) is not greater.

    Comparison in Python and in Postgres gives the same result.
    """

    xid: int
    order_id: str = ""
    sequence: int = 0

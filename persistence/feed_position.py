"""Positions in the feed of all events, in an order that no later commit can change.

Events are ordered by their transaction ID. A transaction with a lower ID may commit after one with
a higher ID, so a reader that simply remembers the last ID would skip its events. Readers therefore
stop at the horizon, the oldest transaction that is still running. No event can appear before it.

Transaction IDs mean something in one history of the database only. After a restore or a promotion,
the same IDs are used again for other transactions. Each history has its epoch, which is read in the
same statement as the horizon, so that no change of the server behind a connection is missed.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Text, func, select

from persistence.tables import TransactionId

HORIZON = func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=TransactionId())
HORIZON_TEXT = HORIZON.cast(Text).label("horizon")
"""The horizon for a result. In a statement that reads rows, both are from one snapshot."""
# As a subquery it is evaluated once per statement, not once per row.
EPOCH = select(func.feed_epoch(type_=Text())).scalar_subquery().label("epoch")
"""The epoch for a result."""


class OtherEpoch(Exception):
    """The position is from before the database was restored or a standby was promoted."""


class FeedPosition(NamedTuple):
    """The position after all events whose (transaction, order, sequence) is not greater.

    Comparison in Python and in Postgres gives the same result. Positions of different epochs must
    not be compared.
    """

    xid: int
    order_id: str = ""
    sequence: int = 0
    epoch: str = ""

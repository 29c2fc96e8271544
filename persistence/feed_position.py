"""Where events stand among all, in an order that no later commit can change.

A plain number would skip the row of a transaction that took its number earlier and commits later.
So nothing counts as written at or beyond the oldest transaction that still runs, the horizon: what
is before it will never become more.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Text, func

HORIZON = func.pg_snapshot_xmin(func.pg_current_snapshot()).cast(Text).label("horizon")
"""Read in the statement that reads the rows, it tells what that statement could see of them."""


class FeedPosition(NamedTuple):
    """A place between events: after all that is smaller. It compares here as in Postgres."""

    xid: int
    order_id: str = ""
    sequence: int = 0

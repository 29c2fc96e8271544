"""One order merged from its row in Postgres and its workflow's status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from orchestration.client import Execution
from orchestration.domain.commands import CommandName, available_commands
from orchestration.domain.order import Order, OrderSnapshot, initial_snapshot
from orchestration.messages import OrderStatus

if TYPE_CHECKING:
    from orchestration.client import Started
    from persistence.reads import StoredOrder


@dataclass(frozen=True)
class MergedOrder:
    """What the API knows of an order. The source with the higher event sequence gives the state.

    ``recorded`` is the sequence of the last event known to be in Postgres, 0 without a row.
    ``status`` is the workflow's answer, if it was ``queried`` and responded. ``execution`` is
    Temporal's description of the workflow, if it was read with the rest (``described``).
    """

    order: Order
    snapshot: OrderSnapshot
    created_at: datetime
    recorded: int
    status: OrderStatus | None = None
    queried: bool = False
    execution: Execution | None = None
    described: bool = False

    @property
    def workflow_is_ahead(self) -> bool:
        return self.snapshot.sequence > self.recorded

    @property
    def available_commands(self) -> list[CommandName]:
        """Commands that the order accepts now.

        The workflow's own list takes precedence, because it accounts for an early approval.
        """
        status = self.status
        if status is not None and status.snapshot.sequence == self.snapshot.sequence:
            return status.available_commands
        return available_commands(self.snapshot, self.order.policy)


def from_row(
    row: StoredOrder, status: OrderStatus | None = None, *, queried: bool = False
) -> MergedOrder:
    """Merge a row with its workflow's status. The status of another run is ignored."""
    if status is not None and status.run_id != row.run_id:
        status = None
    ahead = status is not None and status.snapshot.sequence > row.snapshot.sequence
    return MergedOrder(
        order=row.order,
        snapshot=status.snapshot if status is not None and ahead else row.snapshot,
        created_at=row.created_at,
        recorded=row.snapshot.sequence,
        status=status,
        queried=queried,
    )


def from_workflow(started: Started, status: OrderStatus | None) -> MergedOrder:
    """Make an order without a row. It is PLACED until a worker has responded."""
    order = started.order
    return MergedOrder(
        order=order,
        snapshot=status.snapshot if status else initial_snapshot(order, started.placed_at),
        created_at=started.placed_at,
        recorded=0,
        status=status,
        queried=True,
    )


def from_start(started: Started) -> MergedOrder:
    """Make an order that was just started, so it can only be PLACED."""
    return MergedOrder(
        order=started.order,
        snapshot=initial_snapshot(started.order, started.placed_at),
        created_at=started.placed_at,
        recorded=0,
    )

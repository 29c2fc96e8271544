"""One order made of two sources: its row, and what its workflow says of itself."""

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
    """What the API knows of an order. The source with the higher event sequence tells its state.

    ``status`` is the workflow's own answer, where it was asked and did answer; ``recorded`` is the
    last event that is known to be in the record, 0 where there is no row. ``execution`` is what
    Temporal says of the workflow, where that was read together with the rest (``described``).
    """

    order: Order
    snapshot: OrderSnapshot
    created_at: datetime
    recorded: int
    status: OrderStatus | None = None
    asked: bool = False
    execution: Execution | None = None
    described: bool = False

    @property
    def workflow_is_ahead(self) -> bool:
        """Whether the workflow has decided more than the record has."""
        return self.snapshot.sequence > self.recorded

    @property
    def available_commands(self) -> list[CommandName]:
        """Commands that the order would accept now.

        The workflow's own list comes first: it also knows of an approval that came early.
        """
        status = self.status
        if status is not None and status.snapshot.sequence == self.snapshot.sequence:
            return status.available_commands
        return available_commands(self.snapshot, self.order.policy)


def from_row(
    row: StoredOrder, status: OrderStatus | None = None, *, asked: bool = False
) -> MergedOrder:
    """Merge a row with its own workflow's answer; another run's answer tells nothing of it."""
    if status is not None and status.run_id != row.run_id:
        status = None
    ahead = status is not None and status.snapshot.sequence > row.snapshot.sequence
    return MergedOrder(
        order=row.order,
        snapshot=status.snapshot if status is not None and ahead else row.snapshot,
        created_at=row.created_at,
        recorded=row.snapshot.sequence,
        status=status,
        asked=asked,
    )


def from_workflow(execution: Execution, status: OrderStatus | None) -> MergedOrder:
    """Make the order of Temporal's side alone: PLACED where no worker has answered yet."""
    order = execution.order
    return MergedOrder(
        order=order,
        snapshot=status.snapshot if status else initial_snapshot(order, execution.placed_at),
        created_at=execution.placed_at,
        recorded=0,
        status=status,
        asked=True,
    )


def from_start(started: Started) -> MergedOrder:
    """Make the order that has just been started: it can only be PLACED."""
    return MergedOrder(
        order=started.order,
        snapshot=initial_snapshot(started.order, started.placed_at),
        created_at=started.placed_at,
        recorded=0,
    )

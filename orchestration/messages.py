"""What crosses Temporal's wire besides commands: queries and their answers, child and outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from orchestration.domain.commands import CommandName, Verdict
from orchestration.domain.order import (
    Address,
    LineItem,
    Order,
    OrderEvent,
    OrderFailure,
    OrderSnapshot,
    Policy,
)
from orchestration.domain.states import OrderState


@dataclass(frozen=True)
class OrderStart:
    """What an order's workflow is started with: it reads no setting, so all it needs is here.

    ``placed_at`` is when the API took the order; the workflow's own start where left out.
    """

    order: Order
    shipping_task_queue: str
    placed_at: datetime | None = None


@dataclass(frozen=True)
class StatusQuestion:
    """What ``status`` shall answer besides where the order stands.

    ``after_sequence`` asks for the events after it, ``command_ids`` for these commands' verdicts.
    """

    after_sequence: int | None = None
    command_ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OrderStatus:
    """The workflow's own answer, in one: a second query while a task is pending would be refused.

    ``step`` says in words what the workflow is doing; ``recorded_sequence`` is the last event that
    is known to be in the record. ``events`` and ``verdicts`` are those asked for.
    """

    step: str
    run_id: str
    snapshot: OrderSnapshot
    recorded_sequence: int
    available_commands: list[CommandName]
    events: list[OrderEvent]
    verdicts: list[Verdict]


@dataclass(frozen=True)
class OrderOutcome:
    """The result of an order's workflow: the state it ended in, and why where not COMPLETED."""

    state: OrderState
    failure: OrderFailure | None


@dataclass(frozen=True)
class Shipment:
    """What a shipping workflow is started with: one attempt at one order."""

    order_id: str
    attempt: int
    items: list[LineItem]
    address: Address
    policy: Policy


@dataclass(frozen=True)
class PackagePrepared:
    """Signal ``package_prepared`` from child to parent."""

    attempt: int
    package_id: str


@dataclass(frozen=True)
class DispatchFailed:
    """Signal ``dispatch_failed`` from child to parent."""

    attempt: int
    reason: str


@dataclass(frozen=True)
class ShippingOutcome:
    """How a shipping workflow ended: with a tracking number, or the reason for none."""

    package_id: str | None = None
    tracking_number: str | None = None
    failure: str | None = None


@dataclass(frozen=True)
class Repair:
    """What to repair: an order whose workflow was closed from outside, as it is on record.

    ``run_id`` is that workflow's run; ``attempts`` how many shipping attempts it had begun.
    """

    order: Order
    placed_at: datetime
    run_id: str
    snapshot: OrderSnapshot
    attempts: int
    reason: str

"""Arguments and results of workflows, queries and child signals, as sent through Temporal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

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
    """Input of the order workflow. Workflows read no settings, so everything they need is here.

    ``placed_at`` is the time at which the API accepted the order. Defaults to the workflow's start.
    """

    order: Order
    shipping_task_queue: str
    placed_at: datetime | None = None

    def placement_time(self, started_at: datetime) -> datetime:
        """A time without a zone, from a start with Temporal's own tools, is read as UTC."""
        time = self.placed_at or started_at
        return time if time.tzinfo else time.replace(tzinfo=UTC)


@dataclass(frozen=True)
class StatusQuery:
    """Argument of the ``status`` query.

    ``after_sequence`` requests the events after that sequence (None: no events), ``command_ids``
    the verdicts on those commands.
    """

    after_sequence: int | None = None
    command_ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OrderStatus:
    """Result of the ``status`` query.

    One query returns everything, because Temporal rejects a second query while a workflow task is
    pending. ``step`` describes for people what the workflow is doing. ``recorded_sequence`` is the
    last event that is known to be recorded in Postgres. ``run_id`` is the workflow's first run: a
    run that continues it after a reset has the same. ``commands_received`` includes repeated and
    refused commands.
    """

    step: str
    run_id: str
    snapshot: OrderSnapshot
    recorded_sequence: int
    available_commands: list[CommandName]
    commands_received: int
    events: list[OrderEvent]
    verdicts: list[Verdict]


@dataclass(frozen=True)
class OrderOutcome:
    """Result of the order workflow, or details of its failure if the order failed.

    ``failure`` is set unless the state is COMPLETED.
    """

    state: OrderState
    failure: OrderFailure | None


@dataclass(frozen=True)
class Shipment:
    """Input of the shipping workflow: one attempt to ship one order."""

    order_id: str
    attempt: int
    items: list[LineItem]
    address: Address
    policy: Policy


@dataclass(frozen=True)
class PackagePrepared:
    """Payload of the signal ``package_prepared``, from the shipping workflow to the order's."""

    attempt: int
    package_id: str


@dataclass(frozen=True)
class DispatchFailed:
    """Payload of the signal ``dispatch_failed``, from the shipping workflow to the order's."""

    attempt: int
    reason: str


@dataclass(frozen=True)
class ShippingOutcome:
    """Result of the shipping workflow. Either ``tracking_number`` or ``failure`` is set."""

    package_id: str | None = None
    prepared_at: datetime | None = None
    tracking_number: str | None = None
    failure: str | None = None


@dataclass(frozen=True)
class Repair:
    """Input of the repair workflow: the record of an order whose workflow was closed externally.

    ``run_id`` is the record's, ``attempts`` the number of shipping attempts that it had started.
    """

    order: Order
    placed_at: datetime
    run_id: str
    snapshot: OrderSnapshot
    attempts: int
    reason: str


@dataclass(frozen=True)
class ReconcileSummary:
    """Result of the reconcile workflow. ``unresolved`` has one message per finding, at most 100."""

    findings: int
    repaired: int
    unresolved: list[str]

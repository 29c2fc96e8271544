"""Compares all orders in Temporal, Postgres and the payment gateway, and repairs what is safe.

A finding is one difference that concerns one order. An order is undone only if Temporal shows that
its workflow was closed from outside, or failed before its end. A workflow that Temporal does not
have is reported: it may have been deleted, but Temporal may also have lost data, or the namespace
may be wrong, and undoing every order would then be the greater damage. A workflow whose code fails
is reported: its order waits for a correction of the code. No payment is changed: only the order's
workflow or a person may move money.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from cli.service.reconcile_report import Finding, FindingKind, Outcome, Report
from cli.service.repair import Repairs
from orchestration.domain.order import PaymentStatus
from orchestration.ports import PaymentGateway, PaymentStatusReader
from orchestration.workflow_listing import WorkflowListing
from persistence.reconciliation import ReconciliationReads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from orchestration.domain.order import OrderSnapshot
    from orchestration.execution import Execution
    from persistence.reconciliation import OpenOrder, RecordedPayment

_Item = TypeVar("_Item")

_CONCURRENCY = 10
_EVENTS_BEFORE_FIRST_TASK = 3


@dataclass(frozen=True)
class Bounds:
    """Which orders a reconciliation looks at, and how many it repairs.

    Orders that changed within ``min_age`` are left alone: they may be in motion. Payments and
    workflows that ended by themselves are compared if they changed within ``window``.
    """

    min_age: timedelta = timedelta(minutes=5)
    window: timedelta = timedelta(hours=1)
    max_repairs: int = 100


DEFAULT_BOUNDS: Final = Bounds()


def scheduled_bounds(interval: float | None) -> Bounds:
    """Return the bounds of a run by the schedule, which runs every ``interval`` seconds.

    Each payment is compared twice: a longer window would multiply the calls to the gateway.
    """
    if interval is None:
        return DEFAULT_BOUNDS
    age = DEFAULT_BOUNDS.min_age
    return Bounds(min_age=age, window=age + timedelta(seconds=2 * interval))


@dataclass(frozen=True)
class Reconciliation:
    """Finds differences and repairs them. Concurrent runs are harmless: a repair happens once."""

    repairs: Repairs
    listing: WorkflowListing
    reads: ReconciliationReads
    gateway: PaymentGateway
    bounds: Bounds = DEFAULT_BOUNDS
    gateway_timeout: float = 5.0  # seconds per payment
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def run(self, *, dry_run: bool = False) -> Report:
        """Find and repair. Raises RecordUnavailable or TemporalUnavailable."""
        found = {finding.order_id: finding for finding in await self._interrupted_orders()}
        # An order that is stuck at its first task has no row either, and cannot be repaired.
        for finding in await self._stuck_orders() + await self._orders_without_row():
            found.setdefault(finding.order_id, finding)
        orders = list(found.values())
        if not dry_run:
            orders = await self._repair(orders)
        return Report(orders + await self._payment_differences())

    async def _interrupted_orders(self) -> list[Finding]:
        """Find the rows that are not final although their workflow has closed or is deleted."""
        findings: list[Finding] = []

        async def examine(order: OpenOrder) -> Finding | None:
            execution = await self.repairs.orders.describe(order.id)
            if execution is None:
                return _without_workflow(order)
            if not self._is_closed(execution):
                return None
            message = f"Order {order.id} is {order.state}, but its workflow is {execution.status}."
            return Finding(order.id, FindingKind.WORKFLOW_CLOSED, Outcome.REPAIRABLE, message)

        async for page in self.reads.open_orders(self.now - self.bounds.min_age):
            running = await self.listing.running([order.id for order in page])
            suspects = [order for order in page if order.id not in running]
            findings += await _each(suspects, examine, lambda order: order.id)
        return findings

    async def _stuck_orders(self) -> list[Finding]:
        """Find running workflows that make no progress, because their code fails."""
        return [
            Finding(
                stuck.order_id,
                FindingKind.WORKFLOW_STUCK,
                Outcome.UNRESOLVED,
                f"Workflow {stuck.workflow_id} makes no progress: its task fails again and again"
                f" ({', '.join(stuck.problems)}). Fix the code of the worker; the order then"
                " continues by itself.",
            )
            for stuck in await self.listing.stuck()
        ]

    async def _orders_without_row(self) -> list[Finding]:
        """Find workflows that started some time ago and have no row."""
        findings: list[Finding] = []

        async def examine(order_id: str) -> Finding | None:
            execution = await self.repairs.orders.describe(order_id)
            if execution is None or not self._should_have_row(execution):
                return None
            message = f"The workflow of order {order_id} is {execution.status} and has no row."
            return Finding(order_id, FindingKind.ROW_MISSING, Outcome.REPAIRABLE, message)

        async for page in self.listing.started_before(
            self.now - self.bounds.min_age, self.now - self.bounds.window
        ):
            unrecorded = await self.reads.unrecorded(page)
            findings += await _each(unrecorded, examine, lambda order_id: order_id)
        return findings

    async def _payment_differences(self) -> list[Finding]:
        """Find payments whose recorded status differs from the gateway's."""
        gateway = self.gateway
        if not isinstance(gateway, PaymentStatusReader):
            return []
        findings: list[Finding] = []

        async def examine(payment: RecordedPayment) -> Finding | None:
            order_id, payment_id = payment.charge.order_id, payment.charge.payment_id
            async with asyncio.timeout(self.gateway_timeout):
                actual = await gateway.status(payment.charge)
            if _agree(payment.status, actual):
                return None
            # The workflow records that it undoes an order before it reverses the payment. If this
            # later read shows neither an undo nor another status, the gateway differs.
            row = await self.repairs.reads.order(order_id)
            if row is None or _changes_payment(row.snapshot, payment.status):
                return None
            message = (
                f"Payment {payment_id} of order {order_id} is recorded as {payment.status},"
                f" but the gateway has it as {actual or 'unknown'}."
            )
            return Finding(order_id, FindingKind.PAYMENT_DIFFERS, Outcome.UNRESOLVED, message)

        async for page in self.reads.settled_payments(
            self.now - self.bounds.window, self.now - self.bounds.min_age
        ):
            found = await _each(page, examine, lambda payment: payment.charge.order_id)
            findings += found
            if sum(f.kind is FindingKind.CHECK_FAILED for f in found) == len(page):
                # The gateway is probably unavailable. The other payments would fail too, slowly.
                break
        return findings

    async def _repair(self, findings: list[Finding]) -> list[Finding]:
        repairable = [f for f in findings if f.outcome is Outcome.REPAIRABLE]
        # In random order, so that orders that cannot be repaired do not use up every run's limit.
        random.shuffle(repairable)
        selected = repairable[: self.bounds.max_repairs]
        postponed = [
            replace(f, outcome=Outcome.POSTPONED) for f in repairable[self.bounds.max_repairs :]
        ]
        repaired = await _each(selected, self._repair_one, lambda finding: finding.order_id)
        others = [f for f in findings if f.outcome is not Outcome.REPAIRABLE]
        return repaired + postponed + others

    async def _repair_one(self, finding: Finding) -> Finding:
        result = await self.repairs.try_repair(finding.order_id)
        repaired = result.repaired
        if not repaired:
            repaired = await self._needs_no_repair(finding.order_id)
        return replace(
            finding,
            outcome=Outcome.REPAIRED if repaired else Outcome.UNRESOLVED,
            message=f"{finding.message} {result.message}",
        )

    async def _needs_no_repair(self, order_id: str) -> bool:
        """Return whether another run, or the order itself, was faster."""
        row = await self.repairs.reads.order(order_id)
        if row is None or row.snapshot.ended:
            return row is not None
        execution = await self.repairs.orders.describe(order_id)
        return execution is not None and execution.closed_at is None

    def _should_have_row(self, execution: Execution) -> bool:
        if execution.closed_at is not None:
            return self._is_closed(execution)
        # While no worker runs, orders accumulate that have not begun. They record themselves later.
        has_begun = execution.history_length > _EVENTS_BEFORE_FIRST_TASK
        return has_begun or execution.last_error is not None

    def _is_closed(self, execution: Execution) -> bool:
        """Return whether the workflow closed long enough ago that its last writes have arrived."""
        closed_at = execution.closed_at
        return closed_at is not None and closed_at <= self.now - self.bounds.min_age


def _without_workflow(order: OpenOrder) -> Finding:
    return Finding(
        order.id,
        FindingKind.WORKFLOW_MISSING,
        Outcome.UNRESOLVED,
        f"Order {order.id} is {order.state}, but Temporal has no workflow for it. Check that the"
        f" namespace is right and has lost no data, then run `orders repair {order.id}`.",
    )


def _changes_payment(snapshot: OrderSnapshot, recorded: PaymentStatus) -> bool:
    return snapshot.payment_status is not recorded or (snapshot.undoing and not snapshot.ended)


def _agree(recorded: PaymentStatus, actual: PaymentStatus | None) -> bool:
    # An order that ended before its charge is VOIDED on record, but the gateway has no charge.
    return recorded is actual or (recorded is PaymentStatus.VOIDED and actual is None)


async def _each(
    items: Iterable[_Item],
    examine: Callable[[_Item], Awaitable[Finding | None]],
    order_id: Callable[[_Item], str],
) -> list[Finding]:
    """Examine items, a few at a time. An item that cannot be examined becomes a finding."""
    semaphore = asyncio.Semaphore(_CONCURRENCY)

    async def examine_one(item: _Item) -> Finding | None:
        async with semaphore:
            try:
                return await examine(item)
            except Exception as error:  # ruff: ignore[blind-except] - it must not stop the others
                message = f"Order {order_id(item)}: {type(error).__name__}: {error}"
                return Finding(
                    order_id(item), FindingKind.CHECK_FAILED, Outcome.UNRESOLVED, message
                )

    return [found for found in await asyncio.gather(*map(examine_one, items)) if found is not None]

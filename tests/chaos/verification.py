"""Compares what a run left behind with what was requested."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from orchestration.domain.errors import IllegalTransition
from orchestration.domain.order import PAYMENT_STATUS_AFTER, PaymentStatus
from orchestration.domain.states import END_STATES, EventType, OrderState, state_after
from orchestration.workflow_status import WorkflowStatus
from persistence.simulation_books import ParcelStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from orchestration.domain.order import OrderEvent
    from tests.chaos.clients import OrderClient
    from tests.chaos.orders import PlannedOrder
    from tests.chaos.record import Remains
    from tests.chaos.saboteur import Parts, Schedule


# A run cancels orders by command, and never in Temporal.
_CLOSED_AS = {
    OrderState.COMPLETED: WorkflowStatus.COMPLETED,
    OrderState.CANCELLED: WorkflowStatus.COMPLETED,
    OrderState.APPROVAL_TIMEOUT: WorkflowStatus.FAILED,
    OrderState.FAILED: WorkflowStatus.FAILED,
}


@dataclass
class Check:
    """A guarantee, how many cases were compared, and each difference that was found."""

    name: str
    cases: int
    differences: list[str] = field(default_factory=list)


def order_checks(clients: Sequence[OrderClient], remains: Remains) -> Iterator[Check]:
    """Check the record, payments, parcels and workflows of all orders."""
    orders = [client.planned for client in clients]

    def per_order(name: str, compare: Callable[[PlannedOrder, Remains], Iterable[str]]) -> Check:
        found = [f"{o.id} ({o.kind}): {text}" for o in orders for text in compare(o, remains)]
        return Check(name, len(orders), found)

    yield _every_request_was_answered(clients)
    yield per_order("order ended as requested", _end_differences)
    yield per_order("events without gap, row equal to events", _record_differences)
    yield per_order("workflow closed and equal to record", _workflow_differences)
    yield per_order("charged at most once, nothing kept after a stop", _charge_differences)
    yield per_order("one parcel at most, none after a stop", _parcel_differences)
    yield Check("no workflow left running", len(orders), [f"{id_}" for id_ in remains.running])


def command_check(clients: Sequence[OrderClient], remains: Remains) -> Check:
    check = Check("command applied once", 0)
    for order in (client.planned for client in clients):
        applied = Counter(event.command_id for event in remains.events[order.id])
        for command in order.commands:
            check.cases += 1
            if applied[command.id] != 1:
                check.differences.append(
                    f"{order.id} ({order.kind}): {command.id} has {applied[command.id]} events"
                )
    return check


def stream_check(clients: Sequence[OrderClient], remains: Remains) -> Check:
    """Compare what each client received with the recorded events."""
    check = Check("orderEvents complete, without repetition", len(clients))
    for client in clients:
        recorded = [
            (event.sequence, str(event.type)) for event in remains.events[client.planned.id]
        ]
        if client.received != recorded:
            check.differences.append(
                f"{client.planned.id}: received {client.received}, recorded {recorded}"
            )
    return check


def feed_check(received: Sequence[tuple[str, int]], remains: Remains) -> Check:
    """Compare the events of the feed with the recorded events. Orders may interleave."""
    recorded = [(id_, event.sequence) for id_, events in remains.events.items() for event in events]
    check = Check("orderFeed complete, without repetition", len(recorded))
    counts = Counter(received)
    check.differences += [f"{event} is missing" for event in recorded if event not in counts]
    check.differences += [f"{event} came {n} times" for event, n in counts.items() if n > 1]
    check.differences += [f"{event} is unknown" for event in counts.keys() - set(recorded)]
    latest: dict[str, int] = {}
    for order_id, sequence in received:
        if sequence < latest.get(order_id, 0):
            check.differences.append(f"{(order_id, sequence)} came after {latest[order_id]}")
        latest[order_id] = sequence
    return check


def kill_check(parts: Parts, schedule: Schedule) -> Check:
    """Check that the run was as hard as planned: otherwise it proves less than it says."""
    expected = {
        "Postgres": (parts.postgres.kills, schedule.postgres_kills),
        "Temporal": (parts.temporal.kills, schedule.temporal_kills),
        "API": (parts.api.kills, max(1, parts.api.kills)),
        "worker": (workers := sum(part.kills for part in parts.workers), max(1, workers)),
    }
    return Check(
        "every part killed as planned",
        len(expected),
        [
            f"{name}: killed {kills} times instead of {planned}"
            for name, (kills, planned) in expected.items()
            if kills != planned
        ],
    )


def _every_request_was_answered(clients: Sequence[OrderClient]) -> Check:
    check = Check("client answered as expected, to the order's end", len(clients))
    for client in clients:
        name = f"{client.planned.id} ({client.planned.kind})"
        check.differences += [f"{name}: {problem}" for problem in client.problems]
        if not client.ended and not client.problems:
            last = client.received[-1] if client.received else None
            check.differences.append(f"{name}: not ended in time; its last event is {last}")
    return check


def _end_differences(order: PlannedOrder, remains: Remains) -> Iterator[str]:
    row = remains.rows.get(order.id)
    if row is None:
        yield "has no row"
        return
    snapshot = row.snapshot
    if snapshot.state is not order.end:
        yield f"ended as {snapshot.state} instead of {order.end}: {snapshot.failure}"
    if snapshot.payment_status not in order.payment_statuses:
        yield f"its payment is {snapshot.payment_status}"
    if snapshot.shipping_address != order.address:
        yield f"its address is {snapshot.shipping_address}"


def _record_differences(order: PlannedOrder, remains: Remains) -> Iterator[str]:
    row, events = remains.rows.get(order.id), remains.events[order.id]
    if row is None or not events:
        yield "has no row or no events"
        return
    if [event.sequence for event in events] != list(range(1, len(events) + 1)):
        yield f"its events have the sequences {[event.sequence for event in events]}"
        return
    try:
        state, payment = _replayed(events)
    except IllegalTransition as error:
        yield f"its events are impossible: {error}"
        return
    stored = row.snapshot
    derived = (len(events), state, payment, events[-1].at)
    if (stored.sequence, stored.state, stored.payment_status, stored.updated_at) != derived:
        yield f"its row {stored} differs from its events {derived}"
    if stored.ended_at != events[-1].at:
        yield f"its row ended at {stored.ended_at}, its last event is of {events[-1].at}"


def _replayed(events: Sequence[OrderEvent]) -> tuple[OrderState, PaymentStatus]:
    """Return the state and payment status after these events. Raises IllegalTransition."""
    state, payment = OrderState.PLACED, PaymentStatus.PENDING
    for event in events:
        state = state_after(state, event.type)
        payment = PAYMENT_STATUS_AFTER.get(event.type, payment)
    if payment is PaymentStatus.PENDING and state in END_STATES:
        payment = PaymentStatus.VOIDED  # an order that ended uncharged is never charged
    return state, payment


def _workflow_differences(order: PlannedOrder, remains: Remains) -> Iterator[str]:
    status, row = remains.workflows[order.id], remains.rows.get(order.id)
    if status is None or row is None:
        yield "has no workflow or no row"
        return
    if remains.closed_as[order.id] is not _CLOSED_AS.get(status.snapshot.state):
        yield f"its workflow is {remains.closed_as[order.id]} and ended {status.snapshot.state}"
    if status.snapshot != row.snapshot:
        yield f"its workflow has {status.snapshot}, its row {row.snapshot}"
    for decided, recorded in zip_longest(status.events, remains.events[order.id]):
        if decided != recorded:
            yield f"its workflow has the event {decided}, the record {recorded}"


def _charge_differences(order: PlannedOrder, remains: Remains) -> Iterator[str]:
    charges = remains.charges.get(order.id, [])
    recorded = Counter(event.type for event in remains.events[order.id])
    if recorded[EventType.PAYMENT_CHARGED] > 1:
        yield "its record has more than one charge"
    if any(charge.payment_id != order.input["paymentId"] for charge in charges):
        yield f"it was charged under another payment ID: {charges}"
    kept = [charge for charge in charges if charge.status == PaymentStatus.CHARGED]
    due = [order.total] if order.end is OrderState.COMPLETED else []
    if [charge.amount_minor for charge in kept] != due:
        yield f"the gateway keeps {kept} instead of {due}"
    row = remains.rows.get(order.id)
    if row and charges and charges[0].status != row.snapshot.payment_status:
        yield f"the gateway has {charges[0].status}, the row {row.snapshot.payment_status}"


def _parcel_differences(order: PlannedOrder, remains: Remains) -> Iterator[str]:
    parcels = remains.parcels.get(order.id, [])
    kept = [parcel for parcel in parcels if parcel.status != ParcelStatus.RECALLED]
    expected = [] if order.dispatched_attempt is None else [order.dispatched_attempt]
    if [parcel.attempt for parcel in kept] != expected:
        yield f"the carrier keeps {kept} instead of attempts {expected}"
    for parcel in kept:
        if parcel.status != ParcelStatus.DISPATCHED:
            yield f"attempt {parcel.attempt} is {parcel.status}"
        if parcel.address is not None and parcel.address.get("city") != order.address.city:
            yield f"attempt {parcel.attempt} went to {parcel.address}"

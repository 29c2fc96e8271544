"""Shipping attempts of orders, derived from their events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gql.reading.event_pages import events_ahead_of_record, events_without_record
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.states import EventType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gql.reading.loaders import Loaders
    from gql.reading.merged_order import MergedOrder
    from orchestration.domain.order import OrderEvent

_TIME_FIELDS = {
    EventType.PACKAGE_PREPARED: "package_prepared_at",
    EventType.CARRIER_DISPATCHED: "dispatched_at",
    EventType.SHIPPING_ATTEMPT_FAILED: "failed_at",
    EventType.RECALL_REFUSED: "recall_refused_at",
}


@dataclass(frozen=True)
class ShippingAttempt:
    """What the events say about one attempt. ``started_at`` is the time of the first of them."""

    number: int
    started_at: datetime
    package_id: str | None = None
    tracking_number: str | None = None
    package_prepared_at: datetime | None = None
    dispatched_at: datetime | None = None
    failed_at: datetime | None = None
    failure_reason: str | None = None
    recall_refused_at: datetime | None = None


def shipping_attempts(events: Iterable[OrderEvent]) -> list[ShippingAttempt]:
    """Return the attempts that events of one order report, in the order of their numbers.

    Events of other types and repeated events make no difference.
    """
    attempts: dict[int, ShippingAttempt] = {}
    for event in events:
        number = event.attempt
        if number is None:
            continue
        attempt = attempts.get(number) or ShippingAttempt(number, event.at)
        attempts[number] = replace(attempt, **_facts_of(event))
    return [attempts[number] for number in sorted(attempts)]


def _facts_of(event: OrderEvent) -> dict[str, Any]:
    payload = event.payload
    facts: dict[str, Any] = {}
    if event.type in _TIME_FIELDS:
        facts[_TIME_FIELDS[event.type]] = event.at
    if event.type is EventType.SHIPPING_ATTEMPT_FAILED:
        facts["failure_reason"] = payload.get("reason")
    for field, key in (("package_id", "packageId"), ("tracking_number", "trackingNumber")):
        if key in payload:
            facts[field] = payload[key]
    return facts


async def read_shipments(
    loaders: Loaders, orders: Sequence[MergedOrder]
) -> list[list[ShippingAttempt]]:
    """Read each order's attempts, up to its ``snapshot.sequence``, as ``read_events`` does."""
    ids = [merged.order.id for merged in orders if merged.recorded]
    try:
        stored = iter(await loaders.shipping_events.load_all(ids))
    except RecordUnavailable as unavailable:
        found = await events_without_record(loaders, orders, unavailable)
    else:
        recorded = [next(stored) if merged.recorded else [] for merged in orders]
        ahead = await events_ahead_of_record(loaders, orders)
        found = [[*known, *newer] for known, newer in zip(recorded, ahead, strict=True)]
    return [
        shipping_attempts(event for event in events if event.sequence <= merged.snapshot.sequence)
        for merged, events in zip(orders, found, strict=True)
    ]

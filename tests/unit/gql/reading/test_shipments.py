"""Shipping attempts, as the events of an order report them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import pytest

from gql.reading.merged_order import MergedOrder
from gql.reading.shipments import ShippingAttempt, read_shipments, shipping_attempts
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import FailureCode, OrderFailure, initial_snapshot
from orchestration.domain.states import EventType
from tests.support.orders import make_order

if TYPE_CHECKING:
    from orchestration.domain.order import OrderEvent

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def in_shipping() -> OrderLifecycle:
    """An order whose first attempt starts in second 5. Each event takes a second."""
    seconds = count(1)
    order = make_order()
    lifecycle = OrderLifecycle(order, initial_snapshot(order, START), lambda: at(next(seconds)))
    lifecycle.received()
    lifecycle.validated()
    lifecycle.approved()
    lifecycle.charged()
    lifecycle.shipping_started(1)
    return lifecycle


def test_an_order_that_was_not_shipped_has_no_attempts() -> None:
    assert shipping_attempts(in_shipping().events[:4]) == []


def test_a_failed_attempt_and_the_one_that_succeeded_are_apart() -> None:
    lifecycle = in_shipping()
    lifecycle.shipping_attempt_failed(1, "no van")
    lifecycle.shipping_started(2)
    lifecycle.package_prepared(2, "PKG-2")
    lifecycle.carrier_dispatched(2, "TRK-2")
    lifecycle.shipped()
    lifecycle.completed()
    expected = [
        ShippingAttempt(1, at(5), failed_at=at(6), failure_reason="no van"),
        ShippingAttempt(
            2,
            at(7),
            package_id="PKG-2",
            tracking_number="TRK-2",
            package_prepared_at=at(8),
            dispatched_at=at(9),
        ),
    ]
    assert shipping_attempts(lifecycle.events) == expected
    assert shipping_attempts([*lifecycle.events, *lifecycle.events]) == expected


def test_an_attempt_whose_dispatch_was_reported_late_failed_and_was_dispatched() -> None:
    lifecycle = in_shipping()
    lifecycle.shipping_attempt_failed(1, "no answer")
    lifecycle.carrier_dispatched(1, "TRK-1")
    [attempt] = shipping_attempts(lifecycle.events)
    assert (attempt.failed_at, attempt.dispatched_at) == (at(6), at(7))
    assert attempt.tracking_number == "TRK-1"


def test_a_stopped_order_keeps_the_tracking_number_of_a_refused_recall() -> None:
    lifecycle = in_shipping()
    failure = OrderFailure(FailureCode.PAYMENT_CANCELLED, "changed my mind")
    lifecycle.stopped(EventType.ORDER_CANCELLED, failure)
    lifecycle.recall_refused(1, "TRK-1")
    [attempt] = shipping_attempts(lifecycle.events)
    assert attempt == ShippingAttempt(1, at(5), tracking_number="TRK-1", recall_refused_at=at(7))


class Sources:
    """A record and a workflow that have the first of these events."""

    def __init__(
        self, events: list[OrderEvent], *, workflow: int | None, available: bool = True
    ) -> None:
        self._events = events
        self._workflow = workflow
        self._available = available
        self.queries = 0
        self.shipping_events = self.workflow_events = self

    async def load_all(self, ids: list[str]) -> list[list[OrderEvent]]:
        if not self._available:
            raise RecordUnavailable("test")
        return [[event for event in self._events if event.attempt is not None] for _ in ids]

    async def load(self, key: tuple[str, int]) -> list[OrderEvent] | None:
        self.queries += 1
        return None if self._workflow is None else self._events[key[1] : self._workflow]


async def read(
    lifecycle: OrderLifecycle, sources: Sources, *, recorded: int, queried: bool = True
) -> Any:
    merged = MergedOrder(lifecycle.order, lifecycle.snapshot, START, recorded, queried=queried)
    [attempts] = await read_shipments(cast("Any", sources), [merged])
    return attempts


async def test_a_recorded_order_is_read_without_its_workflow_and_never_beyond_its_state() -> None:
    lifecycle = in_shipping()
    events = lifecycle.events
    seen = lifecycle.snapshot
    lifecycle.shipping_attempt_failed(1, "no van")
    sources = Sources(events, workflow=6)
    lifecycle.snapshot = seen
    assert await read(lifecycle, sources, recorded=5) == [ShippingAttempt(1, at(5))]
    assert sources.queries == 0


@pytest.mark.parametrize(("recorded", "available"), [(4, True), (4, False), (0, True)])
async def test_what_the_record_lacks_is_read_from_the_workflow(
    recorded: int, *, available: bool
) -> None:
    lifecycle = in_shipping()
    sources = Sources(lifecycle.events, workflow=5, available=available)
    assert await read(lifecycle, sources, recorded=recorded) == [ShippingAttempt(1, at(5))]


async def test_attempts_that_neither_source_can_tell_are_an_error_and_not_an_empty_list() -> None:
    lifecycle = in_shipping()
    with pytest.raises(RecordUnavailable):
        await read(lifecycle, Sources(lifecycle.events, workflow=None, available=False), recorded=5)


async def test_no_workflow_is_queried_for_an_order_of_a_page() -> None:
    lifecycle = in_shipping()
    sources = Sources(lifecycle.events, workflow=5, available=False)
    with pytest.raises(RecordUnavailable):
        await read(lifecycle, sources, recorded=5, queried=False)
    assert sources.queries == 0

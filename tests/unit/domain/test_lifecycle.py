from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestration.domain.commands import ApproveOrder, CancelOrder
from orchestration.domain.errors import IllegalTransition, OrderStopped
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import (
    FailureCode,
    OrderFailure,
    PaymentStatus,
    ReviewMode,
    initial_snapshot,
)
from orchestration.domain.reversals import REVERSED_STATUSES
from orchestration.domain.states import STOPPABLE_STATES, EventType, OrderState
from tests.support.orders import make_order

START = datetime(2026, 1, 1, tzinfo=UTC)
FAILURE = OrderFailure(FailureCode.CANCELLED, "not wanted any more")


def new_lifecycle(**policy: Any) -> OrderLifecycle:
    ticks = iter(START + timedelta(seconds=second) for second in range(1, 100))
    order = make_order(**policy)
    return OrderLifecycle(order, initial_snapshot(order, START), lambda: next(ticks))


def lifecycle_in_review() -> OrderLifecycle:
    lifecycle = new_lifecycle()
    lifecycle.received()
    lifecycle.validated()
    lifecycle.review_started()
    return lifecycle


def lifecycle_in_shipping() -> OrderLifecycle:
    lifecycle = lifecycle_in_review()
    lifecycle.approved(ApproveOrder(command_id="approve-1"))
    lifecycle.charged()
    lifecycle.shipping_started(1)
    return lifecycle


def types(lifecycle: OrderLifecycle) -> list[EventType]:
    return [event.type for event in lifecycle.events]


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.5, 0.5), (-3600, 0), (3600, 1)], ids=["usual", "past", "future"]
)
def test_a_package_is_prepared_at_its_own_time_unless_the_clocks_differ(
    seconds: float, expected: float
) -> None:
    lifecycle = lifecycle_in_shipping()
    before = lifecycle.snapshot.updated_at  # one second before now
    lifecycle.package_prepared(1, "PKG-1", before + timedelta(seconds=seconds))
    assert lifecycle.events[-1].at == before + timedelta(seconds=expected)
    assert lifecycle.snapshot.updated_at == lifecycle.events[-1].at


def test_events_of_a_completed_order_are_numbered_without_gaps() -> None:
    lifecycle = lifecycle_in_shipping()
    lifecycle.package_prepared(1, "PKG-1")
    lifecycle.carrier_dispatched(1, "TRK-1")
    lifecycle.shipped()
    lifecycle.completed()

    assert [event.sequence for event in lifecycle.events] == list(
        range(1, len(lifecycle.events) + 1)
    )
    assert lifecycle.snapshot.sequence == len(lifecycle.events)
    assert lifecycle.snapshot.state is OrderState.COMPLETED
    assert lifecycle.snapshot.ended_at == lifecycle.events[-1].at
    assert lifecycle.snapshot.payment_status is PaymentStatus.CHARGED


def test_each_event_starts_in_the_state_left_by_the_previous_event() -> None:
    lifecycle = lifecycle_in_shipping()
    assert lifecycle.events[0].from_state is None
    assert [e.from_state for e in lifecycle.events[1:]] == [e.state for e in lifecycle.events[:-1]]


def test_an_approval_event_has_the_id_of_its_command() -> None:
    lifecycle = lifecycle_in_shipping()
    [approval] = [e for e in lifecycle.events if e.type is EventType.ORDER_APPROVED]
    assert approval.command_id == "approve-1"
    assert approval.key == "ORDER_APPROVED:approve-1"


def test_the_deadline_counts_from_placement_and_the_review_deadline_from_the_reviews_start() -> (
    None
):
    lifecycle = new_lifecycle(deadline=60, review_timeout=10)
    lifecycle.received()
    lifecycle.validated()
    lifecycle.review_started()
    assert lifecycle.snapshot.deadline == START + timedelta(seconds=60)
    assert lifecycle.snapshot.review_deadline == START + timedelta(seconds=3 + 10)


def test_a_review_without_a_timeout_has_no_deadline() -> None:
    lifecycle = new_lifecycle(review_mode=ReviewMode.MANUAL, review_timeout=None)
    lifecycle.received()
    lifecycle.validated()
    lifecycle.review_started()
    assert lifecycle.snapshot.review_deadline is None


def test_an_event_that_the_state_does_not_allow_is_rejected() -> None:
    lifecycle = new_lifecycle()
    with pytest.raises(IllegalTransition):
        lifecycle.charged()
    assert not lifecycle.events


def test_a_stopped_order_records_the_stop_before_the_refund_and_ends_last() -> None:
    lifecycle = lifecycle_in_shipping()
    lifecycle.stopped(
        EventType.ORDER_CANCELLED, FAILURE, CancelOrder(command_id="cancel-1", reason="why")
    )
    assert lifecycle.snapshot.undoing
    assert lifecycle.events[-1].command_id == "cancel-1"
    assert lifecycle.events[-1].payload == {
        "code": "CANCELLED",
        "message": FAILURE.message,
        "reason": "why",
    }
    assert lifecycle.available_commands == []
    lifecycle.payment_reversed(PaymentStatus.REFUNDED)
    lifecycle.compensated()
    assert types(lifecycle)[-3:] == [
        EventType.UNDO_STARTED,
        EventType.PAYMENT_REFUNDED,
        EventType.ORDER_CANCELLED,
    ]
    assert lifecycle.snapshot.failure == FAILURE
    assert lifecycle.snapshot.payment_status is PaymentStatus.REFUNDED


def test_the_first_stop_determines_the_failure_of_an_order() -> None:
    lifecycle = lifecycle_in_review()
    lifecycle.stopped(EventType.ORDER_CANCELLED, FAILURE)
    lifecycle.stopped(EventType.ORDER_FAILED, OrderFailure(FailureCode.DEADLINE_PASSED, "too late"))
    lifecycle.compensated()
    assert lifecycle.snapshot.failure == FAILURE


def test_a_stopped_order_cannot_be_dispatched() -> None:
    lifecycle = lifecycle_in_shipping()
    lifecycle.stopped(EventType.ORDER_CANCELLED, FAILURE)
    with pytest.raises(OrderStopped):
        lifecycle.carrier_dispatched(1, "TRK-1")


def test_a_charge_that_succeeds_after_the_stop_is_recorded_and_refunded() -> None:
    lifecycle = lifecycle_in_review()
    lifecycle.approved()
    lifecycle.stopped(EventType.ORDER_CANCELLED, FAILURE)
    lifecycle.charged()
    lifecycle.payment_reversed(PaymentStatus.REFUNDED)
    lifecycle.compensated()
    assert types(lifecycle)[-4:] == [
        EventType.UNDO_STARTED,
        EventType.PAYMENT_CHARGED,
        EventType.PAYMENT_REFUNDED,
        EventType.ORDER_CANCELLED,
    ]


def test_a_decline_after_the_stop_does_not_replace_the_failure_of_the_stop() -> None:
    lifecycle = lifecycle_in_review()
    lifecycle.approved()
    lifecycle.stopped(EventType.ORDER_CANCELLED, FAILURE)
    lifecycle.declined("card declined")
    lifecycle.payment_reversed(PaymentStatus.DECLINED)
    lifecycle.compensated()
    assert lifecycle.snapshot.failure == FAILURE
    assert lifecycle.snapshot.payment_status is PaymentStatus.DECLINED


def test_an_order_that_the_carrier_has_cannot_be_stopped() -> None:
    lifecycle = lifecycle_in_shipping()
    lifecycle.package_prepared(1, "PKG-1")
    lifecycle.carrier_dispatched(1, "TRK-1")
    lifecycle.stopped(EventType.ORDER_FAILED, FAILURE)
    assert lifecycle.stop is None
    lifecycle.shipped()


def test_an_order_that_ends_without_a_charge_has_a_voided_payment() -> None:
    lifecycle = lifecycle_in_review()
    lifecycle.approval_timed_out()
    assert lifecycle.snapshot.state is OrderState.APPROVAL_TIMEOUT
    assert lifecycle.snapshot.payment_status is PaymentStatus.VOIDED


def test_a_declined_charge_fails_the_order() -> None:
    lifecycle = lifecycle_in_review()
    lifecycle.approved()
    lifecycle.declined("card declined")
    assert types(lifecycle)[-2:] == [EventType.PAYMENT_DECLINED, EventType.ORDER_FAILED]
    assert lifecycle.snapshot.failure == OrderFailure(FailureCode.PAYMENT_DECLINED, "card declined")


def test_messages_of_a_shipping_attempt_that_is_not_in_progress_are_ignored() -> None:
    lifecycle = lifecycle_in_shipping()
    lifecycle.shipping_attempt_failed(1, "no courier")
    before = list(lifecycle.events)
    lifecycle.package_prepared(1, "PKG-1")
    lifecycle.shipping_attempt_failed(1, "no courier, again")
    lifecycle.shipping_attempt_failed(2, "never started")
    lifecycle.package_prepared(7, "PKG-7")
    assert lifecycle.events == before
    lifecycle.shipping_started(2)
    lifecycle.package_prepared(2, "PKG-2")
    lifecycle.package_prepared(2, "PKG-2")
    assert types(lifecycle)[-2:] == [EventType.SHIPPING_STARTED, EventType.PACKAGE_PREPARED]


@pytest.mark.parametrize("status", sorted(REVERSED_STATUSES))
@pytest.mark.parametrize("state", sorted(STOPPABLE_STATES))
def test_every_result_of_a_reversal_can_be_recorded_in_every_state_that_can_be_stopped(
    state: OrderState, status: PaymentStatus
) -> None:
    lifecycle = new_lifecycle()
    lifecycle.snapshot = replace(lifecycle.snapshot, state=state)
    lifecycle.stopped(EventType.ORDER_CANCELLED, FAILURE)
    lifecycle.payment_reversed(status)
    assert lifecycle.events[-1].payload["previousStatus"] is PaymentStatus.PENDING
    lifecycle.compensated()
    assert lifecycle.snapshot.state is OrderState.CANCELLED
    assert lifecycle.snapshot.payment_status is status


@pytest.mark.parametrize("status", [PaymentStatus.VOIDED, PaymentStatus.DECLINED])
def test_a_recorded_charge_that_the_gateway_denies_is_not_recorded_as_refunded(
    status: PaymentStatus,
) -> None:
    lifecycle = lifecycle_in_shipping()
    lifecycle.stopped(EventType.ORDER_CANCELLED, FAILURE)
    lifecycle.payment_reversed(status)
    assert lifecycle.events[-1].message == (
        f"Payment recorded as CHARGED, but the gateway reports {status}"
    )
    assert lifecycle.events[-1].payload["recordedStatus"] == "CHARGED"
    assert lifecycle.snapshot.payment_status is status


def test_a_refused_recall_keeps_the_tracking_number_of_a_stopped_order() -> None:
    lifecycle = lifecycle_in_shipping()
    lifecycle.stopped(EventType.ORDER_CANCELLED, FAILURE)
    lifecycle.recall_refused(1, "TRK-1")
    lifecycle.payment_reversed(PaymentStatus.REFUNDED)
    lifecycle.compensated()
    refused = lifecycle.events[-3]
    assert (refused.type, refused.attempt) == (EventType.RECALL_REFUSED, 1)
    assert refused.payload == {"attempt": 1, "trackingNumber": "TRK-1"}
    assert lifecycle.snapshot.state is OrderState.CANCELLED


def test_an_attempt_that_was_reported_as_failed_can_turn_out_to_be_dispatched() -> None:
    lifecycle = lifecycle_in_shipping()
    lifecycle.shipping_attempt_failed(1, "no response")
    lifecycle.carrier_dispatched(1, "TRK-1")
    lifecycle.shipped()
    assert lifecycle.snapshot.state is OrderState.SHIPPED


def test_an_order_that_is_being_stopped_cannot_fail_for_another_reason() -> None:
    lifecycle = new_lifecycle()
    lifecycle.received()
    lifecycle.stopped(EventType.ORDER_CANCELLED, FAILURE)
    with pytest.raises(OrderStopped):
        lifecycle.failed(FailureCode.INVALID, "the customer does not exist")

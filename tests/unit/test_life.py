from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestration.domain.commands import ApproveOrder, CancelOrder
from orchestration.domain.errors import IllegalTransition, OrderStopped
from orchestration.domain.life import OrderLife
from orchestration.domain.order import FailureCode, OrderFailure, PaymentStatus, ReviewMode, placed
from orchestration.domain.states import EventType, OrderState
from tests.orders import make_order

START = datetime(2026, 1, 1, tzinfo=UTC)
FAILURE = OrderFailure(FailureCode.CANCELLED, "not wanted any more")


def a_life(**policy: Any) -> OrderLife:
    ticks = iter(START + timedelta(seconds=second) for second in range(1, 100))
    order = make_order(**policy)
    return OrderLife(order, placed(order, START), lambda: next(ticks))


def a_life_in_review() -> OrderLife:
    life = a_life()
    life.received()
    life.validated()
    life.review_started()
    return life


def a_life_in_shipping() -> OrderLife:
    life = a_life_in_review()
    life.approved(ApproveOrder(command_id="approve-1"))
    life.charged()
    life.shipping_started(1)
    return life


def types(life: OrderLife) -> list[EventType]:
    return [event.type for event in life.events]


def test_an_order_that_goes_well_numbers_its_events_without_a_gap() -> None:
    life = a_life_in_shipping()
    life.package_prepared(1, "PKG-1")
    life.carrier_dispatched(1, "TRK-1")
    life.shipped()
    life.completed()

    assert [event.sequence for event in life.events] == list(range(1, len(life.events) + 1))
    assert life.snapshot.sequence == len(life.events)
    assert life.snapshot.state is OrderState.COMPLETED
    assert life.snapshot.ended_at == life.events[-1].at
    assert life.snapshot.payment_status is PaymentStatus.CHARGED


def test_each_event_begins_in_the_state_in_which_the_one_before_it_ended() -> None:
    life = a_life_in_shipping()
    assert life.events[0].from_state is None
    assert [e.from_state for e in life.events[1:]] == [e.state for e in life.events[:-1]]


def test_an_approval_carries_its_command() -> None:
    life = a_life_in_shipping()
    [approval] = [e for e in life.events if e.type is EventType.ORDER_APPROVED]
    assert approval.command_id == "approve-1"
    assert approval.key == "ORDER_APPROVED:approve-1"


def test_the_deadlines_are_counted_from_placing_and_from_the_start_of_the_review() -> None:
    life = a_life(deadline=60, review_timeout=10)
    life.received()
    life.validated()
    life.review_started()
    assert life.snapshot.deadline == START + timedelta(seconds=60)
    assert life.snapshot.review_deadline == START + timedelta(seconds=3 + 10)


def test_a_review_without_a_limit_has_no_deadline() -> None:
    life = a_life(review_mode=ReviewMode.MANUAL, review_timeout=None)
    life.received()
    life.validated()
    life.review_started()
    assert life.snapshot.review_deadline is None


def test_nothing_happens_out_of_order() -> None:
    life = a_life()
    with pytest.raises(IllegalTransition):
        life.charged()
    assert not life.events


def test_a_stop_is_noted_first_and_ends_the_order_once_all_is_undone() -> None:
    life = a_life_in_shipping()
    life.stopped(
        EventType.ORDER_CANCELLED, FAILURE, CancelOrder(command_id="cancel-1", reason="why")
    )
    assert life.snapshot.undoing
    assert life.events[-1].command_id == "cancel-1"
    assert life.events[-1].payload == {"code": "CANCELLED", "reason": "why"}
    assert life.available_commands == []
    life.reversed(PaymentStatus.REFUNDED)
    life.undone()
    assert types(life)[-3:] == [
        EventType.UNDO_STARTED,
        EventType.PAYMENT_REFUNDED,
        EventType.ORDER_CANCELLED,
    ]
    assert life.snapshot.failure == FAILURE
    assert life.snapshot.payment_status is PaymentStatus.REFUNDED


def test_what_stopped_an_order_first_stays_the_reason() -> None:
    life = a_life_in_review()
    life.stopped(EventType.ORDER_CANCELLED, FAILURE)
    life.stopped(EventType.ORDER_FAILED, OrderFailure(FailureCode.DEADLINE_PASSED, "too late"))
    life.undone()
    assert life.snapshot.failure == FAILURE


def test_a_stopped_order_goes_no_further() -> None:
    life = a_life_in_shipping()
    life.stopped(EventType.ORDER_CANCELLED, FAILURE)
    with pytest.raises(OrderStopped):
        life.carrier_dispatched(1, "TRK-1")


def test_a_charge_that_came_through_while_stopping_is_told_and_refunded() -> None:
    life = a_life_in_review()
    life.approved()
    life.stopped(EventType.ORDER_CANCELLED, FAILURE)
    life.charged()
    life.reversed(PaymentStatus.REFUNDED)
    life.undone()
    assert types(life)[-4:] == [
        EventType.UNDO_STARTED,
        EventType.PAYMENT_CHARGED,
        EventType.PAYMENT_REFUNDED,
        EventType.ORDER_CANCELLED,
    ]


def test_a_decline_while_stopping_leaves_the_reason_of_the_stop() -> None:
    life = a_life_in_review()
    life.approved()
    life.stopped(EventType.ORDER_CANCELLED, FAILURE)
    life.declined("card declined")
    life.reversed(PaymentStatus.DECLINED)
    life.undone()
    assert life.snapshot.failure == FAILURE
    assert life.snapshot.payment_status is PaymentStatus.DECLINED


def test_nothing_is_stopped_once_the_carrier_has_it() -> None:
    life = a_life_in_shipping()
    life.package_prepared(1, "PKG-1")
    life.carrier_dispatched(1, "TRK-1")
    life.stopped(EventType.ORDER_FAILED, FAILURE)
    assert life.stop is None
    life.shipped()


def test_an_order_that_ends_uncharged_leaves_its_payment_voided() -> None:
    life = a_life_in_review()
    life.approval_timed_out()
    assert life.snapshot.state is OrderState.APPROVAL_TIMEOUT
    assert life.snapshot.payment_status is PaymentStatus.VOIDED


def test_a_declined_charge_ends_the_order() -> None:
    life = a_life_in_review()
    life.approved()
    life.declined("card declined")
    assert types(life)[-2:] == [EventType.PAYMENT_DECLINED, EventType.ORDER_FAILED]
    assert life.snapshot.failure == OrderFailure(FailureCode.PAYMENT_DECLINED, "card declined")


def test_word_from_an_attempt_that_is_not_under_way_is_ignored() -> None:
    life = a_life_in_shipping()
    life.shipping_attempt_failed(1, "no courier")
    before = list(life.events)
    life.package_prepared(1, "PKG-1")
    life.shipping_attempt_failed(1, "no courier, again")
    life.shipping_attempt_failed(2, "never started")
    life.package_prepared(7, "PKG-7")
    assert life.events == before
    life.shipping_started(2)
    life.package_prepared(2, "PKG-2")
    life.package_prepared(2, "PKG-2")
    assert types(life)[-2:] == [EventType.SHIPPING_STARTED, EventType.PACKAGE_PREPARED]

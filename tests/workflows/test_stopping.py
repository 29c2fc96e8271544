"""What stops an order, and what is undone of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError

from orchestration.client import WorkflowClosed
from orchestration.domain.commands import ApproveOrder, CancelOrder, CancelPayment, Verdict
from orchestration.domain.order import FailureCode, LineItem, PaymentStatus, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.simulation import DISPATCH_FAILS, HANG_THEN_DECLINE
from tests.orders import make_order

if TYPE_CHECKING:
    from tests.shop import Shop


async def test_an_order_that_is_cancelled_in_review_is_never_charged(shop: Shop) -> None:
    order = make_order()
    await shop.start(order)
    await shop.until(order.id, lambda s: s.snapshot.state is OrderState.AWAITING_APPROVAL)
    await shop.orders.send(order.id, CancelOrder(command_id="stop", reason="no longer wanted"))
    outcome = await shop.outcome(order.id)
    assert outcome.state is OrderState.CANCELLED
    assert outcome.failure is not None
    assert outcome.failure.message == "no longer wanted"
    assert await shop.gateway_row(order.payment_id) is None
    await shop.snapshot_on_both_sides(order.id)


async def test_a_payment_that_is_cancelled_before_the_charge_is_void_for_good(shop: Shop) -> None:
    order = make_order()
    await shop.start(order)
    await shop.until(order.id, lambda s: s.snapshot.state is OrderState.AWAITING_APPROVAL)
    await shop.orders.send(order.id, CancelPayment(command_id="stop"))
    assert (await shop.outcome(order.id)).state is OrderState.CANCELLED
    assert await shop.gateway_row(order.payment_id) == "VOIDED"


async def test_a_payment_that_is_cancelled_while_its_charge_hangs_is_never_charged(
    shop: Shop,
) -> None:
    payment_id = f"{HANG_THEN_DECLINE}{uuid4()}"
    order = make_order(review_mode=ReviewMode.NONE, payment_id=payment_id, activity_timeout=5)
    await shop.start(order)
    await shop.until(order.id, lambda s: s.snapshot.state is OrderState.APPROVED)
    await shop.orders.send(order.id, CancelPayment(command_id="stop"))
    assert (await shop.outcome(order.id)).state is OrderState.CANCELLED
    assert await shop.gateway_row(payment_id) == "VOIDED"


async def test_a_payment_is_refunded_also_where_no_shipping_worker_is_up(
    closed_shop: Shop,
) -> None:
    order = make_order(review_mode=ReviewMode.NONE)
    async with closed_shop.working("order"):
        await closed_shop.start(order)
        await closed_shop.until(order.id, lambda s: s.snapshot.state is OrderState.SHIPPING)
        await closed_shop.orders.send(order.id, CancelPayment(command_id="stop"))
        assert (await closed_shop.outcome(order.id)).state is OrderState.CANCELLED
        snapshot = await closed_shop.snapshot_on_both_sides(order.id)
    assert snapshot.payment_status is PaymentStatus.REFUNDED
    assert await closed_shop.gateway_row(order.payment_id) == "REFUNDED"


async def test_an_order_waits_for_the_shipping_worker_and_goes_on_when_it_comes(
    closed_shop: Shop,
) -> None:
    order = make_order(review_mode=ReviewMode.NONE)
    async with closed_shop.working("order"):
        await closed_shop.start(order)
        await closed_shop.until(order.id, lambda s: s.snapshot.state is OrderState.SHIPPING)
        async with closed_shop.working("shipping"):
            assert (await closed_shop.outcome(order.id)).state is OrderState.COMPLETED


async def test_an_order_that_nobody_can_ship_is_refunded_and_failed(shop: Shop) -> None:
    items = [LineItem(sku=DISPATCH_FAILS, quantity=1, unit_price=1)]
    order = make_order(review_mode=ReviewMode.NONE, request={"items": items})
    await shop.start(order)
    outcome = await shop.outcome(order.id)
    assert outcome.state is OrderState.FAILED
    assert outcome.failure is not None
    assert outcome.failure.code is FailureCode.SHIPPING_FAILED
    assert "no courier available" in outcome.failure.message
    types = await shop.types(order.id)
    assert types.count(EventType.SHIPPING_ATTEMPT_FAILED) == 3
    assert types[-3:] == [
        EventType.UNDO_STARTED,
        EventType.PAYMENT_REFUNDED,
        EventType.ORDER_FAILED,
    ]
    assert await shop.gateway_row(order.payment_id) == "REFUNDED"


async def test_an_order_past_its_deadline_is_undone_and_failed(closed_shop: Shop) -> None:
    order = make_order(review_mode=ReviewMode.NONE, deadline=2)
    async with closed_shop.working("order"):
        await closed_shop.start(order)
        outcome = await closed_shop.outcome(order.id)
    assert outcome.state is OrderState.FAILED
    assert outcome.failure is not None
    assert outcome.failure.code is FailureCode.DEADLINE_PASSED
    assert await closed_shop.gateway_row(order.payment_id) == "REFUNDED"


async def test_a_deadline_in_review_ends_the_order(timeless_shop: Shop) -> None:
    order_id = await timeless_shop.start(make_order(deadline=15, review_timeout=None))
    outcome = await timeless_shop.outcome(order_id)
    assert outcome.failure is not None
    assert outcome.failure.code is FailureCode.DEADLINE_PASSED


async def test_a_deadline_is_void_once_the_carrier_has_it(timeless_shop: Shop) -> None:
    order_id = await timeless_shop.start(
        make_order(review_mode=ReviewMode.NONE, deadline=3600, delivery_timeout=7200)
    )
    assert (await timeless_shop.outcome(order_id)).state is OrderState.COMPLETED


async def test_a_charge_that_never_answers_ends_the_order_and_is_reversed(shop: Shop) -> None:
    payment_id = f"{HANG_THEN_DECLINE}{uuid4()}"
    order = make_order(
        review_mode=ReviewMode.NONE,
        payment_id=payment_id,
        activity_timeout=0.3,
        activity_attempts=1,
    )
    await shop.start(order)
    outcome = await shop.outcome(order.id)
    assert outcome.state is OrderState.FAILED
    assert outcome.failure is not None
    assert "could not be charged" in outcome.failure.message
    assert await shop.gateway_row(payment_id) == "VOIDED"


async def test_cancelled_from_temporals_side_an_order_undoes_and_closes_as_cancelled(
    shop: Shop,
) -> None:
    order = make_order()
    await shop.start(order)
    await shop.until(order.id, lambda s: s.snapshot.state is OrderState.AWAITING_APPROVAL)
    await shop.client.get_workflow_handle(order.id).cancel()
    with pytest.raises(WorkflowFailureError) as failed:
        await shop.outcome(order.id)
    assert isinstance(failed.value.cause, CancelledError)
    assert (await shop.snapshot_on_both_sides(order.id)).state is OrderState.CANCELLED


async def test_of_commands_that_contradict_each_other_one_is_applied(shop: Shop) -> None:
    order = make_order()
    await shop.start(order)
    await shop.until(order.id, lambda s: s.snapshot.state is OrderState.AWAITING_APPROVAL)
    commands = [
        command
        for n in range(10)
        for command in (ApproveOrder(command_id=f"yes-{n}"), CancelOrder(command_id=f"no-{n}"))
    ]
    answers = await asyncio.gather(*(shop.orders.send(order.id, c) for c in commands))
    applied = [a for a in answers if isinstance(a, Verdict) and a.applied]
    assert len(applied) == 1
    assert all(isinstance(a, Verdict | WorkflowClosed) for a in answers)
    outcome = await shop.outcome(order.id)
    expected = OrderState.COMPLETED if applied[0].command == "APPROVE" else OrderState.CANCELLED
    assert outcome.state is expected


async def test_signals_that_do_not_fit_are_dropped_and_the_order_goes_on(shop: Shop) -> None:
    order = make_order()
    await shop.start(order)
    handle = shop.client.get_workflow_handle(order.id)
    await handle.signal("approve_order")
    await handle.signal("approve_order", args=[{}, {}])
    await handle.signal("approve_order", None)
    await handle.signal("approve_order", b"raw")
    await handle.signal("approve_order", {"command_id": "not an id"})
    await handle.signal("update_address", {"address": "nowhere"})
    await handle.signal("package_prepared", {"attempt": 1, "package_id": "PKG"})
    await handle.signal("dispatch_failed", {"attempt": 1, "reason": "nobody asked"})
    status = await shop.until(order.id, lambda s: s.snapshot.state is OrderState.AWAITING_APPROVAL)
    assert [e.type for e in status.events][-1] is EventType.REVIEW_STARTED
    # As Temporal's own page sends it, without a command id.
    await handle.signal("approve_order", {})
    assert (await shop.outcome(order.id)).state is OrderState.COMPLETED

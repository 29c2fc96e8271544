"""The course of an order that nothing stops."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError

from orchestration.domain.commands import ApproveOrder, ConfirmDelivery, UpdateAddress, Verdict
from orchestration.domain.order import FailureCode, LineItem, PaymentStatus, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.messages import OrderStart
from orchestration.order_workflow import OrderWorkflow
from orchestration.simulation import DECLINE, DISPATCH_FAILS_ONCE
from tests.orders import ADDRESS, make_order
from tests.shop import WITHIN, Shop

APPROVED_TO_COMPLETED = [
    EventType.ORDER_APPROVED,
    EventType.PAYMENT_CHARGED,
    EventType.SHIPPING_STARTED,
    EventType.PACKAGE_PREPARED,
    EventType.CARRIER_DISPATCHED,
    EventType.ORDER_SHIPPED,
    EventType.ORDER_COMPLETED,
]


async def test_an_order_that_is_approved_is_charged_shipped_and_completed(shop: Shop) -> None:
    order = make_order()
    await shop.start(order)
    await shop.until(order.id, lambda s: s.snapshot.state is OrderState.AWAITING_APPROVAL)

    verdict = await shop.orders.send(order.id, ApproveOrder(command_id="go", nonce="1"))

    assert isinstance(verdict, Verdict)
    assert verdict.applied
    assert verdict.state is OrderState.AWAITING_APPROVAL
    outcome = await shop.outcome(order.id)
    assert outcome.state is OrderState.COMPLETED
    assert await shop.types(order.id) == [
        EventType.ORDER_RECEIVED,
        EventType.ORDER_VALIDATED,
        EventType.REVIEW_STARTED,
        *APPROVED_TO_COMPLETED,
    ]
    snapshot = await shop.snapshot_on_both_sides(order.id)
    assert snapshot.payment_status is PaymentStatus.CHARGED
    assert await shop.gateway_row(order.payment_id) == "CHARGED"
    stored = await shop.stored(order.id)
    assert stored.order == order


async def test_the_history_stays_short(shop: Shop) -> None:
    order = make_order()
    await shop.start(order)
    await shop.until(order.id, lambda s: s.snapshot.state is OrderState.AWAITING_APPROVAL)
    await shop.orders.send(order.id, ApproveOrder(command_id="go"))
    await shop.outcome(order.id)
    events = await shop.history_length(order.id)
    events += await shop.history_length(f"{order.id}/shipping/1")
    # A bare order of six activities and a child has 61.
    assert events <= 61 + 30


async def test_an_approval_that_comes_early_is_remembered(closed_shop: Shop) -> None:
    order = make_order()
    await closed_shop.start(order)
    handle = closed_shop.client.get_workflow_handle(order.id)
    await handle.signal("approve_order", ApproveOrder(command_id="early"))
    async with closed_shop.working("order", "shipping"):
        await closed_shop.outcome(order.id)
    events = await closed_shop.events(order.id)
    assert [e.type for e in events][2:] == APPROVED_TO_COMPLETED
    assert events[2].command_id == "early"


async def test_a_review_by_timer_goes_on_by_itself(shop: Shop) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.TIMER, review_timeout=0.2))
    assert (await shop.outcome(order_id)).state is OrderState.COMPLETED
    assert EventType.REVIEW_STARTED in await shop.types(order_id)


async def test_an_order_without_review_goes_straight_to_its_charge(shop: Shop) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE))
    assert (await shop.outcome(order_id)).state is OrderState.COMPLETED
    assert EventType.REVIEW_STARTED not in await shop.types(order_id)


async def test_an_order_that_nobody_approves_times_out_after_its_five_minutes(
    timeless_shop: Shop,
) -> None:
    order = make_order(review_timeout=300)
    await timeless_shop.start(order)
    outcome = await timeless_shop.outcome(order.id)
    assert outcome.state is OrderState.APPROVAL_TIMEOUT
    assert outcome.failure is not None
    assert outcome.failure.code is FailureCode.APPROVAL_TIMEOUT
    events = await timeless_shop.events(order.id)
    assert events[-1].at - events[-2].at >= timedelta(minutes=5)
    assert await timeless_shop.gateway_row(order.payment_id) is None


async def test_an_unconfirmed_delivery_completes_after_its_time(timeless_shop: Shop) -> None:
    order = make_order(review_mode=ReviewMode.NONE, delivery_timeout=86_400)
    await timeless_shop.start(order)
    assert (await timeless_shop.outcome(order.id)).state is OrderState.COMPLETED
    events = await timeless_shop.events(order.id)
    assert [e.type for e in events[-2:]] == [EventType.ORDER_SHIPPED, EventType.ORDER_COMPLETED]
    assert events[-1].at - events[-2].at >= timedelta(days=1)


async def test_a_confirmed_delivery_completes_the_order(shop: Shop) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE, delivery_timeout=600))
    await shop.until(order_id, lambda s: s.snapshot.state is OrderState.SHIPPED)
    verdict = await shop.orders.send(order_id, ConfirmDelivery(command_id="here"))
    assert isinstance(verdict, Verdict)
    assert verdict.applied
    await shop.outcome(order_id)
    assert (await shop.types(order_id))[-2:] == [
        EventType.DELIVERY_CONFIRMED,
        EventType.ORDER_COMPLETED,
    ]


async def test_the_package_goes_to_the_new_address(shop: Shop) -> None:
    order_id = await shop.start(make_order())
    await shop.until(order_id, lambda s: s.snapshot.state is OrderState.AWAITING_APPROVAL)
    elsewhere = replace(ADDRESS, street="2 Side St")
    await shop.orders.send(order_id, UpdateAddress(command_id="move", address=elsewhere))
    # Written at once, with the order still in review.
    await shop.until(order_id, lambda s: s.recorded_sequence == s.snapshot.sequence)
    assert (await shop.stored(order_id)).snapshot.shipping_address == elsewhere
    await shop.orders.send(order_id, ApproveOrder(command_id="go"))
    await shop.outcome(order_id)
    child = shop.client.get_workflow_handle(f"{order_id}/shipping/1")
    started = (await child.fetch_history()).events[0].workflow_execution_started_event_attributes
    assert b"2 Side St" in started.input.payloads[0].data


async def test_a_failed_attempt_is_followed_by_another(shop: Shop) -> None:
    items = [LineItem(sku=DISPATCH_FAILS_ONCE, quantity=1, unit_price=1)]
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE, request={"items": items}))
    assert (await shop.outcome(order_id)).state is OrderState.COMPLETED
    attempts = [(e.type, e.attempt) for e in await shop.events(order_id) if e.attempt]
    assert attempts == [
        (EventType.SHIPPING_STARTED, 1),
        (EventType.PACKAGE_PREPARED, 1),
        (EventType.SHIPPING_ATTEMPT_FAILED, 1),
        (EventType.SHIPPING_STARTED, 2),
        (EventType.PACKAGE_PREPARED, 2),
        (EventType.CARRIER_DISPATCHED, 2),
    ]


async def test_a_decline_is_not_retried(shop: Shop) -> None:
    order = make_order(review_mode=ReviewMode.NONE, payment_id=f"{DECLINE}{uuid4()}")
    await shop.start(order)
    outcome = await shop.outcome(order.id)
    assert outcome.state is OrderState.FAILED
    assert outcome.failure is not None
    assert outcome.failure.code is FailureCode.PAYMENT_DECLINED
    assert (await shop.snapshot_on_both_sides(order.id)).payment_status is PaymentStatus.DECLINED


async def test_an_order_for_an_unknown_customer_fails_and_is_on_record(shop: Shop) -> None:
    order_id = await shop.start(make_order(request={"customer_id": "nobody"}))
    outcome = await shop.outcome(order_id)
    assert outcome.failure is not None
    assert outcome.failure.code is FailureCode.INVALID
    assert "customer nobody does not exist" in outcome.failure.message
    assert (await shop.snapshot_on_both_sides(order_id)).state is OrderState.FAILED


async def test_an_order_that_breaks_a_rule_fails_and_says_which(shop: Shop) -> None:
    items = [LineItem(sku="SKU-1", quantity=0, unit_price=1)]
    order_id = await shop.start(make_order(request={"items": items}))
    outcome = await shop.outcome(order_id)
    assert outcome.failure is not None
    assert outcome.failure.message == "items.0.quantity must be from 1 to 1000000"


async def test_of_two_orders_that_race_for_one_payment_one_fails(shop: Shop) -> None:
    payment_id = f"pay-{uuid4()}"
    orders = [make_order(review_mode=ReviewMode.NONE, payment_id=payment_id) for _ in range(2)]
    await asyncio.gather(*(shop.start(order) for order in orders))
    outcomes = await asyncio.gather(*(shop.outcome(order.id) for order in orders))
    assert {o.state for o in outcomes} == {OrderState.COMPLETED, OrderState.FAILED}
    winner = orders[[o.state for o in outcomes].index(OrderState.COMPLETED)]
    [failure] = [o.failure for o in outcomes if o.failure]
    assert failure.message == f"payment {payment_id} belongs to order {winner.id}"


async def test_orders_complete_whatever_breaks_on_the_way_and_are_charged_once(
    shop: Shop,
) -> None:
    settings = shop.settings.model_copy(
        update={
            "order_task_queue": "faulty-order",
            "shipping_task_queue": "faulty-shipping",
            "fault_error_rate": 0.33,
            "fault_hang_rate": 0.34,
            "fault_seed": 7,
        }
    )
    faulty = Shop(shop.client, shop.engine, settings)
    orders = [
        make_order(review_mode=ReviewMode.NONE, activity_timeout=0.5, activity_retry_delay=0.01)
        for _ in range(20)
    ]
    async with faulty.working("order", "shipping"):
        await asyncio.gather(*(faulty.start(order) for order in orders))
        outcomes = await asyncio.gather(*(faulty.outcome(order.id) for order in orders))
        assert {o.state for o in outcomes} == {OrderState.COMPLETED}
        for order in orders:
            await faulty.snapshot_on_both_sides(order.id)
            types = await faulty.types(order.id)
            assert types.count(EventType.PAYMENT_CHARGED) == 1
            assert await faulty.gateway_row(order.payment_id) == "CHARGED"


async def test_a_second_run_of_an_order_is_refused_by_its_record(shop: Shop) -> None:
    order = make_order(review_mode=ReviewMode.NONE)
    await shop.start(order)
    await shop.outcome(order.id)
    before = await shop.stored(order.id)
    again = await shop.client.start_workflow(
        OrderWorkflow.run,
        OrderStart(order, shop.settings.shipping_task_queue),
        id=order.id,
        task_queue=shop.settings.order_task_queue,
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await asyncio.wait_for(again.result(), WITHIN)
    assert "RecordDiverged" in repr(failed.value.cause.__cause__)
    assert await shop.stored(order.id) == before

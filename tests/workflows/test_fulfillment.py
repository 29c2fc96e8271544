"""Orders that nothing stops: completed, or failed by validation."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from orchestration.activities import RECORD_DIVERGED
from orchestration.domain.commands import ApproveOrder, Verdict
from orchestration.domain.order import FailureCode, LineItem, PaymentStatus, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.messages import OrderStart
from orchestration.order_workflow import OrderWorkflow
from tests.support.orders import make_order
from tests.support.shop import TIMEOUT, Shop

APPROVED_TO_COMPLETED = [
    EventType.ORDER_APPROVED,
    EventType.PAYMENT_CHARGED,
    EventType.SHIPPING_STARTED,
    EventType.PACKAGE_PREPARED,
    EventType.CARRIER_DISPATCHED,
    EventType.ORDER_SHIPPED,
    EventType.ORDER_COMPLETED,
]


async def test_an_approved_order_is_charged_shipped_and_completed(shop: Shop) -> None:
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


async def test_an_order_adds_at_most_thirty_history_events_to_a_bare_workflow(shop: Shop) -> None:
    order = make_order()
    await shop.start(order)
    await shop.until(order.id, lambda s: s.snapshot.state is OrderState.AWAITING_APPROVAL)
    await shop.orders.send(order.id, ApproveOrder(command_id="go"))
    await shop.outcome(order.id)
    events = await shop.history_length(order.id)
    events += await shop.history_length(f"{order.id}/shipping/1")
    bare_workflow = 61  # six activities and a child workflow
    assert events <= bare_workflow + 30


async def test_an_order_without_review_is_charged_immediately(shop: Shop) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE))
    assert (await shop.outcome(order_id)).state is OrderState.COMPLETED
    assert EventType.REVIEW_STARTED not in await shop.types(order_id)


async def test_an_order_of_an_unknown_customer_fails_and_is_recorded(shop: Shop) -> None:
    order_id = await shop.start(make_order(customer_id="nobody"))
    outcome = await shop.outcome(order_id)
    assert outcome.failure is not None
    assert outcome.failure.code is FailureCode.INVALID
    assert "customer nobody does not exist" in outcome.failure.message
    assert (await shop.snapshot_on_both_sides(order_id)).state is OrderState.FAILED


async def test_an_invalid_order_fails_and_names_the_field(shop: Shop) -> None:
    items = [LineItem(sku="SKU-1", quantity=0, unit_price=1)]
    order_id = await shop.start(make_order(request={"items": items}))
    outcome = await shop.outcome(order_id)
    assert outcome.failure is not None
    assert outcome.failure.message == "items.0.quantity must be from 1 to 1000000"


async def test_an_order_in_an_unknown_currency_fails_and_is_recorded(shop: Shop) -> None:
    order_id = await shop.start(make_order(request={"currency": "XXX"}))
    outcome = await shop.outcome(order_id)
    assert outcome.failure is not None
    assert outcome.failure.message == "currency must be an ISO 4217 currency code, for example USD"
    assert (await shop.stored(order_id)).snapshot.failure == outcome.failure


@pytest.mark.parametrize("deadline", [1e12, float("inf"), float("nan")])
async def test_an_order_with_an_unrepresentable_deadline_fails_as_invalid(
    shop: Shop, deadline: float
) -> None:
    order = make_order(deadline=deadline)
    start = OrderStart(order, shop.settings.shipping_task_queue)
    queue = shop.settings.order_task_queue
    await shop.client.start_workflow(OrderWorkflow.run, start, id=order.id, task_queue=queue)
    outcome = await shop.outcome(order.id)
    assert outcome.failure is not None
    assert outcome.failure.message.startswith("policy.deadline must be")


async def test_one_of_two_orders_with_the_same_payment_id_fails(shop: Shop) -> None:
    payment_id = f"pay-{uuid4()}"
    orders = [make_order(review_mode=ReviewMode.NONE, payment_id=payment_id) for _ in range(2)]
    await asyncio.gather(*(shop.start(order) for order in orders))
    outcomes = await asyncio.gather(*(shop.outcome(order.id) for order in orders))
    assert {o.state for o in outcomes} == {OrderState.COMPLETED, OrderState.FAILED}
    winner = orders[[o.state for o in outcomes].index(OrderState.COMPLETED)]
    [failure] = [o.failure for o in outcomes if o.failure]
    assert failure.message == f"payment {payment_id} belongs to order {winner.id}"
    shop.started.remove(winner.id)  # so that the recorded history is the one of the failed order


async def test_a_second_run_of_an_order_is_rejected_by_the_record(shop: Shop) -> None:
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
        await asyncio.wait_for(again.result(), TIMEOUT)
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == RECORD_DIVERGED
    assert await shop.stored(order.id) == before

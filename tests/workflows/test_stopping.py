"""Cancellations, contradicting commands and malformed signals."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError

from orchestration.client import WorkflowClosed
from orchestration.domain.commands import ApproveOrder, CancelOrder, CancelPayment, Verdict
from orchestration.domain.order import FailureCode, LineItem, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.simulation import DISPATCH_FAILS
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def test_cancelling_the_workflow_in_temporal_undoes_the_order(
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


async def test_only_one_of_several_contradicting_commands_is_applied(shop: Shop) -> None:
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


async def test_a_stop_that_arrives_with_the_result_of_a_failed_shipment_is_undone_at_once(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    order = make_order(
        review_mode=ReviewMode.NONE,
        shipping_retry_delay=600,
        request={"items": [LineItem(sku=DISPATCH_FAILS, quantity=1, unit_price=1)]},
    )
    async with shop.working("order"):
        await shop.start(order)
        await shop.until_state(order.id, OrderState.SHIPPING)
    # The order's worker is away. Its next workflow task has the child's result and the stop.
    async with shop.working("shipping"):
        await shop.until_in_history(order.id, "child_workflow_execution_completed_event_attributes")
    await shop.client.get_workflow_handle(order.id).signal(
        "cancel_payment", CancelPayment(command_id="stop")
    )
    async with shop.working("order"):
        assert await shop.end(order.id) == (OrderState.CANCELLED, FailureCode.PAYMENT_CANCELLED)
    assert await shop.gateway_row(order.payment_id) == "REFUNDED"
    # The order did not wait for its next shipping attempt before the refund.
    assert not await shop.history_events(order.id, "timer_started_event_attributes")


async def test_a_payment_cancelled_together_with_an_approval_is_never_charged(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    order = make_order()
    async with shop.working("order"):
        await shop.start_in_review(order)
    handle = shop.client.get_workflow_handle(order.id)
    await handle.signal("approve_order", ApproveOrder(command_id="yes"))
    await handle.signal("cancel_payment", CancelPayment(command_id="stop"))
    async with shop.working("order"):
        assert await shop.end(order.id) == (OrderState.CANCELLED, FailureCode.PAYMENT_CANCELLED)
    assert await shop.gateway_row(order.payment_id) == "VOIDED"


async def test_malformed_signals_are_dropped_and_the_order_continues(shop: Shop) -> None:
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
    await handle.signal("dispatch_failed", {"attempt": 1, "reason": "no attempt was started"})
    status = await shop.until(order.id, lambda s: s.snapshot.state is OrderState.AWAITING_APPROVAL)
    assert [e.type for e in status.events][-1] is EventType.REVIEW_STARTED
    # Without a command ID, like a signal from the Temporal UI.
    await handle.signal("approve_order", {})
    assert (await shop.outcome(order.id)).state is OrderState.COMPLETED

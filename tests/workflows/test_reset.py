"""A workflow that was reset in Temporal continues its order, unless that contradicts the record."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowFailureError

from orchestration.domain.commands import ApproveOrder, CancelOrder, ConfirmDelivery
from orchestration.domain.order import ReviewMode
from orchestration.domain.states import EventType, OrderState
from tests.support.orders import make_order

if TYPE_CHECKING:
    from orchestration.domain.order import Order
    from tests.support.shop import Shop

COMPLETED = (OrderState.COMPLETED, None)
TASK_COMPLETED = "workflow_task_completed_event_attributes"
STARTS_CHILD = "start_child_workflow_execution_initiated_event_attributes"
CHILD_STARTED = "child_workflow_execution_started_event_attributes"


async def completed_tasks(shop: Shop, order_id: str) -> list[int]:
    """Return the event IDs of the workflow tasks to which an order can be reset."""
    history = await shop.client.get_workflow_handle(order_id).fetch_history()
    return [e.event_id for e in history.events if e.WhichOneof("attributes") == TASK_COMPLETED]


async def reset(shop: Shop, order_id: str, event_id: int) -> None:
    request = ResetWorkflowExecutionRequest(
        namespace=shop.client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=order_id),
        reason="test",
        workflow_task_finish_event_id=event_id,
        request_id=str(uuid4()),
    )
    await shop.client.workflow_service.reset_workflow_execution(request)


async def assert_complete_record(shop: Shop, order_id: str) -> None:
    """Assert that record and workflow have the same events, each once."""
    status = await shop.until(order_id, lambda s: s.snapshot.ended)
    stored = await shop.events(order_id)
    assert [(e.sequence, e.key) for e in stored] == [(e.sequence, e.key) for e in status.events]
    types = [event.type for event in stored]
    assert types.count(EventType.PAYMENT_CHARGED) == types.count(EventType.CARRIER_DISPATCHED) == 1


@pytest.mark.parametrize("task", [0, -1])
async def test_an_order_that_was_reset_during_its_review_can_be_approved(
    shop: Shop, task: int
) -> None:
    order_id = await shop.start_in_review(make_order())
    before = await shop.stored(order_id)
    await reset(shop, order_id, (await completed_tasks(shop, order_id))[task])
    await shop.until_state(order_id, OrderState.AWAITING_APPROVAL)
    await shop.apply(order_id, ApproveOrder(command_id="yes"))
    assert await shop.end(order_id) == COMPLETED
    assert (await shop.stored(order_id)).run_id == before.run_id
    await assert_complete_record(shop, order_id)


@pytest.mark.parametrize("task", [0, -1])
async def test_a_terminated_order_that_is_reset_waits_for_its_delivery_again(
    shop: Shop, task: int
) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE, delivery_timeout=3600))
    await shop.until_state(order_id, OrderState.SHIPPED)
    await shop.terminate(order_id)
    await reset(shop, order_id, (await completed_tasks(shop, order_id))[task])
    await shop.until_state(order_id, OrderState.SHIPPED)
    await shop.apply(order_id, ConfirmDelivery(command_id="arrived"))
    assert await shop.end(order_id) == COMPLETED
    await assert_complete_record(shop, order_id)


async def start_shipping(shop: Shop) -> Order:
    """Start an order whose shipping workflow has started and waits for a shipping worker."""
    order = await shop.start_shipping()
    await shop.until_in_history(order.id, CHILD_STARTED)
    return order


async def task_before_shipping(shop: Shop, order_id: str) -> int:
    """Return the event ID of the last workflow task before the start of the shipping workflow."""
    history = await shop.client.get_workflow_handle(order_id).fetch_history()
    child = next(e.event_id for e in history.events if e.WhichOneof("attributes") == STARTS_CHILD)
    return max(task for task in await completed_tasks(shop, order_id) if task < child)


@pytest.mark.parametrize("target", ["first task", "task before shipping", "last task"])
async def test_an_order_that_was_reset_while_its_shipping_workflow_runs_is_shipped_once(
    shop_without_workers: Shop, target: str
) -> None:
    shop = shop_without_workers
    async with shop.working("order"):
        order = await start_shipping(shop)
        tasks = await completed_tasks(shop, order.id)
        event_ids = {
            "first task": tasks[0],
            "task before shipping": await task_before_shipping(shop, order.id),
            "last task": tasks[-1],
        }
        await reset(shop, order.id, event_ids[target])
        await shop.until_in_history(order.id, STARTS_CHILD)
        await shop.until_idle(order.id)
    async with shop.working("order", "shipping"):
        assert await shop.end(order.id) == COMPLETED
        await assert_complete_record(shop, order.id)


async def test_an_order_terminated_while_shipping_is_shipped_after_a_reset_to_before_its_shipping(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    async with shop.working("order"):
        order = await start_shipping(shop)
        await shop.terminate(order.id)
        await shop.until_closed(f"{order.id}/shipping/1")
        await reset(shop, order.id, await task_before_shipping(shop, order.id))
        await shop.until_in_history(order.id, CHILD_STARTED)
        await shop.until_idle(order.id)
    async with shop.working("order", "shipping"):
        assert await shop.end(order.id) == COMPLETED
        await assert_complete_record(shop, order.id)


async def test_an_order_that_is_reset_to_after_the_start_of_a_terminated_shipment_can_be_cancelled(
    shop_without_workers: Shop,
) -> None:
    # Temporal does not tell the new run that its child workflow was terminated with the old run.
    shop = shop_without_workers
    async with shop.working("order"):
        order = await start_shipping(shop)
        await shop.terminate(order.id)
        await shop.until_closed(f"{order.id}/shipping/1")
        await reset(shop, order.id, (await completed_tasks(shop, order.id))[-1])
        await shop.client.get_workflow_handle(order.id).cancel()
        with pytest.raises(WorkflowFailureError):
            await shop.outcome(order.id)
        assert (await shop.snapshot_on_both_sides(order.id)).state is OrderState.CANCELLED
    assert await shop.gateway_row(order.payment_id) == "REFUNDED"


async def test_a_reset_that_decides_differently_fails_before_it_acts_and_is_repaired(
    shop: Shop,
) -> None:
    order = make_order(delivery_timeout=3600)
    order_id = await shop.start_in_review(order)
    await shop.apply(order_id, ApproveOrder(command_id="yes"))
    await shop.until_state(order_id, OrderState.SHIPPED)
    before = await shop.events(order_id)
    # The approval is delivered to the new run before its review starts, so it has no review.
    await reset(shop, order_id, (await completed_tasks(shop, order_id))[0])
    with pytest.raises(WorkflowFailureError):
        await shop.outcome(order_id)
    assert await shop.events(order_id) == before
    assert await shop.repair(order_id) is OrderState.COMPLETED
    assert await shop.gateway_row(order.payment_id) == "CHARGED"


async def test_an_ended_order_that_is_reset_keeps_its_record(shop: Shop) -> None:
    order = make_order()
    order_id = await shop.start_in_review(order)
    await shop.apply(order_id, CancelOrder(command_id="no"))
    assert (await shop.end(order_id))[0] is OrderState.CANCELLED
    before = await shop.events(order_id)
    await reset(shop, order_id, (await completed_tasks(shop, order_id))[0])
    with pytest.raises(WorkflowFailureError):
        await shop.outcome(order_id)
    assert await shop.events(order_id) == before

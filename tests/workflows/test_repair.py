"""An order whose workflow was terminated is undone, and its record closed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowFailureError

from cli.service.repair import NothingToRepair, Repairs
from orchestration.domain.order import FailureCode, PaymentStatus, ReviewMode
from orchestration.domain.states import EventType, OrderState
from persistence.ledger import PostgresLedger
from persistence.reads import Reads
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop

_FIRST_TASK_COMPLETED = 4  # started, scheduled, started, completed


async def repair(shop: Shop, order_id: str) -> OrderState:
    repairs = Repairs(
        client=shop.client,
        orders=shop.orders,
        reads=Reads(shop.engine),
        ledger=PostgresLedger(shop.engine),
        task_queue=shop.settings.order_task_queue,
    )
    return await repairs.repair(order_id)


async def terminate(shop: Shop, order_id: str) -> None:
    await shop.client.get_workflow_handle(order_id).terminate()


async def test_an_order_that_was_terminated_while_shipping_is_refunded_and_failed(
    closed_shop: Shop,
) -> None:
    order = make_order(review_mode=ReviewMode.NONE)
    async with closed_shop.working("order"):
        await closed_shop.start(order)
        await closed_shop.until(order.id, lambda s: s.snapshot.state is OrderState.SHIPPING)
        await closed_shop.until(order.id, lambda s: s.recorded_sequence == s.snapshot.sequence)
        await terminate(closed_shop, order.id)
        assert await repair(closed_shop, order.id) is OrderState.FAILED
    types = await closed_shop.types(order.id)
    assert types[-3:] == [
        EventType.UNDO_STARTED,
        EventType.PAYMENT_REFUNDED,
        EventType.ORDER_FAILED,
    ]
    snapshot = (await closed_shop.stored(order.id)).snapshot
    assert snapshot.payment_status is PaymentStatus.REFUNDED
    assert snapshot.failure is not None
    assert snapshot.failure.code is FailureCode.TERMINATED
    assert snapshot.sequence == len(types)
    assert await closed_shop.gateway_row(order.payment_id) == "REFUNDED"
    with pytest.raises(NothingToRepair, match="has ended"):
        await repair(closed_shop, order.id)


async def test_an_order_that_was_terminated_before_its_first_step_gets_its_row(
    closed_shop: Shop,
) -> None:
    order = make_order()
    await closed_shop.start(order)
    await terminate(closed_shop, order.id)
    async with closed_shop.working("order"):
        assert await repair(closed_shop, order.id) is OrderState.FAILED
    assert (await closed_shop.stored(order.id)).order == order
    assert await closed_shop.gateway_row(order.payment_id) == "VOIDED"


async def test_an_order_that_was_terminated_on_its_way_to_the_customer_is_completed(
    shop: Shop,
) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE, delivery_timeout=600))
    await shop.until(
        order_id,
        lambda s: (
            s.snapshot.state is OrderState.SHIPPED and s.recorded_sequence == s.snapshot.sequence
        ),
    )
    await terminate(shop, order_id)
    assert await repair(shop, order_id) is OrderState.COMPLETED


async def test_an_order_that_was_reset_is_repaired_by_the_run_on_record(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order())
    before = await shop.stored(order_id)
    request = ResetWorkflowExecutionRequest(
        namespace=shop.client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=order_id, run_id=before.run_id),
        reason="by mistake",
        workflow_task_finish_event_id=_FIRST_TASK_COMPLETED,
        request_id=str(uuid4()),
    )
    await shop.client.workflow_service.reset_workflow_execution(request)
    with pytest.raises(WorkflowFailureError):
        await shop.outcome(order_id)
    assert await shop.stored(order_id) == before

    assert await repair(shop, order_id) is OrderState.FAILED
    after = await shop.stored(order_id)
    assert (after.run_id, after.snapshot.state) == (before.run_id, OrderState.FAILED)


async def test_an_order_that_runs_is_not_repaired(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order())
    with pytest.raises(NothingToRepair, match="RUNNING"):
        await repair(shop, order_id)
    with pytest.raises(NothingToRepair, match="knows no order"):
        await repair(shop, "no-such-order")

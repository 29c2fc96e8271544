"""A workflow closes with the status that Temporal's users look for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from orchestration.client import WorkflowStatus
from orchestration.domain.commands import CancelOrder
from orchestration.domain.order import FailureCode, ReviewMode
from orchestration.simulation import DECLINE
from tests.support.orders import make_order
from tests.support.shop import TIMEOUT
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def test_a_failed_order_is_found_under_failed_and_a_cancelled_one_under_completed(
    shop: Shop,
) -> None:
    declined = await shop.start(
        make_order(review_mode=ReviewMode.NONE, payment_id=f"{DECLINE}{uuid4()}")
    )
    not_approved = await shop.start(make_order(review_timeout=0.1))
    cancelled = await shop.start_in_review(make_order())
    await shop.apply(cancelled, CancelOrder(command_id="stop"))
    orders = [declined, not_approved, cancelled]
    await asyncio.gather(*map(shop.end, orders))

    async def are_listed_as(status: WorkflowStatus, *order_ids: str) -> bool:
        ids = ", ".join(f"'{order_id}'" for order_id in orders)
        query = f"ExecutionStatus = '{status.query_name}' AND WorkflowId IN ({ids})"
        return {found.id async for found in shop.client.list_workflows(query)} == set(order_ids)

    await wait_until(
        lambda: are_listed_as(WorkflowStatus.FAILED, declined, not_approved),
        timeout=TIMEOUT,
        interval=0.2,
    )
    await wait_until(
        lambda: are_listed_as(WorkflowStatus.COMPLETED, cancelled), timeout=TIMEOUT, interval=0.2
    )

    with pytest.raises(WorkflowFailureError) as failed:
        await shop.client.get_workflow_handle(declined).result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == FailureCode.PAYMENT_DECLINED
    assert failed.value.cause.message == "card declined"
    assert failed.value.cause.non_retryable
    assert failed.value.cause.category is ApplicationErrorCategory.BENIGN

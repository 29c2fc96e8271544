"""Workflows that are not orders, or were started by hand with an input that no order has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from temporalio.client import Client

    from tests.support.shop import Shop


@pytest.mark.parametrize(
    ("workflow_type", "arguments"),
    [
        ("OrderWorkflow", []),
        ("OrderWorkflow", [None]),
        ("OrderWorkflow", [b"\xff"]),
        ("OrderWorkflow", [{"order": 5}]),
        ("ReconcileWorkflow", []),
    ],
)
async def test_they_are_no_orders(
    shop_without_workers: Shop, temporal_client: Client, workflow_type: str, arguments: list[Any]
) -> None:
    order_id = f"by-hand-{uuid4()}"
    handle = await temporal_client.start_workflow(
        workflow_type, args=arguments, id=order_id, task_queue="unused"
    )
    try:
        assert await shop_without_workers.orders.find_started(order_id) is None
    finally:
        await handle.terminate()

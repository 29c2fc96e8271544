"""``orders reconcile``, by hand and by the schedule that order workers set."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from temporalio.service import RPCError

from orchestration.domain.order import ReviewMode
from orchestration.domain.states import OrderState
from orchestration.reconcile_schedule import SCHEDULE_ID
from orchestration.workflow_listing import WorkflowListing
from persistence.engine import create_engine
from persistence.settings import PersistenceSettings
from tests.support.orders import make_order
from tests.support.shop import TIMEOUT, Shop, open_shop
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from temporalio.client import Client

    from orchestration.domain.order import Order
    from tests.stack.conftest import Orders


@pytest.fixture
async def shop(
    temporal_client: Client, temporal_address: str, database_url: str
) -> AsyncGenerator[Shop]:
    """A shop whose workers are started by the test."""
    engine = create_engine(PersistenceSettings(database_url=SecretStr(database_url)))
    try:
        yield await open_shop(temporal_client, engine, temporal_address)
    finally:
        await engine.dispose()


@pytest.fixture
def settings(shop: Shop, temporal_address: str, database_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": temporal_address,
        "ORDER_TASK_QUEUE": shop.settings.order_task_queue,
        "SHIPPING_TASK_QUEUE": shop.settings.shipping_task_queue,
    }


async def expired_order(shop: Shop) -> Order:
    """Start and charge an order, and delete its workflow as after the retention period.

    Needs a running order worker.
    """
    order = make_order(review_mode=ReviewMode.NONE)
    await shop.start(order)
    await shop.until_state(order.id, OrderState.SHIPPING)
    await shop.terminate(order.id)
    await shop.delete_workflow(order.id)
    listing = WorkflowListing(shop.client)

    async def is_gone() -> bool:
        return not await listing.running([order.id])

    await wait_until(is_gone, timeout=TIMEOUT)
    age = await listing.retention() + timedelta(minutes=1)
    async with shop.engine.connect() as connection:
        await connection.execute(
            text("UPDATE orders SET updated_at = now() - CAST(:age AS interval) WHERE id = :id"),
            {"age": age, "id": order.id},
        )
    return order


async def test_reconcile_reports_and_then_repairs_an_order_and_says_so_by_exit_code(
    orders: Orders, shop: Shop, settings: dict[str, str]
) -> None:
    def finding(output: str) -> dict[str, Any] | None:
        # The log precedes the document.
        document = orjson.loads(output[output.index('{\n  "findings"') :])
        return next((f for f in document["findings"] if f["orderId"] == order.id), None)

    async with shop.working("order"):
        order = await expired_order(shop)

        dry = await orders.run("reconcile", "--dry-run", "--json", **settings)
        assert dry.code == 3
        found = finding(dry.output)
        assert found is not None
        assert (found["kind"], found["outcome"]) == ("WORKFLOW_DELETED", "REPAIRABLE")
        assert (await shop.stored(order.id)).snapshot.state is OrderState.SHIPPING

        repaired = await orders.run("reconcile", **settings)
        assert f"REPAIRED: Order {order.id} is SHIPPING" in repaired.output
        assert await shop.gateway_row(order.payment_id) == "REFUNDED"

        again = await orders.run("reconcile", "--json", **settings)
        assert finding(again.output) is None


async def test_an_order_worker_reconciles_by_its_schedule_until_that_is_turned_off(
    orders: Orders, shop: Shop, settings: dict[str, str], temporal_client: Client
) -> None:
    schedule = temporal_client.get_schedule_handle(SCHEDULE_ID)
    worker = ("worker", "--queue", "order")

    async def is_refunded() -> bool:
        return await shop.gateway_row(order.payment_id) == "REFUNDED"

    async with orders.running(*worker, RECONCILE_INTERVAL="PT1H", **settings) as running:
        await running.prints("running the order worker")
        order = await expired_order(shop)
        assert (await schedule.describe()).schedule.spec.intervals[0].every == timedelta(hours=1)
        assert not await is_refunded()
    async with orders.running(*worker, RECONCILE_INTERVAL="PT1S", **settings) as running:
        await running.prints(f"reconcile: Order {order.id} is SHIPPING")
        await wait_until(is_refunded, timeout=TIMEOUT)
    async with orders.running(*worker, RECONCILE_INTERVAL="none", **settings) as running:
        await running.prints("running the order worker")

        async def is_deleted() -> bool:
            try:
                await schedule.describe()
            except RPCError:
                return True
            return False

        await wait_until(is_deleted, timeout=TIMEOUT)

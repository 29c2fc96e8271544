"""``orders reconcile``, by hand and by the schedule that order workers set."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text
from temporalio.service import RPCError

from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import running_servers, temporary_folder
from cli.stack.plan import temporary_plan
from cli.stack.temporal import SERVER_SETTINGS
from orchestration.client import connect
from orchestration.domain.order import ReviewMode
from orchestration.domain.states import OrderState
from orchestration.fulfillment import Fulfillment
from orchestration.reconcile_schedule import SCHEDULE_ID
from orchestration.workflow_listing import WorkflowListing
from persistence.engine import create_engine
from tests.support.orders import make_order
from tests.support.reconciliation import reconciliation
from tests.support.shop import TIMEOUT, Shop, open_shop
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from cli.stack.embedded_stack import Stack
    from orchestration.domain.order import Order
    from tests.stack.conftest import Orders


@pytest.fixture(scope="module")
async def servers() -> AsyncGenerator[Stack]:
    """A Postgres and a Temporal of its own, because a reconciliation examines all their orders."""
    with temporary_folder() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        # The default is five. It takes the server a minute to try so often.
        monkeypatch.setitem(
            SERVER_SETTINGS, "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute", 2
        )
        plan = temporary_plan(load_configuration(file=None), {}, folder)
        async with running_servers(plan) as servers:
            yield servers


@pytest.fixture
async def shop(servers: Stack) -> AsyncGenerator[Shop]:
    """A shop whose workers are started by the test."""
    configuration = servers.configuration
    engine = create_engine(configuration.persistence)
    client = await connect(configuration.orchestration)
    try:
        yield await open_shop(client, engine, configuration.orchestration.temporal_address)
    finally:
        await engine.dispose()


@pytest.fixture
def settings(shop: Shop) -> dict[str, str]:
    return {
        "DATABASE_URL": shop.engine.url.render_as_string(hide_password=False),
        "TEMPORAL_ADDRESS": shop.settings.temporal_address,
        "ORDER_TASK_QUEUE": shop.settings.order_task_queue,
        "SHIPPING_TASK_QUEUE": shop.settings.shipping_task_queue,
    }


async def terminated_order(shop: Shop) -> Order:
    """Start, charge and terminate an order. Needs a running order worker."""
    order = make_order(review_mode=ReviewMode.NONE)
    await shop.start(order)
    await shop.until_state(order.id, OrderState.SHIPPING)
    await shop.terminate(order.id)
    listing = WorkflowListing(shop.client)

    async def is_closed() -> bool:
        return not await listing.running([order.id])

    await wait_until(is_closed, timeout=TIMEOUT)
    return order


async def missing_order(shop: Shop) -> Order:
    """Delete the workflow of a terminated order whose last event is old."""
    order = await terminated_order(shop)
    await shop.delete_workflow(order.id)
    async with shop.engine.connect() as connection:
        await connection.execute(
            text("UPDATE orders SET updated_at = now() - interval '1 hour' WHERE id = :id"),
            {"id": order.id},
        )
    return order


def finding(output: str, order: Order) -> dict[str, Any] | None:
    # The log precedes the document.
    document = orjson.loads(output[output.index('{\n  "findings"') :])
    return next((f for f in document["findings"] if f["orderId"] == order.id), None)


async def test_reconcile_reports_and_then_repairs_an_order_and_says_so_by_exit_code(
    orders: Orders, shop: Shop, settings: dict[str, str]
) -> None:
    async with shop.working("order"):
        order = await terminated_order(shop)
        command = ("reconcile", "--min-age", "PT0S")

        dry = await orders.run(*command, "--dry-run", "--json", **settings)
        assert dry.code == 3
        found = finding(dry.output, order)
        assert found is not None
        assert (found["kind"], found["outcome"]) == ("WORKFLOW_CLOSED", "REPAIRABLE")
        assert (await shop.stored(order.id)).snapshot.state is OrderState.SHIPPING

        repaired = await orders.run(*command, **settings)
        assert f"REPAIRED: Order {order.id} is SHIPPING" in repaired.output
        assert await shop.gateway_row(order.payment_id) == "REFUNDED"

        again = await orders.run(*command, "--json", **settings)
        assert finding(again.output, order) is None


async def test_reconcile_reports_an_order_whose_code_fails_until_the_code_is_corrected(
    orders: Orders,
    shop: Shop,
    settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(_: Fulfillment) -> None:
        raise RuntimeError("a defect")

    order = make_order(review_mode=ReviewMode.NONE)
    listing = WorkflowListing(shop.client)

    async def is_listed() -> bool:
        return order.id in [stuck.order_id for stuck in await listing.stuck()]

    async def is_not_listed() -> bool:
        return not await is_listed()

    with monkeypatch.context() as defect:
        defect.setattr(Fulfillment, "run", fails)
        async with shop.working():
            await shop.start(order)
            await wait_until(is_listed, timeout=TIMEOUT)
            ended = await orders.run("reconcile", "--json", **settings)
            (await reconciliation(shop).run(dry_run=True)).log()

    assert ended.code == 3
    found = finding(ended.output, order)
    assert found is not None
    assert (found["kind"], found["outcome"]) == ("WORKFLOW_STUCK", "UNRESOLVED")
    assert "cause=WorkflowTaskFailedCauseWorkflowWorkerUnhandledFailure" in found["message"]
    [line] = [record for record in caplog.records if record.__dict__.get("order_id") == order.id]
    assert line.getMessage().startswith(f"reconcile: Workflow {order.id} makes no progress")
    assert (line.levelname, line.__dict__["kind"]) == ("ERROR", "WORKFLOW_STUCK")

    async with shop.working():
        await shop.until_state(order.id, OrderState.COMPLETED)
        await wait_until(is_not_listed, timeout=TIMEOUT)
        healthy = await orders.run("reconcile", "--json", **settings)
    assert finding(healthy.output, order) is None


async def test_an_order_worker_reconciles_by_its_schedule_until_that_is_turned_off(
    orders: Orders, shop: Shop, settings: dict[str, str]
) -> None:
    schedule = shop.client.get_schedule_handle(SCHEDULE_ID)
    worker = ("worker", "--queue", "order")

    async with orders.running(*worker, RECONCILE_INTERVAL="PT1H", **settings) as running:
        await running.prints("running the order worker")
        order = await missing_order(shop)
        assert (await schedule.describe()).schedule.spec.intervals[0].every == timedelta(hours=1)
    async with orders.running(*worker, RECONCILE_INTERVAL="PT1S", **settings) as running:
        await running.prints(f"reconcile: Order {order.id} is SHIPPING, but Temporal has no")
    async with orders.running(*worker, RECONCILE_INTERVAL="none", **settings) as running:
        await running.prints("running the order worker")

        async def is_deleted() -> bool:
            try:
                await schedule.describe()
            except RPCError:
                return True
            return False

        await wait_until(is_deleted, timeout=TIMEOUT)

"""A worker that is killed during a charge leaves no order stuck or charged twice."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from cli.stack.processes import ProcessGroup, Program
from orchestration.domain.commands import ApproveOrder
from orchestration.domain.order import ReviewMode
from orchestration.domain.states import EventType, OrderState
from persistence.engine import create_engine
from persistence.settings import PersistenceSettings
from tests.support.lock_waits import wait_for_lock_waits
from tests.support.orders import make_order
from tests.support.shop import Shop, open_shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from temporalio.client import Client

    from cli.stack.embedded_stack import Stack


@pytest.fixture
async def shop(stack: Stack, temporal_client: Client) -> AsyncGenerator[Shop]:
    persistence = stack.configuration.persistence
    engine = create_engine(
        PersistenceSettings(database_url=SecretStr(persistence.url.render_as_string(False)))
    )
    try:
        yield await open_shop(
            temporal_client, engine, stack.configuration.orchestration.temporal_address
        )
    finally:
        await engine.dispose()


@pytest.fixture
def environment(shop: Shop, database_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": shop.settings.temporal_address,
        "ORDER_TASK_QUEUE": shop.settings.order_task_queue,
        "SHIPPING_TASK_QUEUE": shop.settings.shipping_task_queue,
    }


def worker(folder: Path, environment: dict[str, str], queue: str, number: int) -> Program:
    return Program(
        name=f"{queue} worker {number}",
        arguments=[sys.executable, "-P", "-m", "cli", "worker", "--queue", queue],
        environment=environment,
        log=folder / f"{queue}-{number}.log",
    )


async def test_a_worker_killed_during_a_charge_leaves_exactly_one_charge(
    shop: Shop, environment: dict[str, str], tmp_path: Path
) -> None:
    # Every charge hangs; in half of the cases the gateway has already executed it.
    hanging = {**environment, "FAULT_HANG_RATE": "1"}
    orders = [
        make_order(review_mode=ReviewMode.NONE, activity_timeout=4, activity_retry_delay=0.05)
        for _ in range(4)
    ]
    async with ProcessGroup() as processes:
        first = await processes.start(worker(tmp_path, hanging, "order", 1))
        for order in orders:
            await shop.start(order)
            await shop.until(order.id, lambda s: s.snapshot.state is OrderState.APPROVED)
            await shop.until_pending(order.id, "charge_payment")
            await shop.until_stored(order.id, OrderState.APPROVED)  # before the charge
        first.process.kill()
        await first.process.wait()
        await processes.start(worker(tmp_path, environment, "order", 2))
        async with shop.working("shipping"):
            for order in orders:
                assert (await shop.outcome(order.id)).state is OrderState.COMPLETED
                await shop.snapshot_on_both_sides(order.id)
                assert (await shop.types(order.id)).count(EventType.PAYMENT_CHARGED) == 1
                assert await shop.gateway_row(order.payment_id) == "CHARGED"


async def test_a_worker_killed_while_its_charge_writes_the_record_leaves_exactly_one_charge(
    shop: Shop, environment: dict[str, str], tmp_path: Path
) -> None:
    order = make_order(activity_timeout=4, activity_retry_delay=0.05)
    transactional = shop.engine.execution_options(isolation_level="READ COMMITTED")
    async with ProcessGroup() as processes:
        first = await processes.start(worker(tmp_path, environment, "order", 1))
        await shop.start_in_review(order)
        async with transactional.begin() as blocking:
            await blocking.execute(
                text("SELECT FROM orders WHERE id = :id FOR UPDATE"), {"id": order.id}
            )
            await shop.apply(order.id, ApproveOrder(command_id="yes"))
            await wait_for_lock_waits(shop.engine, 1, recording=True)
            first.process.kill()
            await first.process.wait()
            assert await shop.gateway_row(order.payment_id) is None
        await processes.start(worker(tmp_path, environment, "order", 2))
        async with shop.working("shipping"):
            assert (await shop.outcome(order.id)).state is OrderState.COMPLETED
        await shop.snapshot_on_both_sides(order.id)
    types = await shop.types(order.id)
    assert types.count(EventType.ORDER_APPROVED) == types.count(EventType.PAYMENT_CHARGED) == 1
    assert await shop.gateway_row(order.payment_id) == "CHARGED"

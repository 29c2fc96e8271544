"""``orders repair``, as an operator types it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from orchestration.domain.states import OrderState
from persistence.engine import create_engine
from persistence.settings import PersistenceSettings
from tests.support.orders import make_order
from tests.support.shop import open_shop

if TYPE_CHECKING:
    from temporalio.client import Client

    from tests.stack.conftest import Orders


async def test_an_operator_repairs_what_was_terminated_and_is_told_of_what_was_not(
    orders: Orders, temporal_client: Client, temporal_address: str, database_url: str
) -> None:
    engine = create_engine(PersistenceSettings(database_url=SecretStr(database_url)))
    try:
        shop = await open_shop(temporal_client, engine, temporal_address)
        async with shop.working("order"):
            dead, alive = [await shop.start_in_review(make_order()) for _ in range(2)]
            await temporal_client.get_workflow_handle(dead).terminate()

            ended = await orders.run(
                *("repair", dead, alive, "no-such-order"),
                DATABASE_URL=database_url,
                TEMPORAL_ADDRESS=temporal_address,
                ORDER_TASK_QUEUE=shop.settings.order_task_queue,
            )

        assert ended.code == 1
        assert f"Order {dead} is FAILED." in ended.output
        assert f"The workflow of order {alive} is RUNNING" in ended.output
        assert "Temporal knows no order no-such-order." in ended.output
        assert (await shop.stored(dead)).snapshot.state is OrderState.FAILED
        assert (await shop.stored(alive)).snapshot.state is OrderState.AWAITING_APPROVAL
    finally:
        await engine.dispose()

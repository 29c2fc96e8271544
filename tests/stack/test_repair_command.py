"""``orders repair`` undoes an order whose workflow was terminated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from orchestration.domain.states import OrderState
from persistence.engine import create_engine
from persistence.settings import PersistenceSettings
from tests.support.command_line import run
from tests.support.orders import make_order
from tests.support.shop import open_shop

if TYPE_CHECKING:
    from temporalio.client import Client


@pytest.mark.usefixtures("restored_logging", "without_settings")
async def test_repair_undoes_a_terminated_order_and_reports_running_and_unknown_ones(
    temporal_client: Client, temporal_address: str, database_url: str
) -> None:
    engine = create_engine(PersistenceSettings(database_url=SecretStr(database_url)))
    try:
        shop = await open_shop(temporal_client, engine, temporal_address)
        async with shop.working("order"):
            terminated, running = [await shop.start_in_review(make_order()) for _ in range(2)]
            await temporal_client.get_workflow_handle(terminated).terminate()

            ended = await run(
                *("repair", terminated, running, "no-such-order"),
                DATABASE_URL=database_url,
                TEMPORAL_ADDRESS=temporal_address,
                ORDER_TASK_QUEUE=shop.settings.order_task_queue,
            )

        assert ended.code == 1
        assert f"Order {terminated} is FAILED." in ended.out
        assert f"The workflow of order {running} is RUNNING" in ended.err
        assert "Neither Temporal nor Postgres has order no-such-order." in ended.err
        assert (await shop.stored(terminated)).snapshot.state is OrderState.FAILED
        assert (await shop.stored(running)).snapshot.state is OrderState.AWAITING_APPROVAL
    finally:
        await engine.dispose()

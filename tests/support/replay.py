"""Replays histories of orders that were just run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio.worker import Replayer

from orchestration.order_workflow import OrderWorkflow
from orchestration.payloads import DATA_CONVERTER
from orchestration.shipping_workflow import ShippingWorkflow
from orchestration.signal_guard import SignalGuard
from orchestration.worker import WORKFLOW_RUNNER

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def replay(shop: Shop, *workflow_ids: str) -> None:
    replayer = Replayer(
        workflows=[OrderWorkflow, ShippingWorkflow],
        interceptors=[SignalGuard()],
        workflow_runner=WORKFLOW_RUNNER,
        data_converter=DATA_CONVERTER,
    )
    for workflow_id in workflow_ids:
        history = await shop.client.get_workflow_handle(workflow_id).fetch_history()
        await replayer.replay_workflow(history)

"""Recorded histories replay to the same commands.

A failure means that a running order would get stuck when this version is deployed: see "Changing a
workflow" in docs/operations.md. ``make record-histories`` records the histories again.
"""

from __future__ import annotations

import pytest
from temporalio.worker import Replayer

from orchestration.order_workflow import OrderWorkflow
from orchestration.payloads import DATA_CONVERTER
from orchestration.repair_workflow import RepairWorkflow
from orchestration.shipping_workflow import ShippingWorkflow
from orchestration.signal_guard import SignalGuard
from orchestration.worker import WORKFLOW_RUNNER
from tests.replay.recording import recorded_histories

HISTORIES = recorded_histories()

SCENARIOS = {
    "address_changed_midway",
    "bulk",
    "deadline",
    "delivery_confirmed",
    "faults_everywhere",
    "fulfillment",
    "manual_review",
    "payment_cancelled",
    "payment_declined",
    "retry_limits",
    "shipping_fails",
    "stopping",
    "task_queues",
    "timer_review",
}


@pytest.mark.parametrize("name", HISTORIES)
async def test_a_recorded_history_replays(name: str) -> None:
    replayer = Replayer(
        workflows=[OrderWorkflow, RepairWorkflow, ShippingWorkflow],
        interceptors=[SignalGuard()],
        workflow_runner=WORKFLOW_RUNNER,
        data_converter=DATA_CONVERTER,
    )
    await replayer.replay_workflow(HISTORIES[name])


def test_every_scenario_has_a_recorded_history() -> None:
    assert {name.split(".")[0] for name in HISTORIES} >= SCENARIOS

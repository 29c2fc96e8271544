"""Recorded histories replay to the same commands and events.

A failure means that a running order would get stuck, or be recorded wrongly, when this version is
deployed: see "Changing a workflow" in docs/operations.md.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from temporalio.worker import Replayer

from orchestration.order_workflow import OrderWorkflow
from orchestration.payloads import DATA_CONVERTER
from orchestration.repair_workflow import RepairWorkflow
from orchestration.shipping_workflow import ShippingWorkflow
from orchestration.signal_guard import SignalGuard
from orchestration.worker import WORKFLOW_RUNNER
from tests.replay.recording import EARLIER, read_history, recorded_files
from tests.replay.sent_arguments import SentArguments, sent_in, without_facts

WORKFLOW_TESTS = Path(__file__).parents[1] / "workflows"

# Read by the tests: every process of a parallel run collects this file.
NOW_RECORDED = recorded_files()
KEPT = recorded_files(EARLIER)
HISTORIES = {**NOW_RECORDED, **{f"{EARLIER.name}/{name}": KEPT[name] for name in KEPT}}

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
async def test_a_recorded_history_replays_and_sends_what_it_sent(name: str) -> None:
    history = read_history(HISTORIES[name])
    arguments = SentArguments()
    replayer = Replayer(
        workflows=[OrderWorkflow, RepairWorkflow, ShippingWorkflow],
        interceptors=[SignalGuard(), arguments],
        workflow_runner=WORKFLOW_RUNNER,
        data_converter=DATA_CONVERTER,
    )

    await replayer.replay_workflow(history)

    recorded = sent_in(history, arguments.sent)
    # A workflow that was terminated may not have sent the last one.
    assert len(arguments.sent) - len(recorded) in {0, 1}
    for replayed, earlier in zip(arguments.sent, recorded, strict=False):
        assert without_facts(replayed) == without_facts(earlier)


def test_every_scenario_has_a_recorded_history() -> None:
    assert {name.split(".")[0] for name in NOW_RECORDED} >= SCENARIOS


def test_every_recorded_history_is_named_after_a_test() -> None:
    """If the test is gone, delete the history, or move it to ``earlier_histories``."""
    names = {tuple(name.split(".")[:2]) for name in NOW_RECORDED}
    tests = {
        (path.stem.removeprefix("test_"), name)
        for path in WORKFLOW_TESTS.glob("test_*.py")
        for name in re.findall(r"def test_(\w+)", path.read_text())
    }
    assert names - tests == set()


def test_every_history_of_an_earlier_version_is_kept_for_a_reason() -> None:
    reasons = (EARLIER / "README.md").read_text()
    assert [name for name in KEPT if name.partition(".shipping-")[0] not in reasons] == []

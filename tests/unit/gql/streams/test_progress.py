"""What counts as a change of an order's progress."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from gql.reading.merged_order import from_row
from gql.streams.progress import Progress
from orchestration.domain.order import initial_snapshot
from orchestration.domain.states import OrderState
from orchestration.messages import OrderStatus
from persistence.reads import StoredOrder
from tests.support.orders import make_order

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_an_ended_order_has_the_same_progress_with_and_without_its_workflow() -> None:
    # Once the row has ended, the workflow is not queried. Clients saw the last update twice.
    order = make_order()
    snapshot = replace(initial_snapshot(order, NOW), state=OrderState.COMPLETED, sequence=9)
    row = StoredOrder(order=order, run_id="run-1", created_at=NOW, snapshot=snapshot)
    status = OrderStatus(
        step="ended",
        run_id="run-1",
        snapshot=snapshot,
        recorded_sequence=8,
        available_commands=[],
        commands_received=0,
        events=[],
        verdicts=[],
    )
    queried = Progress(from_row(row, status, queried=True), frozenset())
    assert queried.key == Progress(from_row(row), frozenset()).key

"""The state of an order comes from the row or the workflow with the higher event sequence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from gql.reading.merged_order import from_row, from_start, from_workflow
from orchestration.client import Started
from orchestration.domain.commands import CommandName
from orchestration.domain.order import OrderSnapshot, initial_snapshot
from orchestration.domain.states import OrderState
from orchestration.messages import OrderStatus
from persistence.reads import StoredOrder
from tests.support.orders import make_order

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ORDER = make_order(id="order-1")
STARTED = Started(order=ORDER, run_id="run-1", placed_at=NOW, created=True)


def snapshot(state: OrderState, sequence: int) -> OrderSnapshot:
    return replace(initial_snapshot(ORDER, NOW), state=state, sequence=sequence)


def row(state: OrderState, sequence: int) -> StoredOrder:
    return StoredOrder(
        order=ORDER, run_id="run-1", created_at=NOW, snapshot=snapshot(state, sequence)
    )


def status(
    state: OrderState, sequence: int, *, run_id: str = "run-1", takes: list[CommandName]
) -> OrderStatus:
    return OrderStatus(
        step="any",
        run_id=run_id,
        snapshot=snapshot(state, sequence),
        recorded_sequence=0,
        available_commands=takes,
        commands_received=0,
        events=[],
        verdicts=[],
    )


def test_a_workflow_ahead_of_its_row_determines_the_state() -> None:
    answer = status(OrderState.PAID, 5, takes=[CommandName.CANCEL_PAYMENT])
    merged = from_row(row(OrderState.APPROVED, 4), answer)
    assert (merged.snapshot.state, merged.recorded) == (OrderState.PAID, 4)
    assert merged.workflow_is_ahead
    assert merged.available_commands == [CommandName.CANCEL_PAYMENT]


def test_a_row_ahead_of_the_query_result_determines_the_state() -> None:
    # A failed attempt returns to SHIPPING, so the order of states says nothing about age.
    answer = status(OrderState.PACKAGE_PREPARED, 7, takes=[])
    merged = from_row(row(OrderState.SHIPPING, 8), answer)
    assert merged.snapshot.state is OrderState.SHIPPING
    assert not merged.workflow_is_ahead
    assert merged.available_commands == [CommandName.CANCEL_PAYMENT]


def test_at_the_same_sequence_the_workflow_adds_an_early_approval() -> None:
    answer = status(OrderState.RECEIVED, 1, takes=[CommandName.CANCEL])
    merged = from_row(row(OrderState.RECEIVED, 1), answer)
    assert merged.available_commands == [CommandName.CANCEL]
    assert CommandName.APPROVE in from_row(row(OrderState.RECEIVED, 1)).available_commands


def test_a_workflow_run_other_than_the_recorded_one_is_ignored() -> None:
    answer = status(OrderState.COMPLETED, 10, run_id="run-2", takes=[])
    merged = from_row(row(OrderState.PAID, 5), answer)
    assert merged.snapshot.state is OrderState.PAID
    assert merged.status is None


def test_without_a_row_the_workflow_determines_the_state() -> None:
    merged = from_workflow(STARTED, status(OrderState.RECEIVED, 1, takes=[]))
    assert (merged.snapshot.state, merged.recorded) == (OrderState.RECEIVED, 0)


def test_without_a_row_and_a_worker_an_order_is_placed() -> None:
    for merged in (from_workflow(STARTED, None), from_start(STARTED)):
        assert (merged.snapshot.state, merged.snapshot.sequence) == (OrderState.PLACED, 0)
        assert merged.created_at == NOW

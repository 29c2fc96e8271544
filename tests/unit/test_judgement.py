from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from orchestration.domain.commands import (
    TAKEN_WHILE,
    ApproveOrder,
    CancelOrder,
    CancelPayment,
    Command,
    CommandName,
    ConfirmDelivery,
    UpdateAddress,
    available_commands,
)
from orchestration.domain.judgement import MAX_ADDRESS_UPDATES, judge
from orchestration.domain.life import OrderLife
from orchestration.domain.order import FailureCode, ReviewMode, placed
from orchestration.domain.states import END_STATES, EventType, OrderState
from tests.orders import ADDRESS, make_order

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ELSEWHERE = replace(ADDRESS, street="2 Side St")

COMMANDS: dict[CommandName, Command] = {
    CommandName.APPROVE: ApproveOrder(),
    CommandName.CANCEL: CancelOrder(),
    CommandName.UPDATE_ADDRESS: UpdateAddress(address=ELSEWHERE),
    CommandName.CANCEL_PAYMENT: CancelPayment(),
    CommandName.CONFIRM_DELIVERY: ConfirmDelivery(),
}

every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
every_state = pytest.mark.parametrize("state", OrderState)


def a_life(state: OrderState, **policy: Any) -> OrderLife:
    order = make_order(**{"delivery_timeout": 60, **policy})
    return OrderLife(order, replace(placed(order, NOW), state=state, sequence=1), lambda: NOW)


@every_command
@every_state
def test_a_command_is_taken_just_while_the_table_says_so(
    state: OrderState, command: Command
) -> None:
    life = a_life(state)
    available = command.name in life.available_commands
    verdict = judge(life, command, "command-1")
    assert verdict.applied is (state in TAKEN_WHILE[command.name])
    assert verdict.applied is available
    assert verdict.state is state
    if not verdict.applied:
        assert state in verdict.message
        assert not life.events


@every_command
@every_state
def test_an_order_that_is_being_undone_takes_nothing(state: OrderState, command: Command) -> None:
    life = a_life(state)
    life.snapshot = replace(life.snapshot, undoing=True)
    assert life.available_commands == []
    assert not judge(life, command, "command-1").applied


@pytest.mark.parametrize("state", sorted(END_STATES))
def test_an_ended_order_takes_nothing(state: OrderState) -> None:
    assert a_life(state).available_commands == []


@pytest.mark.parametrize("mode", [ReviewMode.TIMER, ReviewMode.NONE])
def test_an_approval_is_refused_where_nobody_has_to_approve(mode: ReviewMode) -> None:
    life = a_life(OrderState.AWAITING_APPROVAL, review_mode=mode)
    assert CommandName.APPROVE not in life.available_commands
    verdict = judge(life, ApproveOrder(), "command-1")
    assert not verdict.applied
    assert mode in verdict.message


def test_delivery_is_not_confirmed_where_the_policy_does_not_wait_for_it() -> None:
    life = a_life(OrderState.SHIPPED, delivery_timeout=None)
    assert life.available_commands == []
    assert not judge(life, ConfirmDelivery(), "command-1").applied


@every_command
def test_a_repetition_gets_the_first_verdict_and_changes_nothing(command: Command) -> None:
    life = a_life(OrderState.AWAITING_APPROVAL)
    first = judge(life, replace(command, nonce="one"), "command-1")
    events = list(life.events)
    again = judge(life, replace(command, nonce="two"), "command-1")
    assert again is first
    assert again.nonce == "one"
    assert life.events == events


def test_the_verdict_keeps_what_the_first_sending_said() -> None:
    life = a_life(OrderState.AWAITING_APPROVAL)
    judge(life, ApproveOrder(note="fine"), "command-1")
    verdict = judge(life, CancelOrder(reason="no"), "command-1")
    assert verdict.command is CommandName.APPROVE
    assert verdict.content == {"note": "fine"}


def test_every_command_that_was_applied_leaves_an_event_under_its_id() -> None:
    for name, command in COMMANDS.items():
        state = next(s for s in reversed(OrderState) if s in TAKEN_WHILE[name])
        life = a_life(state)
        judge(life, command, "command-1")
        assert [event.command_id for event in life.events] == ["command-1"], name


def test_an_early_approval_is_remembered_and_taken_once() -> None:
    life = a_life(OrderState.RECEIVED)
    assert judge(life, ApproveOrder(note="go"), "command-1").applied
    assert life.approved_early == ApproveOrder(command_id="command-1", note="go")
    assert not life.events
    assert CommandName.APPROVE not in life.available_commands
    assert not judge(life, ApproveOrder(), "command-2").applied


def test_a_cancelled_order_says_so_and_why() -> None:
    life = a_life(OrderState.AWAITING_APPROVAL)
    judge(life, CancelOrder(reason="changed my mind"), "command-1")
    assert life.stop is not None
    assert life.stop.failure.code is FailureCode.CANCELLED
    assert life.stop.failure.message == "changed my mind"
    assert life.stop.end is EventType.ORDER_CANCELLED


def test_a_new_address_is_told_with_the_old_one() -> None:
    life = a_life(OrderState.AWAITING_APPROVAL)
    judge(life, UpdateAddress(address=ELSEWHERE), "command-1")
    assert life.snapshot.shipping_address == ELSEWHERE
    assert life.events[0].payload["old"]["street"] == ADDRESS.street
    assert life.events[0].payload["new"]["street"] == ELSEWHERE.street


def test_an_address_is_not_changed_without_end() -> None:
    life = a_life(OrderState.AWAITING_APPROVAL)
    moves = [UpdateAddress(address=ELSEWHERE) for _ in range(MAX_ADDRESS_UPDATES + 1)]
    verdicts = [judge(life, move, f"move-{number}") for number, move in enumerate(moves)]
    assert all(verdict.applied for verdict in verdicts[:-1])
    assert not verdicts[-1].applied
    assert judge(life, CancelOrder(), "stop").applied


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (UpdateAddress(address=replace(ADDRESS, street=" ")), "address.street must not be blank"),
        (ApproveOrder(note="x" * 501), "note must not exceed 500"),
        (CancelOrder(reason="\x00"), "reason must not contain control"),
    ],
)
def test_a_command_whose_content_is_wrong_is_refused(command: Command, complaint: str) -> None:
    life = a_life(OrderState.AWAITING_APPROVAL)
    verdict = judge(life, command, "command-1")
    assert not verdict.applied
    assert complaint in verdict.message
    assert not life.events


@every_state
def test_available_commands_come_from_the_table_that_judges(state: OrderState) -> None:
    life = a_life(state)
    assert available_commands(life.snapshot, life.order.policy) == [
        name for name in CommandName if state in TAKEN_WHILE[name]
    ]

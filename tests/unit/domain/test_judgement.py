from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from orchestration.domain.commands import (
    ALLOWED_STATES,
    MAX_ADDRESS_UPDATES,
    MAX_COMMANDS,
    ApproveOrder,
    CancelOrder,
    CancelPayment,
    Command,
    CommandName,
    ConfirmDelivery,
    RefusalReason,
    RejectOrder,
    UpdateAddress,
    available_commands,
    lasting_refusal,
    refusal_of,
)
from orchestration.domain.judgement import judge
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import FailureCode, ReviewMode, initial_snapshot
from orchestration.domain.states import END_STATES, EventType, OrderState, reachable_states
from tests.support.orders import ADDRESS, make_order

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ELSEWHERE = replace(ADDRESS, street="2 Side St")

COMMANDS: dict[CommandName, Command] = {
    CommandName.APPROVE: ApproveOrder(),
    CommandName.REJECT: RejectOrder(reason="no"),
    CommandName.CANCEL: CancelOrder(),
    CommandName.UPDATE_ADDRESS: UpdateAddress(address=ELSEWHERE),
    CommandName.CANCEL_PAYMENT: CancelPayment(),
    CommandName.CONFIRM_DELIVERY: ConfirmDelivery(),
}

every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
every_state = pytest.mark.parametrize("state", OrderState)


def new_lifecycle(state: OrderState, **policy: Any) -> OrderLifecycle:
    order = make_order(**{"delivery_timeout": 60, **policy})
    return OrderLifecycle(
        order, replace(initial_snapshot(order, NOW), state=state, sequence=1), lambda: NOW
    )


@every_command
@every_state
def test_a_command_is_applied_exactly_in_its_allowed_states(
    state: OrderState, command: Command
) -> None:
    lifecycle = new_lifecycle(state)
    available = command.name in lifecycle.available_commands
    verdict = judge(lifecycle, command, "command-1")
    assert verdict.applied is (state in ALLOWED_STATES[command.name])
    assert verdict.applied is available
    assert verdict.state is state
    if not verdict.applied:
        assert state in verdict.message
        assert not lifecycle.events


@every_command
@every_state
def test_an_order_that_is_being_undone_refuses_every_command(
    state: OrderState, command: Command
) -> None:
    lifecycle = new_lifecycle(state)
    lifecycle.snapshot = replace(lifecycle.snapshot, undoing=True)
    assert lifecycle.available_commands == []
    verdict = judge(lifecycle, command, "command-1")
    ended = state in END_STATES
    assert verdict.reason is (RefusalReason.ORDER_ENDED if ended else RefusalReason.BEING_UNDONE)


@pytest.mark.parametrize("state", sorted(END_STATES))
def test_an_ended_order_has_no_available_commands(state: OrderState) -> None:
    assert new_lifecycle(state).available_commands == []


@pytest.mark.parametrize("mode", [ReviewMode.TIMER, ReviewMode.NONE])
@pytest.mark.parametrize("decision", [ApproveOrder(), RejectOrder(reason="no")])
def test_a_decision_is_refused_unless_the_review_is_manual(
    decision: Command, mode: ReviewMode
) -> None:
    lifecycle = new_lifecycle(OrderState.AWAITING_APPROVAL, review_mode=mode)
    assert decision.name not in lifecycle.available_commands
    verdict = judge(lifecycle, decision, "command-1")
    assert not verdict.applied
    assert mode in verdict.message
    assert verdict.reason is RefusalReason.REVIEW_NOT_MANUAL


def test_a_delivery_confirmation_is_refused_if_the_policy_does_not_wait_for_delivery() -> None:
    lifecycle = new_lifecycle(OrderState.SHIPPED, delivery_timeout=None)
    assert lifecycle.available_commands == []
    verdict = judge(lifecycle, ConfirmDelivery(), "command-1")
    assert verdict.reason is RefusalReason.DELIVERY_NOT_AWAITED


ENDED = OrderState.COMPLETED
REVIEW = OrderState.AWAITING_APPROVAL


@pytest.mark.parametrize(
    ("state", "command", "reason"),
    [
        (ENDED, CancelOrder(), RefusalReason.ORDER_ENDED),
        (OrderState.PAID, CancelOrder(), RefusalReason.WRONG_STATE),
        (REVIEW, CancelOrder(reason=" "), RefusalReason.INVALID_CONTENT),
        (REVIEW, RejectOrder(reason=""), RefusalReason.INVALID_CONTENT),
    ],
)
def test_a_refusal_has_a_reason_for_programs(
    state: OrderState, command: Command, reason: RefusalReason
) -> None:
    verdict = judge(new_lifecycle(state), command, "command-1")
    assert (verdict.applied, verdict.reason) == (False, reason)


def test_an_applied_command_has_no_refusal_reason() -> None:
    assert judge(new_lifecycle(REVIEW), CancelOrder(), "command-1").reason is None


@every_command
def test_a_repeated_command_returns_the_first_verdict_and_changes_nothing(command: Command) -> None:
    lifecycle = new_lifecycle(OrderState.AWAITING_APPROVAL)
    first = judge(lifecycle, replace(command, nonce="one"), "command-1")
    events = list(lifecycle.events)
    again = judge(lifecycle, replace(command, nonce="two"), "command-1")
    assert again is first
    assert again.nonce == "one"
    assert lifecycle.events == events


def test_a_verdict_has_the_content_of_the_first_command_with_its_id() -> None:
    lifecycle = new_lifecycle(OrderState.AWAITING_APPROVAL)
    judge(lifecycle, ApproveOrder(note="fine"), "command-1")
    verdict = judge(lifecycle, CancelOrder(reason="no"), "command-1")
    assert verdict.command is CommandName.APPROVE
    assert verdict.content == {"note": "fine"}


def test_every_applied_command_leaves_an_event_with_its_id() -> None:
    for name, command in COMMANDS.items():
        state = next(s for s in reversed(OrderState) if s in ALLOWED_STATES[name])
        lifecycle = new_lifecycle(state)
        judge(lifecycle, command, "command-1")
        assert [event.command_id for event in lifecycle.events] == ["command-1"], name


def test_an_approval_before_the_review_is_stored_and_accepted_only_once() -> None:
    lifecycle = new_lifecycle(OrderState.RECEIVED)
    assert judge(lifecycle, ApproveOrder(note="go"), "command-1").applied
    assert lifecycle.early_approval == ApproveOrder(command_id="command-1", note="go")
    assert not lifecycle.events
    assert CommandName.APPROVE not in lifecycle.available_commands
    assert not judge(lifecycle, ApproveOrder(), "command-2").applied


def test_the_first_decision_counts_even_before_the_review() -> None:
    approved = new_lifecycle(OrderState.RECEIVED)
    judge(approved, ApproveOrder(), "command-1")
    assert CommandName.REJECT not in approved.available_commands
    late = judge(approved, RejectOrder(reason="no"), "command-2")
    assert late.reason is RefusalReason.ALREADY_APPROVED
    rejected = new_lifecycle(OrderState.RECEIVED)
    judge(rejected, RejectOrder(reason="no"), "command-1")
    late = judge(rejected, ApproveOrder(), "command-2")
    assert late.reason is RefusalReason.BEING_UNDONE


def test_a_rejected_order_is_stopped_with_a_failure_of_its_own() -> None:
    lifecycle = new_lifecycle(OrderState.AWAITING_APPROVAL)
    judge(lifecycle, RejectOrder(reason="looks like fraud"), "command-1")
    assert lifecycle.stop is not None
    assert lifecycle.stop.failure.code is FailureCode.REJECTED
    assert lifecycle.stop.failure.message == "looks like fraud"
    assert lifecycle.stop.end is EventType.ORDER_CANCELLED
    assert lifecycle.events[-1].payload["reason"] == "looks like fraud"


def test_a_cancelled_order_is_stopped_with_the_given_reason() -> None:
    lifecycle = new_lifecycle(OrderState.AWAITING_APPROVAL)
    judge(lifecycle, CancelOrder(reason="changed my mind"), "command-1")
    assert lifecycle.stop is not None
    assert lifecycle.stop.failure.code is FailureCode.CANCELLED
    assert lifecycle.stop.failure.message == "changed my mind"
    assert lifecycle.stop.end is EventType.ORDER_CANCELLED


def test_an_address_update_event_has_the_old_and_the_new_address() -> None:
    lifecycle = new_lifecycle(OrderState.AWAITING_APPROVAL)
    judge(lifecycle, UpdateAddress(address=ELSEWHERE), "command-1")
    assert lifecycle.snapshot.shipping_address == ELSEWHERE
    assert lifecycle.events[0].payload["old"]["street"] == ADDRESS.street
    assert lifecycle.events[0].payload["new"]["street"] == ELSEWHERE.street


def test_address_updates_over_the_limit_are_refused() -> None:
    lifecycle = new_lifecycle(OrderState.AWAITING_APPROVAL)
    moves = [UpdateAddress(address=ELSEWHERE) for _ in range(MAX_ADDRESS_UPDATES + 1)]
    verdicts = [judge(lifecycle, move, f"move-{number}") for number, move in enumerate(moves)]
    assert all(verdict.applied for verdict in verdicts[:-1])
    assert not verdicts[-1].applied
    assert judge(lifecycle, CancelOrder(), "stop").applied


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (UpdateAddress(address=replace(ADDRESS, street=" ")), "address.street must not be blank"),
        (ApproveOrder(note="x" * 501), "note must not exceed 500"),
        (CancelOrder(reason="\x00"), "reason must not contain control"),
    ],
)
def test_a_command_with_invalid_content_is_refused(command: Command, problem: str) -> None:
    lifecycle = new_lifecycle(OrderState.AWAITING_APPROVAL)
    verdict = judge(lifecycle, command, "command-1")
    assert not verdict.applied
    assert problem in verdict.message
    assert not lifecycle.events


@every_state
def test_the_available_commands_are_those_with_this_allowed_state(state: OrderState) -> None:
    lifecycle = new_lifecycle(state)
    assert available_commands(lifecycle.snapshot, lifecycle.order.policy) == [
        name for name in CommandName if state in ALLOWED_STATES[name]
    ]


@every_command
@every_state
def test_a_lasting_refusal_is_a_refusal_in_every_later_state(
    state: OrderState, command: Command
) -> None:
    lifecycle = new_lifecycle(state)
    policy = lifecycle.order.policy
    reasons = [
        refusal_of(command.name, replace(lifecycle.snapshot, state=later), policy)
        for later in reachable_states(state)
    ]
    lasting = lasting_refusal(command.name, lifecycle.snapshot, policy)
    assert (lasting is not None) is all(reason is not None for reason in reasons)


@every_command
def test_an_order_that_is_being_undone_refuses_every_command_lastingly(command: Command) -> None:
    snapshot = replace(new_lifecycle(OrderState.SHIPPING).snapshot, undoing=True)
    policy = make_order().policy
    assert lasting_refusal(command.name, snapshot, policy) is not None


def test_an_order_without_manual_review_refuses_approvals_lastingly() -> None:
    lifecycle = new_lifecycle(OrderState.RECEIVED, review_mode=ReviewMode.TIMER)
    policy = lifecycle.order.policy
    assert lasting_refusal(CommandName.APPROVE, lifecycle.snapshot, policy) is not None
    assert lasting_refusal(CommandName.CANCEL, lifecycle.snapshot, policy) is None


def test_refusals_beyond_the_limit_are_not_stored_and_an_approval_is_still_applied() -> None:
    lifecycle = new_lifecycle(OrderState.AWAITING_APPROVAL)
    for number in range(MAX_COMMANDS + 10):
        judge(lifecycle, ConfirmDelivery(), f"early-{number}")
    assert lifecycle.commands_received == MAX_COMMANDS + 10
    assert len(lifecycle.verdicts) == MAX_COMMANDS
    assert judge(lifecycle, ApproveOrder(), "yes").applied
    assert "yes" in lifecycle.verdicts


def test_updating_the_address_is_not_available_after_the_last_allowed_update() -> None:
    lifecycle = new_lifecycle(OrderState.PAID)
    for number in range(MAX_ADDRESS_UPDATES):
        assert CommandName.UPDATE_ADDRESS in lifecycle.available_commands
        assert judge(lifecycle, UpdateAddress(address=ELSEWHERE), f"move-{number}").applied
    assert CommandName.UPDATE_ADDRESS not in lifecycle.available_commands

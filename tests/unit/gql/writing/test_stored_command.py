"""A repeated command is recognized by the recorded event of the first one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gql.writing.stored_command import stored_command
from orchestration.domain.commands import (
    ApproveOrder,
    CancelOrder,
    CancelPayment,
    Command,
    ConfirmDelivery,
    RejectOrder,
    UpdateAddress,
)
from orchestration.domain.judgement import judge
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import initial_snapshot
from orchestration.domain.states import EventType
from tests.support.orders import ADDRESS, make_order

if TYPE_CHECKING:
    from orchestration.domain.order import OrderEvent

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ELSEWHERE = replace(ADDRESS, street="2 Side St", postal_code=None)

COMMANDS: list[Command] = [
    ApproveOrder(note="fine"),
    ApproveOrder(),
    RejectOrder(reason="changed my mind"),
    CancelOrder(reason="changed my mind"),
    CancelOrder(),
    CancelPayment(reason="too dear"),
    CancelPayment(),
    UpdateAddress(address=ELSEWHERE),
]


def left_by(command: Command) -> OrderEvent:
    order = make_order()
    life = OrderLifecycle(order, initial_snapshot(order, NOW), lambda: NOW)
    life.received()
    life.validated()
    life.review_started()
    assert judge(life, command, "command-1").applied
    return life.events[-1]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_recognized_by_its_event(command: Command) -> None:
    stored = stored_command(left_by(command))
    assert stored is not None
    assert stored.name is command.name
    assert [stored.matches(other) for other in COMMANDS] == [c == command for c in COMMANDS]


def test_a_command_with_other_content_is_not_recognized() -> None:
    approved = stored_command(left_by(ApproveOrder(note="fine")))
    moved = stored_command(left_by(UpdateAddress(address=ELSEWHERE)))
    assert approved is not None
    assert moved is not None
    assert not approved.matches(ApproveOrder(note="well"))
    assert not moved.matches(UpdateAddress(address=ADDRESS))
    assert not moved.matches(ConfirmDelivery())


def test_a_recorded_stop_without_a_reason_matches_any_reason() -> None:
    early = replace(left_by(CancelOrder(reason="late")), payload={"code": "CANCELLED"})
    stored = stored_command(early)
    assert stored is not None
    assert stored.matches(CancelOrder(reason="other"))
    assert not stored.matches(CancelPayment(reason="late"))


def test_an_event_without_a_command_matches_no_command() -> None:
    charged = replace(left_by(ApproveOrder()), type=EventType.PAYMENT_CHARGED)
    late = replace(left_by(CancelOrder()), payload={"code": "DEADLINE_PASSED"})
    assert stored_command(charged) is None
    assert stored_command(late) is None

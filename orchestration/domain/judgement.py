"""How a command is judged: once per command id, against the state the order is in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestration.domain.commands import (
    ApproveOrder,
    CancelOrder,
    CancelPayment,
    Command,
    ConfirmDelivery,
    UpdateAddress,
    Verdict,
    refusal,
)
from orchestration.domain.order import FailureCode, OrderFailure
from orchestration.domain.states import EventType, OrderState
from orchestration.domain.validation import FieldProblem, address_problems, note_problems

if TYPE_CHECKING:
    from orchestration.domain.life import OrderLife

MAX_ADDRESS_UPDATES = 100
"""The one command that can be applied again and again: Temporal ends a history that is too long."""


def judge(life: OrderLife, command: Command, command_id: str) -> Verdict:
    """Take or refuse a command and remember the verdict: a repetition gets the first one."""
    known = life.verdicts.get(command_id)
    if known is not None:
        return known
    named = replace(command, command_id=command_id)
    state = life.state
    reason = _refusal(life, named)
    if reason is None:
        _apply(life, named)
    verdict = Verdict(
        command_id=command_id,
        command=command.name,
        content=command.content,
        nonce=command.nonce,
        applied=reason is None,
        state=state,
        message=reason or f"{command.name} applied",
    )
    life.verdicts[command_id] = verdict
    return verdict


def _refusal(life: OrderLife, command: Command) -> str | None:
    problems = command_problems(command)
    if problems:
        return "; ".join(f"{'.'.join(p.path)} {p.message}" for p in problems)
    if isinstance(command, ApproveOrder) and life.approved_early is not None:
        return "the order has been approved already"
    if isinstance(command, UpdateAddress) and _address_updates(life) >= MAX_ADDRESS_UPDATES:
        return f"its address has been changed {MAX_ADDRESS_UPDATES} times already"
    return refusal(command.name, life.snapshot, life.order.policy)


def _address_updates(life: OrderLife) -> int:
    return sum(event.type is EventType.ADDRESS_UPDATED for event in life.events)


def command_problems(command: Command) -> list[FieldProblem]:
    """Check a command's content, whatever the order's state."""
    match command:
        case ApproveOrder(note=text):
            return note_problems(text, "note")
        case CancelOrder(reason=text) | CancelPayment(reason=text):
            return note_problems(text, "reason")
        case UpdateAddress(address=address):
            return list(address_problems(address, "address"))
        case _:
            return []


def _apply(life: OrderLife, command: Command) -> None:
    match command:
        case ApproveOrder():
            # Before the review there is no state to leave yet: the workflow puts the event then.
            if life.state is OrderState.AWAITING_APPROVAL:
                life.approved(command)
            else:
                life.approved_early = command
        case CancelOrder(reason=reason):
            failure = OrderFailure(FailureCode.CANCELLED, reason or "cancelled on request")
            life.stopped(EventType.ORDER_CANCELLED, failure, command)
        case CancelPayment(reason=reason):
            failure = OrderFailure(
                FailureCode.PAYMENT_CANCELLED, reason or "payment cancelled on request"
            )
            life.stopped(EventType.ORDER_CANCELLED, failure, command)
        case UpdateAddress(address=address):
            life.address_updated(address, command.command_id)
        case ConfirmDelivery():
            life.delivered(command.command_id)

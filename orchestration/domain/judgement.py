"""Decides each command once per command ID, against the order's current state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestration.domain.commands import (
    DECISIONS,
    MAX_ADDRESS_UPDATES,
    MAX_COMMANDS,
    ApproveOrder,
    CancelOrder,
    CancelPayment,
    Command,
    ConfirmDelivery,
    Refusal,
    RefusalReason,
    RejectOrder,
    UpdateAddress,
    Verdict,
    refusal_of,
)
from orchestration.domain.order import FailureCode, OrderFailure
from orchestration.domain.states import EventType, OrderState
from orchestration.domain.validation import (
    FieldProblem,
    actor_problems,
    address_problems,
    note_problems,
)

if TYPE_CHECKING:
    from orchestration.domain.lifecycle import OrderLifecycle


def judge(lifecycle: OrderLifecycle, command: Command, command_id: str) -> Verdict:
    """Apply or refuse a command and store the verdict. A retry returns the first verdict.

    After MAX_COMMANDS verdicts, refusals are no longer stored.
    """
    lifecycle.commands_received += 1
    previous = lifecycle.verdicts.get(command_id)
    if previous is not None:
        return previous
    named = replace(command, command_id=command_id)
    state = lifecycle.state
    refusal = _refusal(lifecycle, named)
    if refusal is None:
        _apply(lifecycle, named)
    verdict = Verdict(
        command_id=command_id,
        command=command.name,
        content=command.content,
        nonce=command.nonce,
        applied=refusal is None,
        state=state,
        message=refusal.message if refusal else f"{command.name} applied",
        reason=refusal.reason if refusal else None,
    )
    if verdict.applied or len(lifecycle.verdicts) < MAX_COMMANDS:
        lifecycle.verdicts[command_id] = verdict
    return verdict


def _refusal(lifecycle: OrderLifecycle, command: Command) -> Refusal | None:
    problems = command_problems(command)
    if problems:
        return Refusal(RefusalReason.INVALID_CONTENT, "; ".join(map(str, problems)))
    if command.name in DECISIONS and lifecycle.early_approval is not None:
        return Refusal(RefusalReason.ALREADY_APPROVED, "the order is already approved")
    if isinstance(command, UpdateAddress) and lifecycle.address_updates >= MAX_ADDRESS_UPDATES:
        return Refusal(
            RefusalReason.ADDRESS_CHANGE_LIMIT,
            f"the address was already changed {MAX_ADDRESS_UPDATES} times, which is the limit",
        )
    return refusal_of(command.name, lifecycle.snapshot, lifecycle.order.policy)


def command_problems(command: Command) -> list[FieldProblem]:
    """Validate a command's content, regardless of the order's state."""
    problems = actor_problems(command.actor)
    match command:
        case ApproveOrder(note=text):
            problems += note_problems(text, "note")
        case RejectOrder(reason=text) | CancelOrder(reason=text) | CancelPayment(reason=text):
            problems += note_problems(text, "reason")
        case UpdateAddress(address=address):
            problems += address_problems(address, "address")
    return problems


def _apply(lifecycle: OrderLifecycle, command: Command) -> None:
    match command:
        case ApproveOrder():
            # Before the review, keep the approval: the workflow records it instead of a review.
            if lifecycle.state is OrderState.AWAITING_APPROVAL:
                lifecycle.approved(command)
            else:
                lifecycle.early_approval = command
        case RejectOrder(reason=reason):
            failure = OrderFailure(FailureCode.REJECTED, reason)
            lifecycle.stopped(EventType.ORDER_CANCELLED, failure, command)
        case CancelOrder(reason=reason):
            failure = OrderFailure(
                FailureCode.CANCELLED, reason or "the order was cancelled on request"
            )
            lifecycle.stopped(EventType.ORDER_CANCELLED, failure, command)
        case CancelPayment(reason=reason):
            failure = OrderFailure(
                FailureCode.PAYMENT_CANCELLED, reason or "the payment was cancelled on request"
            )
            lifecycle.stopped(EventType.ORDER_CANCELLED, failure, command)
        case UpdateAddress():
            lifecycle.address_updated(command)
        case ConfirmDelivery():
            lifecycle.delivered(command)

"""Commands that can be sent to a running order, and the states that accept each of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from orchestration.domain.order import Actor, Address, OrderSnapshot, Policy, ReviewMode
from orchestration.domain.states import OrderState, reachable_states

if TYPE_CHECKING:
    from collections.abc import Mapping


MAX_ADDRESS_UPDATES = 100
"""UpdateAddress is the only command that can be applied repeatedly. Temporal terminates a workflow
whose history grows too long."""

MAX_COMMANDS = 500
"""Commands per order, including repeated ones, after which only commands that the order would apply
are sent. Temporal refuses signals to a workflow that has received 10,000 (docs/decisions)."""


_COMMON_FIELDS = frozenset({"command_id", "nonce", "actor"})


class CommandName(StrEnum):
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    CANCEL = "CANCEL"
    UPDATE_ADDRESS = "UPDATE_ADDRESS"
    CANCEL_PAYMENT = "CANCEL_PAYMENT"
    CONFIRM_DELIVERY = "CONFIRM_DELIVERY"


@dataclass(frozen=True, kw_only=True)
class Command:
    """Fields of every command.

    ``command_id`` makes retries safe. The workflow generates one if a signal has none, for example
    a signal sent from the Temporal UI. ``nonce`` is unique per request: comparing it with the
    verdict's nonce tells the sender whether the verdict answers this request or an earlier one.
    ``actor`` is set by the API, and not part of the content: a retry may come from someone else.
    """

    name: ClassVar[CommandName]
    signal: ClassVar[str]

    command_id: str | None = None
    nonce: str | None = None
    actor: Actor | None = None

    @property
    def content(self) -> dict[str, Any]:
        """The command's own fields, without those of every command."""
        fields = asdict(self)
        return {key: fields[key] for key in fields if key not in _COMMON_FIELDS}


@dataclass(frozen=True, kw_only=True)
class ApproveOrder(Command):
    """Approve an order in MANUAL review, before or during the review."""

    name: ClassVar = CommandName.APPROVE
    signal: ClassVar = "approve_order"

    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class RejectOrder(Command):
    """Refuse an order in MANUAL review, before or during the review. It is never charged."""

    name: ClassVar = CommandName.REJECT
    signal: ClassVar = "reject_order"

    reason: str


@dataclass(frozen=True, kw_only=True)
class CancelOrder(Command):
    """Cancel an order before its charge starts."""

    name: ClassVar = CommandName.CANCEL
    signal: ClassVar = "cancel_order"

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class UpdateAddress(Command):
    """Change the shipping address, until shipping starts."""

    name: ClassVar = CommandName.UPDATE_ADDRESS
    signal: ClassVar = "update_address"

    address: Address


@dataclass(frozen=True, kw_only=True)
class CancelPayment(Command):
    """Void or refund the payment and cancel the order, until the carrier has the package."""

    name: ClassVar = CommandName.CANCEL_PAYMENT
    signal: ClassVar = "cancel_payment"

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ConfirmDelivery(Command):
    """Confirm that the order has arrived. Only for orders whose policy waits for delivery."""

    name: ClassVar = CommandName.CONFIRM_DELIVERY
    signal: ClassVar = "confirm_delivery"


class RefusalReason(StrEnum):
    ORDER_ENDED = "ORDER_ENDED"
    BEING_UNDONE = "BEING_UNDONE"
    WRONG_STATE = "WRONG_STATE"
    REVIEW_NOT_MANUAL = "REVIEW_NOT_MANUAL"
    DELIVERY_NOT_AWAITED = "DELIVERY_NOT_AWAITED"
    ALREADY_APPROVED = "ALREADY_APPROVED"
    ADDRESS_CHANGE_LIMIT = "ADDRESS_CHANGE_LIMIT"
    COMMAND_LIMIT = "COMMAND_LIMIT"
    INVALID_CONTENT = "INVALID_CONTENT"
    WORKFLOW_CLOSED = "WORKFLOW_CLOSED"


@dataclass(frozen=True)
class Refusal:
    """Why an order refuses a command. ``message`` is for people."""

    reason: RefusalReason
    message: str


@dataclass(frozen=True)
class Verdict:
    """The result of a command: applied, or refused in ``state`` for ``reason``.

    ``command`` and ``content`` are those of the first request with this ID. They distinguish a
    retry from a different command that reuses the ID.
    """

    command_id: str
    command: CommandName
    content: dict[str, Any]
    nonce: str | None
    applied: bool
    state: OrderState
    message: str
    reason: RefusalReason | None = None

    @property
    def refusal(self) -> Refusal:
        """Why the command was refused. A verdict that names no reason is about the state."""
        return Refusal(self.reason or RefusalReason.WRONG_STATE, self.message)


_S = OrderState
_REVIEWABLE = frozenset({_S.PLACED, _S.RECEIVED, _S.VALIDATED, _S.AWAITING_APPROVAL})
_UNSHIPPED = _REVIEWABLE | {_S.APPROVED, _S.PAID}

ALLOWED_STATES: Mapping[CommandName, frozenset[OrderState]] = MappingProxyType({
    CommandName.APPROVE: _REVIEWABLE,
    CommandName.REJECT: _REVIEWABLE,
    CommandName.CANCEL: _REVIEWABLE,
    CommandName.UPDATE_ADDRESS: _UNSHIPPED,
    CommandName.CANCEL_PAYMENT: _UNSHIPPED | {_S.SHIPPING, _S.PACKAGE_PREPARED},
    CommandName.CONFIRM_DELIVERY: frozenset({_S.SHIPPED}),
})
DECISIONS = frozenset({CommandName.APPROVE, CommandName.REJECT})
"""The commands that decide a MANUAL review. The first one that is applied counts."""

_ALLOWED_NOW_OR_LATER = {
    command: frozenset(state for state in OrderState if reachable_states(state) & allowed)
    for command, allowed in ALLOWED_STATES.items()
}


def refusal_of(command: CommandName, snapshot: OrderSnapshot, policy: Policy) -> Refusal | None:
    """Return why the order would refuse this command now, or None if it would accept it."""
    if snapshot.ended:
        return Refusal(
            RefusalReason.ORDER_ENDED, f"the order has already ended as {snapshot.state}"
        )
    if snapshot.undoing:
        return Refusal(
            RefusalReason.BEING_UNDONE,
            "the order is being stopped, and its completed steps are being undone",
        )
    if snapshot.state not in ALLOWED_STATES[command]:
        return Refusal(
            RefusalReason.WRONG_STATE,
            f"the command is not allowed while the order is {snapshot.state}",
        )
    return _policy_refusal(command, policy)


def lasting_refusal(
    command: CommandName, snapshot: OrderSnapshot, policy: Policy
) -> Refusal | None:
    """Return why the order would refuse this command now and in every later state, or None.

    An older snapshot of the order gives a correct answer too.
    """
    is_lasting = (
        snapshot.ended
        or snapshot.undoing
        or snapshot.state not in _ALLOWED_NOW_OR_LATER[command]
        or _policy_refusal(command, policy) is not None
    )
    return refusal_of(command, snapshot, policy) if is_lasting else None


def _policy_refusal(command: CommandName, policy: Policy) -> Refusal | None:
    if command in DECISIONS and policy.review_mode is not ReviewMode.MANUAL:
        return Refusal(
            RefusalReason.REVIEW_NOT_MANUAL,
            f"the order needs no decision: its review mode is {policy.review_mode}",
        )
    if command is CommandName.CONFIRM_DELIVERY and policy.delivery_timeout is None:
        return Refusal(
            RefusalReason.DELIVERY_NOT_AWAITED, "the order's policy does not wait for delivery"
        )
    return None


def available_commands(snapshot: OrderSnapshot, policy: Policy) -> list[CommandName]:
    return [name for name in CommandName if refusal_of(name, snapshot, policy) is None]

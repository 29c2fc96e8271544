"""What a person or a script may ask of a running order, and the table of when it is taken."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from orchestration.domain.order import Address, OrderSnapshot, Policy, ReviewMode
from orchestration.domain.states import OrderState

if TYPE_CHECKING:
    from collections.abc import Mapping


class CommandName(StrEnum):
    """The commands, as the API names them."""

    APPROVE = "APPROVE"
    CANCEL = "CANCEL"
    UPDATE_ADDRESS = "UPDATE_ADDRESS"
    CANCEL_PAYMENT = "CANCEL_PAYMENT"
    CONFIRM_DELIVERY = "CONFIRM_DELIVERY"


@dataclass(frozen=True, kw_only=True)
class Command:
    """What every command carries.

    ``command_id`` names it, so that it may be sent again safely; the workflow makes one where it is
    left out, as in a signal from Temporal's own page. ``nonce`` differs with every sending: by it
    the sender sees whether the verdict answers this sending or an earlier one.
    """

    name: ClassVar[CommandName]
    signal: ClassVar[str]

    command_id: str | None = None
    nonce: str | None = None

    @property
    def content(self) -> dict[str, Any]:
        """What the command says, without what names this sending of it."""
        fields = asdict(self)
        return {key: fields[key] for key in fields if key not in {"command_id", "nonce"}}


@dataclass(frozen=True, kw_only=True)
class ApproveOrder(Command):
    """Let an order in MANUAL review go on to its charge."""

    name: ClassVar = CommandName.APPROVE
    signal: ClassVar = "approve_order"

    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class CancelOrder(Command):
    """Stop an order before its charge has begun."""

    name: ClassVar = CommandName.CANCEL
    signal: ClassVar = "cancel_order"

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class UpdateAddress(Command):
    """Send the order elsewhere, until its shipping starts."""

    name: ClassVar = CommandName.UPDATE_ADDRESS
    signal: ClassVar = "update_address"

    address: Address


@dataclass(frozen=True, kw_only=True)
class CancelPayment(Command):
    """Void or refund the payment, and with it the order, until the carrier has it."""

    name: ClassVar = CommandName.CANCEL_PAYMENT
    signal: ClassVar = "cancel_payment"

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ConfirmDelivery(Command):
    """Say that the customer has it, where the order's policy waits for that."""

    name: ClassVar = CommandName.CONFIRM_DELIVERY
    signal: ClassVar = "confirm_delivery"


@dataclass(frozen=True)
class Verdict:
    """What became of a command: applied, or refused in the state named.

    ``command`` and ``content`` are those of the first sending under this id, so that a later one
    with other content can be told from a repetition.
    """

    command_id: str
    command: CommandName
    content: dict[str, Any]
    nonce: str | None
    applied: bool
    state: OrderState
    message: str


_S = OrderState
_REVIEWABLE = frozenset({_S.PLACED, _S.RECEIVED, _S.VALIDATED, _S.AWAITING_APPROVAL})
_UNSHIPPED = _REVIEWABLE | {_S.APPROVED, _S.PAID}

TAKEN_WHILE: Mapping[CommandName, frozenset[OrderState]] = MappingProxyType({
    CommandName.APPROVE: _REVIEWABLE,
    CommandName.CANCEL: _REVIEWABLE,
    CommandName.UPDATE_ADDRESS: _UNSHIPPED,
    CommandName.CANCEL_PAYMENT: _UNSHIPPED | {_S.SHIPPING, _S.PACKAGE_PREPARED},
    CommandName.CONFIRM_DELIVERY: frozenset({_S.SHIPPED}),
})


def refusal(command: CommandName, snapshot: OrderSnapshot, policy: Policy) -> str | None:
    """Say why an order would refuse a command now; None where it would take it."""
    if snapshot.ended:
        return f"the order has ended: it is {snapshot.state}"
    if snapshot.undoing:
        return "the order is being undone"
    if snapshot.state not in TAKEN_WHILE[command]:
        return f"the order is {snapshot.state}"
    if command is CommandName.APPROVE and policy.review_mode is not ReviewMode.MANUAL:
        return f"the order's review is {policy.review_mode}: nobody has to approve it"
    if command is CommandName.CONFIRM_DELIVERY and policy.delivery_timeout is None:
        return "the order's policy does not wait for a delivery"
    return None


def available_commands(snapshot: OrderSnapshot, policy: Policy) -> list[CommandName]:
    """List the commands that the order would take now, by the table that judges them."""
    return [name for name in CommandName if refusal(name, snapshot, policy) is None]

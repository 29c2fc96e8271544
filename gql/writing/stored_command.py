"""Recovers a command from the event that it caused."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from strawberry.utils.str_converters import to_camel_case

from orchestration.domain.commands import (
    ApproveOrder,
    CancelOrder,
    CancelPayment,
    CommandName,
    RejectOrder,
    UpdateAddress,
)
from orchestration.domain.order import FailureCode
from orchestration.domain.states import EventType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestration.domain.commands import Command
    from orchestration.domain.order import OrderEvent

_COMMAND_OF_EVENT: Mapping[EventType, CommandName] = MappingProxyType({
    EventType.ORDER_APPROVED: CommandName.APPROVE,
    EventType.ADDRESS_UPDATED: CommandName.UPDATE_ADDRESS,
    EventType.DELIVERY_CONFIRMED: CommandName.CONFIRM_DELIVERY,
})
_COMMAND_OF_FAILURE: Mapping[FailureCode, CommandName] = MappingProxyType({
    FailureCode.REJECTED: CommandName.REJECT,
    FailureCode.CANCELLED: CommandName.CANCEL,
    FailureCode.PAYMENT_CANCELLED: CommandName.CANCEL_PAYMENT,
})


@dataclass(frozen=True)
class StoredCommand:
    """An applied command, as far as its event contains it."""

    name: CommandName
    payload: dict[str, Any]

    def matches(self, command: Command) -> bool:
        """Whether the event is consistent with this command and content."""
        if command.name is not self.name:
            return False
        match command:
            case ApproveOrder(note=note):
                return self.payload.get("note") == note
            case (
                RejectOrder(reason=reason)
                | CancelOrder(reason=reason)
                | CancelPayment(reason=reason)
            ):
                # Events of the first version have no reason.
                return self.payload.get("reason", reason) == reason
            case UpdateAddress(address=address):
                new = {to_camel_case(name): value for name, value in asdict(address).items()}
                return self.payload.get("new") == new
        return True


def stored_command(event: OrderEvent) -> StoredCommand | None:
    """Return the command that caused the event, or None if no command did."""
    name = _COMMAND_OF_EVENT.get(event.type)
    if event.type is EventType.UNDO_STARTED:
        name = _COMMAND_OF_FAILURE.get(event.payload.get("code", FailureCode.OTHER))
    return StoredCommand(name, event.payload) if name else None

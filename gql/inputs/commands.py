"""The commands that a client sends to a running order. Each is a Temporal signal."""

from __future__ import annotations

import strawberry

from gql.inputs.address import AddressInput
from orchestration.domain.commands import (
    ApproveOrder,
    CancelOrder,
    CancelPayment,
    ConfirmDelivery,
    RejectOrder,
    UpdateAddress,
)
from orchestration.domain.validation import NOTE_LENGTH

_AUDIT_TEXT = f"Text for the audit trail. Not blank, up to {NOTE_LENGTH} characters."


@strawberry.input
class _CommandInput:
    order_id: strawberry.ID = strawberry.field(description="ID of the order.")
    command_id: strawberry.ID | None = strawberry.field(
        description="Client-chosen ID that makes retries safe. Generated if omitted."
        " Same format as `StartOrderInput.id`."
    )


@strawberry.input(description="Approves an order in MANUAL review.")
class ApproveOrderInput(_CommandInput):
    note: str | None = strawberry.field(description=_AUDIT_TEXT)

    def to_domain(self) -> ApproveOrder:
        return ApproveOrder(command_id=self.command_id, note=self.note)


@strawberry.input(description="Rejects an order in MANUAL review.")
class RejectOrderInput(_CommandInput):
    reason: str = strawberry.field(
        description="Why the order is rejected: the message of its `failure`, and part of the audit"
        f" trail. Not blank, up to {NOTE_LENGTH} characters."
    )

    def to_domain(self) -> RejectOrder:
        return RejectOrder(command_id=self.command_id, reason=self.reason)


@strawberry.input(description="Cancels an order before its charge.")
class CancelOrderInput(_CommandInput):
    reason: str | None = strawberry.field(description=_AUDIT_TEXT)

    def to_domain(self) -> CancelOrder:
        return CancelOrder(command_id=self.command_id, reason=self.reason)


@strawberry.input(description="Changes the shipping address of an order.")
class UpdateAddressInput(_CommandInput):
    address: AddressInput = strawberry.field(description="The complete new address.")

    def to_domain(self) -> UpdateAddress:
        return UpdateAddress(command_id=self.command_id, address=self.address.to_domain())


@strawberry.input(description="Voids or refunds the payment of an order and cancels the order.")
class CancelPaymentInput(_CommandInput):
    reason: str | None = strawberry.field(description=_AUDIT_TEXT)

    def to_domain(self) -> CancelPayment:
        return CancelPayment(command_id=self.command_id, reason=self.reason)


@strawberry.input(description="Confirms that a shipped order was delivered.")
class ConfirmDeliveryInput(_CommandInput):
    def to_domain(self) -> ConfirmDelivery:
        return ConfirmDelivery(command_id=self.command_id)

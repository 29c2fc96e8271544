"""The mutations: start an order, send it commands, write customers."""

# Strawberry types its decorator as Any if it takes arguments.
# mypy: disable-error-code="untyped-decorator"
# ruff: file-ignore[no-self-use] - a root type has no state

from typing import Annotated

import strawberry

from gql.context import Info
from gql.inputs.commands import (
    ApproveOrderInput,
    CancelOrderInput,
    CancelPaymentInput,
    ConfirmDeliveryInput,
    RejectOrderInput,
    UpdateAddressInput,
)
from gql.inputs.customers import CreateCustomerInput, DeleteCustomerInput, UpdateCustomerInput
from gql.inputs.start_order import StartOrderInput
from gql.types.results import (
    CreateCustomerResult,
    DeleteCustomerResult,
    OrderCommandResult,
    StartOrderResult,
    UpdateCustomerResult,
)
from gql.writing.command_sender import CommandSender
from gql.writing.customer_writer import CustomerWriter
from gql.writing.order_starter import OrderStarter

_COMMAND = strawberry.argument(name="input", description="The order and the command's content.")


@strawberry.type(
    description="Changes to orders and customers. Business failures are members of each result's"
    " union, never entries in `errors`."
)
class Mutation:
    @strawberry.mutation(
        description="Starts an order. Safe to repeat with the same `id`: the order is started once."
    )
    async def start_order(
        self,
        info: Info,
        order: Annotated[
            StartOrderInput, strawberry.argument(name="input", description="The order to start.")
        ],
    ) -> StartOrderResult | None:
        return await OrderStarter.of(info.context).start(order)

    @strawberry.mutation(
        description="Approves an order in MANUAL review: the review ends and the payment is"
        " charged. An approval that comes before the review replaces it. Like every command, it"
        " returns the workflow's verdict."
    )
    async def approve_order(
        self, info: Info, command: Annotated[ApproveOrderInput, _COMMAND]
    ) -> OrderCommandResult | None:
        return await CommandSender.of(info.context).send(command.order_id, command.to_domain())

    @strawberry.mutation(
        description="Rejects an order in MANUAL review: it is never charged, and ends as CANCELLED"
        " with the failure REJECTED. A rejection may come before the review. The first decision"
        " counts."
    )
    async def reject_order(
        self, info: Info, command: Annotated[RejectOrderInput, _COMMAND]
    ) -> OrderCommandResult | None:
        return await CommandSender.of(info.context).send(command.order_id, command.to_domain())

    @strawberry.mutation(
        description="Cancels an order whose charge has not begun: the payment is never charged, and"
        " the order ends as CANCELLED."
    )
    async def cancel_order(
        self, info: Info, command: Annotated[CancelOrderInput, _COMMAND]
    ) -> OrderCommandResult | None:
        return await CommandSender.of(info.context).send(command.order_id, command.to_domain())

    @strawberry.mutation(
        description="Changes the address that an order is shipped to. Possible until shipping"
        " starts. The state of the order stays the same."
    )
    async def update_address(
        self, info: Info, command: Annotated[UpdateAddressInput, _COMMAND]
    ) -> OrderCommandResult | None:
        return await CommandSender.of(info.context).send(command.order_id, command.to_domain())

    @strawberry.mutation(
        description="Stops an order and undoes it: the shipment is recalled, the payment is"
        " refunded, or voided if it was not charged, and the order ends as CANCELLED. Possible"
        " until the carrier has the package."
    )
    async def cancel_payment(
        self, info: Info, command: Annotated[CancelPaymentInput, _COMMAND]
    ) -> OrderCommandResult | None:
        return await CommandSender.of(info.context).send(command.order_id, command.to_domain())

    @strawberry.mutation(
        description="Confirms that a shipped order was delivered: the order becomes DELIVERED, then"
        " COMPLETED. Accepted only if the order's policy waits for delivery."
    )
    async def confirm_delivery(
        self, info: Info, command: Annotated[ConfirmDeliveryInput, _COMMAND]
    ) -> OrderCommandResult | None:
        return await CommandSender.of(info.context).send(command.order_id, command.to_domain())

    @strawberry.mutation(
        description="Creates a customer. Safe to repeat with the same `id` and details."
    )
    async def create_customer(
        self,
        info: Info,
        customer: Annotated[
            CreateCustomerInput,
            strawberry.argument(name="input", description="The customer's details."),
        ],
    ) -> CreateCustomerResult | None:
        return await CustomerWriter.of(info.context).create(customer)

    @strawberry.mutation(
        description="Changes the details of a customer. Existing orders keep the old name."
    )
    async def update_customer(
        self,
        info: Info,
        changes: Annotated[
            UpdateCustomerInput,
            strawberry.argument(name="input", description="The customer and the changes."),
        ],
    ) -> UpdateCustomerResult | None:
        return await CustomerWriter.of(info.context).update(changes)

    @strawberry.mutation(description="Deletes a customer without orders.")
    async def delete_customer(
        self,
        info: Info,
        customer: Annotated[
            DeleteCustomerInput,
            strawberry.argument(name="input", description="The customer to delete."),
        ],
    ) -> DeleteCustomerResult | None:
        return await CustomerWriter.of(info.context).delete(customer.id)

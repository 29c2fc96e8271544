"""What can be done: orders are started and sent commands; customers are written."""

from typing import Annotated

import strawberry

from gql.command_sender import CommandSender
from gql.context import Info
from gql.customer_writer import CustomerWriter
from gql.inputs import (
    ApproveOrderInput,
    CancelOrderInput,
    CancelPaymentInput,
    ConfirmDeliveryInput,
    CreateCustomerInput,
    DeleteCustomerInput,
    StartOrderInput,
    UpdateAddressInput,
    UpdateCustomerInput,
)
from gql.order_starter import OrderStarter
from gql.types.results import (
    CreateCustomerResult,
    DeleteCustomerResult,
    OrderCommandResult,
    StartOrderResult,
    UpdateCustomerResult,
)
from orchestration.domain.commands import (
    ApproveOrder,
    CancelOrder,
    CancelPayment,
    ConfirmDelivery,
    UpdateAddress,
)


async def start_order(
    info: Info,
    input: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        StartOrderInput, strawberry.argument(description="What is ordered.")
    ],
) -> StartOrderResult | None:
    """Start its workflow."""
    return await OrderStarter.of(info.context).start(input)


async def approve_order(
    info: Info,
    input: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        ApproveOrderInput, strawberry.argument(description="Which order.")
    ],
) -> OrderCommandResult | None:
    """Send approve_order."""
    command = ApproveOrder(command_id=input.command_id, note=input.note)
    return await CommandSender.of(info.context).send(input.order_id, command)


async def cancel_order(
    info: Info,
    input: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        CancelOrderInput, strawberry.argument(description="Which order.")
    ],
) -> OrderCommandResult | None:
    """Send cancel_order."""
    command = CancelOrder(command_id=input.command_id, reason=input.reason)
    return await CommandSender.of(info.context).send(input.order_id, command)


async def update_address(
    info: Info,
    input: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        UpdateAddressInput, strawberry.argument(description="Which order, and where to.")
    ],
) -> OrderCommandResult | None:
    """Send update_address."""
    command = UpdateAddress(command_id=input.command_id, address=input.address.to_domain())
    return await CommandSender.of(info.context).send(input.order_id, command)


async def cancel_payment(
    info: Info,
    input: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        CancelPaymentInput, strawberry.argument(description="Which order.")
    ],
) -> OrderCommandResult | None:
    """Send cancel_payment."""
    command = CancelPayment(command_id=input.command_id, reason=input.reason)
    return await CommandSender.of(info.context).send(input.order_id, command)


async def confirm_delivery(
    info: Info,
    input: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        ConfirmDeliveryInput, strawberry.argument(description="Which order.")
    ],
) -> OrderCommandResult | None:
    """Send confirm_delivery."""
    command = ConfirmDelivery(command_id=input.command_id)
    return await CommandSender.of(info.context).send(input.order_id, command)


async def create_customer(
    info: Info,
    input: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        CreateCustomerInput, strawberry.argument(description="The customer's details.")
    ],
) -> CreateCustomerResult | None:
    """Write a row."""
    return await CustomerWriter.of(info.context).create(input)


async def update_customer(
    info: Info,
    input: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        UpdateCustomerInput, strawberry.argument(description="Which customer, and what changes.")
    ],
) -> UpdateCustomerResult | None:
    """Change a row."""
    return await CustomerWriter.of(info.context).update(input)


async def delete_customer(
    info: Info,
    input: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        DeleteCustomerInput, strawberry.argument(description="Which customer.")
    ],
) -> DeleteCustomerResult | None:
    """Delete a row."""
    return await CustomerWriter.of(info.context).delete(input)


@strawberry.type(description="What can be done. Every result says what became of it.")
class Mutation:
    """The entry for mutations. Each command sends the Temporal signal of its name."""

    start_order: StartOrderResult | None = strawberry.mutation(
        resolver=start_order,
        description="Start an order. With an id of yours it is safe to repeat.",
    )
    approve_order: OrderCommandResult | None = strawberry.mutation(
        resolver=approve_order,
        description="Let an order in MANUAL review go on to its charge."
        " Like every command, it answers with the workflow's verdict.",
    )
    cancel_order: OrderCommandResult | None = strawberry.mutation(
        resolver=cancel_order, description="Stop an order before its charge has begun."
    )
    update_address: OrderCommandResult | None = strawberry.mutation(
        resolver=update_address,
        description="Send an order elsewhere, until its shipping starts.",
    )
    cancel_payment: OrderCommandResult | None = strawberry.mutation(
        resolver=cancel_payment,
        description="Void or refund an order's payment, and with it stop the order,"
        " until the carrier has it.",
    )
    confirm_delivery: OrderCommandResult | None = strawberry.mutation(
        resolver=confirm_delivery,
        description="Say that the customer has it, where the order's policy waits for that.",
    )
    create_customer: CreateCustomerResult | None = strawberry.mutation(
        resolver=create_customer,
        description="Create a customer. With an id of yours it is safe to repeat.",
    )
    update_customer: UpdateCustomerResult | None = strawberry.mutation(
        resolver=update_customer,
        description="Change a customer's details. Orders keep the name they were started with.",
    )
    delete_customer: DeleteCustomerResult | None = strawberry.mutation(
        resolver=delete_customer,
        description="Delete a customer who has no orders on record.",
    )

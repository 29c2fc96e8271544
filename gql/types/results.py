"""Results of mutations. Each business failure is a type of its own, never an entry in errors."""

# Strawberry types its decorator as Any if it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self, TypeAlias

import strawberry
from strawberry.utils.str_converters import to_camel_case

from gql.context import Info
from gql.documents.field_costs import LIST_SIZES
from gql.types.customer import Customer
from gql.types.enums import (
    CommandName,
    OrderState,
    ProblemCode,
    RefusalReason,
    UserErrorCode,
)
from gql.types.order import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.domain.validation import FieldProblem

_MAX_FIELD_ERRORS = LIST_SIZES["InvalidInput.fields"]
_CURRENT_ORDER = "The current order. Null if it cannot be read."


async def _current_order(order_id: str, info: Info) -> Order | None:
    merged = await info.context.order_reader.order(order_id)
    return Order.of(merged) if merged else None


@strawberry.interface(
    description="A failure that the client can resolve. It is data, never an entry in `errors`."
)
class UserError:
    error_code: ClassVar[UserErrorCode]
    message: str = strawberry.field(description="What is wrong, for people.")

    @strawberry.field(description="What is wrong, for programs.")
    def code(self) -> UserErrorCode:
        return self.error_code


@strawberry.interface(description="Result of a command to an existing order.")
class CommandResult:
    order_id: strawberry.ID = strawberry.field(description="ID of the order.")
    command_id: strawberry.ID = strawberry.field(
        description="ID of the command. A command is applied at most once per ID."
    )
    command: CommandName = strawberry.field(description="The kind of command.")


@strawberry.type(description="A rule that a field of an input breaks.")
class FieldError:
    code: ProblemCode = strawberry.field(description="The kind of rule.")
    path: list[str] = strawberry.field(
        description='Path from the input\'s root, such as ["items", "0", "quantity"].'
    )
    message: str = strawberry.field(description="What the value must be, for people.")


@strawberry.type(description="The input breaks the rules listed in `fields`. Nothing was changed.")
class InvalidInput(UserError):
    error_code = UserErrorCode.INVALID_INPUT
    fields: list[FieldError] = strawberry.field(
        description="Every rule that the input breaks, up to 100."
    )

    @classmethod
    def of(cls, problems: Sequence[FieldProblem]) -> Self:
        """Convert the domain's problems, with paths in the schema's names."""
        fields = [
            FieldError(
                code=problem.code,
                path=[to_camel_case(part) for part in problem.path],
                message=problem.message,
            )
            for problem in problems[:_MAX_FIELD_ERRORS]
        ]
        return cls(
            message="; ".join(f"{'.'.join(f.path)} {f.message}" for f in fields), fields=fields
        )


@strawberry.type(description="No order with this ID exists in Postgres or in Temporal.")
class OrderNotFound(UserError):
    error_code = UserErrorCode.ORDER_NOT_FOUND
    order_id: strawberry.ID = strawberry.field(description="The requested ID.")

    @classmethod
    def of(cls, order_id: str) -> Self:
        return cls(message=f"Order {order_id} does not exist.", order_id=strawberry.ID(order_id))


@strawberry.type(description="No customer with this ID exists. Nothing was changed.")
class CustomerNotFound(UserError):
    error_code = UserErrorCode.CUSTOMER_NOT_FOUND
    customer_id: strawberry.ID = strawberry.field(description="The requested ID.")

    @classmethod
    def of(cls, customer_id: str) -> Self:
        return cls(
            message=f"Customer {customer_id} does not exist.",
            customer_id=strawberry.ID(customer_id),
        )


@strawberry.type(
    description="The ID belongs to an order that was started with other content. That order is"
    " unchanged."
)
class OrderConflict(UserError):
    error_code = UserErrorCode.ORDER_CONFLICT
    order_id: strawberry.ID = strawberry.field(description="ID of the existing order.")
    differs: list[str] = strawberry.field(description="Input fields whose values differ.")


@strawberry.type(description="The payment ID belongs to another order. Nothing was changed.")
class PaymentConflict(UserError):
    error_code = UserErrorCode.PAYMENT_CONFLICT
    payment_id: strawberry.ID = strawberry.field(description="The payment ID in use.")


@strawberry.type(description="Another customer has this email address. Nothing was changed.")
class EmailTaken(UserError):
    error_code = UserErrorCode.EMAIL_TAKEN
    email: str = strawberry.field(description="The email address in use.")


@strawberry.type(
    description="The ID belongs to a customer with other details. That customer is unchanged."
)
class CustomerConflict(UserError):
    error_code = UserErrorCode.CUSTOMER_CONFLICT
    customer_id: strawberry.ID = strawberry.field(description="ID of the existing customer.")


@strawberry.type(
    description="The customer has recorded orders and cannot be deleted. Nothing was changed."
)
class CustomerHasOrders(UserError):
    error_code = UserErrorCode.CUSTOMER_HAS_ORDERS
    customer_id: strawberry.ID = strawberry.field(description="ID of the customer.")


@strawberry.type(
    description="The order did not accept the command in its state. Nothing was changed."
)
class CommandRefused(UserError, CommandResult):
    error_code = UserErrorCode.COMMAND_REFUSED
    reason: RefusalReason = strawberry.field(description="Why, for programs.")
    state: OrderState = strawberry.field(
        description="State of the order when it refused the command."
    )

    @strawberry.field(description=_CURRENT_ORDER)
    async def order(self, info: Info) -> Order | None:
        return await _current_order(self.order_id, info)


@strawberry.type(
    description="The command ID was already used for another command or with other content. The"
    " first command stands."
)
class CommandConflict(UserError, CommandResult):
    error_code = UserErrorCode.COMMAND_CONFLICT


@strawberry.type(description="The workflow applied the command, now or earlier.")
class CommandApplied(CommandResult):
    replayed: bool = strawberry.field(
        description="Whether a command with this `commandId` was already processed."
    )

    @strawberry.field(description=_CURRENT_ORDER)
    async def order(self, info: Info) -> Order | None:
        return await _current_order(self.order_id, info)


@strawberry.type(
    description="The command is stored but not processed yet, because no worker is available. Query"
    " `command(orderId, commandId)` for the outcome."
)
class CommandPending(CommandResult):
    @strawberry.field(description=_CURRENT_ORDER)
    async def order(self, info: Info) -> Order | None:
        return await _current_order(self.order_id, info)


@strawberry.type(description="The order was started, now or earlier. Its workflow is durable.")
class OrderStarted:
    order: Order = strawberry.field(description="The order.")
    replayed: bool = strawberry.field(description="Whether the same order was already started.")


@strawberry.type(description="The customer was saved.")
class CustomerSaved:
    customer: Customer = strawberry.field(description="The saved customer.")


@strawberry.type(
    description="The customer was deleted. Its ID and email address can be used again."
)
class CustomerDeleted:
    customer_id: strawberry.ID = strawberry.field(description="ID of the deleted customer.")


StartOrderResult: TypeAlias = Annotated[
    OrderStarted | InvalidInput | CustomerNotFound | OrderConflict | PaymentConflict,
    strawberry.union("StartOrderResult", description="Result of `startOrder`."),
]
OrderCommandResult: TypeAlias = Annotated[
    CommandApplied
    | CommandPending
    | CommandRefused
    | CommandConflict
    | OrderNotFound
    | InvalidInput,
    strawberry.union("OrderCommandResult", description="Result of a command."),
]
CreateCustomerResult: TypeAlias = Annotated[
    CustomerSaved | InvalidInput | EmailTaken | CustomerConflict,
    strawberry.union("CreateCustomerResult", description="Result of `createCustomer`."),
]
UpdateCustomerResult: TypeAlias = Annotated[
    CustomerSaved | InvalidInput | EmailTaken | CustomerNotFound,
    strawberry.union("UpdateCustomerResult", description="Result of `updateCustomer`."),
]
DeleteCustomerResult: TypeAlias = Annotated[
    CustomerDeleted | CustomerNotFound | CustomerHasOrders,
    strawberry.union("DeleteCustomerResult", description="Result of `deleteCustomer`."),
]

"""What mutations answer: every business failure is a type of its own, never an error."""

# Strawberry types its decorator as Any where it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self, TypeAlias

import strawberry
from strawberry.utils.str_converters import to_camel_case

from gql.context import Info
from gql.types.customer import Customer
from gql.types.enums import CommandName, OrderState, ProblemCode
from gql.types.order import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.domain.validation import FieldProblem

_ORDER_NOW = "The order as it is now; null where it cannot be read."


async def _order_now(order_id: str, info: Info) -> Order | None:
    merged = await info.context.order_reader.order(order_id)
    return Order.of(merged) if merged else None


@strawberry.interface(description='Every business failure: data, never an entry in "errors".')
class UserError:
    """A failure that a client can do something about."""

    message: str = strawberry.field(description="What is wrong, for people.")


@strawberry.type(description="One thing that is wrong with an input.")
class FieldError:
    """A broken rule."""

    code: ProblemCode = strawberry.field(description="What kind of rule the value broke.")
    path: list[str] = strawberry.field(
        description='From the input\'s root: ["items", "0", "quantity"].'
    )
    message: str = strawberry.field(description="What the value has to be, for people.")


@strawberry.type(description="The input breaks some rules: all of them are named.")
class InvalidInput(UserError):
    """Nothing was done."""

    fields: list[FieldError] = strawberry.field(description="What is wrong with it.")

    @classmethod
    def of(cls, problems: Sequence[FieldProblem]) -> Self:
        """Show the domain's problems under the names that the schema has."""
        fields = [
            FieldError(
                code=problem.code,
                path=[to_camel_case(part) for part in problem.path],
                message=problem.message,
            )
            for problem in problems
        ]
        return cls(
            message="; ".join(f"{'.'.join(f.path)} {f.message}" for f in fields), fields=fields
        )


@strawberry.type(description="There is no order of that id.")
class OrderNotFound(UserError):
    """Neither on record nor in Temporal."""

    order_id: strawberry.ID = strawberry.field(description="The id that was asked for.")

    @classmethod
    def of(cls, order_id: str) -> Self:
        """Say so."""
        return cls(message=f"There is no order {order_id}.", order_id=strawberry.ID(order_id))


@strawberry.type(description="There is no customer of that id.")
class CustomerNotFound(UserError):
    """Nothing was done."""

    customer_id: strawberry.ID = strawberry.field(description="The id that was asked for.")

    @classmethod
    def of(cls, customer_id: str) -> Self:
        """Say so."""
        return cls(
            message=f"There is no customer {customer_id}.", customer_id=strawberry.ID(customer_id)
        )


@strawberry.type(description="The id is taken by an order that was started with other content.")
class OrderConflict(UserError):
    """That order is as it was."""

    order_id: strawberry.ID = strawberry.field(description="The id that is taken.")
    differs: list[str] = strawberry.field(description="Input fields that differ.")


@strawberry.type(description="The payment id has been used for another order.")
class PaymentConflict(UserError):
    """Nothing was done."""

    payment_id: strawberry.ID = strawberry.field(description="The payment id that is taken.")


@strawberry.type(description="Another customer has that e-mail address.")
class EmailTaken(UserError):
    """Nothing was done."""

    email: str = strawberry.field(description="The address that is taken.")


@strawberry.type(description="The id is taken by a customer with other details.")
class CustomerConflict(UserError):
    """That customer is as it was."""

    customer_id: strawberry.ID = strawberry.field(description="The id that is taken.")


@strawberry.type(description="A customer with orders on record cannot be deleted.")
class CustomerHasOrders(UserError):
    """That customer is as it was."""

    customer_id: strawberry.ID = strawberry.field(description="The id that was asked for.")


@strawberry.type(description="The order would not take the command in the state it was in.")
class CommandRefused(UserError):
    """Nothing was done."""

    order_id: strawberry.ID = strawberry.field(description="The order.")
    command_id: strawberry.ID = strawberry.field(description="The command's id.")
    command: CommandName = strawberry.field(description="What was asked.")
    state: OrderState = strawberry.field(description="The state in which the workflow refused it.")

    @strawberry.field(description=_ORDER_NOW)
    async def order(self, info: Info) -> Order | None:
        """Read it."""
        return await _order_now(self.order_id, info)


@strawberry.type(description="The command id was sent before with another command or content.")
class CommandConflict(UserError):
    """The first one stands."""

    order_id: strawberry.ID = strawberry.field(description="The order.")
    command_id: strawberry.ID = strawberry.field(description="The id that is taken.")


@strawberry.type(description="The workflow acted on it.")
class CommandApplied:
    """Done, now or before."""

    order_id: strawberry.ID = strawberry.field(description="The order.")
    command_id: strawberry.ID = strawberry.field(
        description="The command's id: sent again under it, it is done once."
    )
    command: CommandName = strawberry.field(description="What was asked.")
    replayed: bool = strawberry.field(description="True where this commandId had been sent before.")

    @strawberry.field(description=_ORDER_NOW)
    async def order(self, info: Info) -> Order | None:
        """Read it."""
        return await _order_now(self.order_id, info)


@strawberry.type(
    description="Temporal has stored the signal, and no worker has acted on it yet: it will be."
    " Ask again with command(orderId, commandId)."
)
class CommandPending:
    """Nothing is lost."""

    order_id: strawberry.ID = strawberry.field(description="The order.")
    command_id: strawberry.ID = strawberry.field(description="The command's id.")
    command: CommandName = strawberry.field(description="What was asked.")

    @strawberry.field(description=_ORDER_NOW)
    async def order(self, info: Info) -> Order | None:
        """Read it."""
        return await _order_now(self.order_id, info)


@strawberry.type(description="The order is durable: it will go on whatever stops meanwhile.")
class OrderStarted:
    """Started, now or before."""

    order: Order = strawberry.field(description="The order.")
    replayed: bool = strawberry.field(
        description="True where this very order had been started before."
    )


@strawberry.type(description="The customer is on record.")
class CustomerSaved:
    """Stored."""

    customer: Customer = strawberry.field(description="The customer as stored.")


@strawberry.type(description="The customer is gone; id and e-mail address are free again.")
class CustomerDeleted:
    """Deleted."""

    customer_id: strawberry.ID = strawberry.field(description="The id that was theirs.")


StartOrderResult: TypeAlias = Annotated[
    OrderStarted | InvalidInput | CustomerNotFound | OrderConflict | PaymentConflict,
    strawberry.union("StartOrderResult", description="What became of startOrder."),
]
OrderCommandResult: TypeAlias = Annotated[
    CommandApplied
    | CommandPending
    | CommandRefused
    | CommandConflict
    | OrderNotFound
    | InvalidInput,
    strawberry.union("OrderCommandResult", description="What became of a command."),
]
CreateCustomerResult: TypeAlias = Annotated[
    CustomerSaved | InvalidInput | EmailTaken | CustomerConflict,
    strawberry.union("CreateCustomerResult", description="What became of createCustomer."),
]
UpdateCustomerResult: TypeAlias = Annotated[
    CustomerSaved | InvalidInput | EmailTaken | CustomerNotFound,
    strawberry.union("UpdateCustomerResult", description="What became of updateCustomer."),
]
DeleteCustomerResult: TypeAlias = Annotated[
    CustomerDeleted | CustomerNotFound | CustomerHasOrders,
    strawberry.union("DeleteCustomerResult", description="What became of deleteCustomer."),
]

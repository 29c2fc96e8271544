"""Customers as clients create, change and delete them."""

from __future__ import annotations

import strawberry


@strawberry.input(description="A customer to create.")
class CreateCustomerInput:
    id: strawberry.ID | None = strawberry.field(
        description="Client-chosen ID that makes retries safe. Generated if omitted."
        " Same format as `StartOrderInput.id`."
    )
    name: str = strawberry.field(description="Full name. Up to 200 characters.")
    email: str = strawberry.field(
        description="Email address, unique among customers. Up to 254 characters."
    )
    phone: str | None = strawberry.field(
        description="Phone number. Not blank, up to 40 characters."
    )


@strawberry.input(
    description="The customer of a new order: the one with this email address, or a new one."
)
class OrderCustomerInput:
    name: str = strawberry.field(
        description="Full name of a new customer. An existing one keeps its name. Up to 200"
        " characters."
    )
    email: str = strawberry.field(
        description="Email address, which identifies the customer, ignoring case. Up to 254"
        " characters."
    )
    phone: str | None = strawberry.field(
        description="Phone number of a new customer. Not blank, up to 40 characters."
    )


@strawberry.input(
    description="Changes to a customer. An omitted field is left unchanged; phone: null removes"
    " the phone number."
)
class UpdateCustomerInput:
    id: strawberry.ID = strawberry.field(description="ID of the customer.")
    name: strawberry.Maybe[str | None] = strawberry.field(
        description="Full name. Up to 200 characters, not null."
    )
    email: strawberry.Maybe[str | None] = strawberry.field(
        description="Email address, unique among customers. Up to 254 characters, not null."
    )
    phone: strawberry.Maybe[str | None] = strawberry.field(
        description="Phone number. Not blank, up to 40 characters; null removes it."
    )


@strawberry.input(description="A customer to delete. Customers with orders cannot be deleted.")
class DeleteCustomerInput:
    id: strawberry.ID = strawberry.field(description="ID of the customer.")

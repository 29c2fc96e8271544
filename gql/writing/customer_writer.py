"""Creates, changes and deletes customers, the only rows that the API itself writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import strawberry

from gql.reading.loaders import Loaders
from gql.types.customer import Customer
from gql.types.results import (
    CustomerConflict,
    CustomerDeleted,
    CustomerHasOrders,
    CustomerNotFound,
    CustomerSaved,
    EmailTaken,
    InvalidInput,
)
from orchestration.domain.order import IDENTIFIER
from orchestration.domain.validation import (
    FieldProblem,
    ProblemCode,
    customer_problems,
    identifier_problems,
)
from persistence import customers
from persistence.customers import PostgresCustomers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gql.context import Context
    from gql.inputs.customers import CreateCustomerInput, UpdateCustomerInput
    from persistence.customers import CustomerChanges
    from persistence.reads import StoredCustomer

_NEVER_NULL = ("name", "email")


@dataclass(frozen=True)
class CustomerWriter:
    """Writes customers for one operation, and updates its loaders."""

    rows: PostgresCustomers
    loaders: Loaders

    @classmethod
    def of(cls, context: Context) -> Self:
        return cls(context.services.customers, context.loaders)

    async def create(
        self, given: CreateCustomerInput
    ) -> CustomerSaved | InvalidInput | EmailTaken | CustomerConflict:
        """Create a customer, or find an identical one created earlier."""
        problems = [
            *identifier_problems(given.id, "id"),
            *customer_problems(given.name, given.email, given.phone),
        ]
        if problems:
            return InvalidInput.of(problems)
        try:
            stored = await self.rows.create(given.id, given.name, given.email, given.phone)
        except customers.EmailTaken as taken:
            return _email_taken(taken)
        except customers.CustomerConflict as conflict:
            return CustomerConflict(
                message=f"Customer {conflict.customer_id} already exists with different details.",
                customer_id=strawberry.ID(conflict.customer_id),
            )
        return self._saved(stored)

    async def update(
        self, given: UpdateCustomerInput
    ) -> CustomerSaved | InvalidInput | EmailTaken | CustomerNotFound:
        """Change only the given fields, so that concurrent changes of other fields are kept."""
        fields = {"name": given.name, "email": given.email, "phone": given.phone}
        values = {name: some.value for name, some in fields.items() if some is not None}
        problems = [*identifier_problems(given.id, "id"), *_change_problems(values)]
        if problems:
            return InvalidInput.of(problems)
        changes: CustomerChanges = {}
        if name := values.get("name"):
            changes["name"] = name
        if email := values.get("email"):
            changes["email"] = email
        if "phone" in values:
            changes["phone"] = values["phone"]
        try:
            stored = await self.rows.update(given.id, changes)
        except customers.EmailTaken as taken:
            return _email_taken(taken)
        return self._saved(stored) if stored else CustomerNotFound.of(given.id)

    async def delete(
        self, customer_id: strawberry.ID
    ) -> CustomerDeleted | CustomerNotFound | CustomerHasOrders:
        # A malformed ID cannot exist, so the statement is skipped.
        if not IDENTIFIER.fullmatch(customer_id):
            return CustomerNotFound.of(customer_id)
        try:
            deleted = await self.rows.delete(customer_id)
        except customers.CustomerHasOrders:
            return CustomerHasOrders(
                message=f"Customer {customer_id} has orders and cannot be deleted.",
                customer_id=customer_id,
            )
        if not deleted:
            return CustomerNotFound.of(customer_id)
        self.loaders.customers.prime(customer_id, None)
        return CustomerDeleted(customer_id=customer_id)

    def _saved(self, stored: StoredCustomer) -> CustomerSaved:
        self.loaders.customers.prime(stored.id, stored)
        return CustomerSaved(customer=Customer.of(stored))


def _change_problems(values: Mapping[str, str | None]) -> list[FieldProblem]:
    nulls = [name for name in _NEVER_NULL if values.get(name, "") is None]
    problems = customer_problems(
        values.get("name") or "", values.get("email") or "", values.get("phone")
    )
    return [
        *(FieldProblem(ProblemCode.REQUIRED, (name,), "must not be null") for name in nulls),
        *(one for one in problems if one.path[0] in values and one.path[0] not in nulls),
    ]


def _email_taken(taken: customers.EmailTaken) -> EmailTaken:
    return EmailTaken(message=f"{taken}.", email=taken.email)

"""Customers are created, changed and deleted here: the one thing that the API itself writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import strawberry

from gql.loaders import Loaders
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
    from gql.inputs import CreateCustomerInput, DeleteCustomerInput, UpdateCustomerInput
    from persistence.customers import CustomerChanges
    from persistence.reads import StoredCustomer

_NEVER_NULL = ("name", "email")


@dataclass(frozen=True)
class CustomerWriter:
    """Writes customers for one operation, and has its loaders know of it."""

    rows: PostgresCustomers
    loaders: Loaders

    @classmethod
    def of(cls, context: Context) -> Self:
        """Write for one operation."""
        return cls(context.services.customers, context.loaders)

    async def create(
        self, given: CreateCustomerInput
    ) -> CustomerSaved | InvalidInput | EmailTaken | CustomerConflict:
        """Create a customer, or find the very same one created before."""
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
                message=f"Customer {conflict.customer_id} exists with other details.",
                customer_id=strawberry.ID(conflict.customer_id),
            )
        return self._saved(stored)

    async def update(
        self, given: UpdateCustomerInput
    ) -> CustomerSaved | InvalidInput | EmailTaken | CustomerNotFound:
        """Change what is given, and leave the rest to others who change it at the same moment."""
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
        self, given: DeleteCustomerInput
    ) -> CustomerDeleted | CustomerNotFound | CustomerHasOrders:
        """Delete a customer, unless there are orders of theirs."""
        # What nobody can be called is nobody's id; the record need not see it.
        if not IDENTIFIER.fullmatch(given.id):
            return CustomerNotFound.of(given.id)
        try:
            deleted = await self.rows.delete(given.id)
        except customers.CustomerHasOrders:
            return CustomerHasOrders(
                message=f"Customer {given.id} has orders on record, and stays.",
                customer_id=given.id,
            )
        if not deleted:
            return CustomerNotFound.of(given.id)
        self.loaders.customers.prime(given.id, None)
        return CustomerDeleted(customer_id=given.id)

    def _saved(self, stored: StoredCustomer) -> CustomerSaved:
        self.loaders.customers.prime(stored.id, stored)
        return CustomerSaved(customer=Customer.of(stored))


def _change_problems(values: Mapping[str, str | None]) -> list[FieldProblem]:
    """Check the fields that are given, and no others."""
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

"""The write side of customers, the only part of the record that the API itself writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict
from uuid import uuid4

from sqlalchemy import and_, case, delete, exists, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from persistence.engine import connected
from persistence.rows import StoredCustomer, folded, stored_customer
from persistence.tables import customers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_UNIQUE_VIOLATION = "23505"
_FOREIGN_KEY_VIOLATION = "23503"


class EmailTaken(Exception):
    """Another customer has this email address, ignoring letter case."""

    def __init__(self, email: str) -> None:
        super().__init__(f"another customer has the email address {email}")
        self.email = email


class CustomerConflict(Exception):
    """A customer with this ID exists and has different details."""

    def __init__(self, customer_id: str) -> None:
        super().__init__(f"customer {customer_id} already exists with different details")
        self.customer_id = customer_id


class CustomerHasOrders(Exception):
    """A customer with recorded orders cannot be deleted."""

    def __init__(self, customer_id: str) -> None:
        super().__init__(f"customer {customer_id} has orders and cannot be deleted")
        self.customer_id = customer_id


class CustomerChanges(TypedDict, total=False):
    """New values for a customer's fields. An omitted field keeps its value."""

    name: str
    email: str
    phone: str | None


class PostgresCustomers:
    """Writes customers. Every method raises RecordUnavailable if Postgres did not respond."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(
        self,
        id: str | None,  # ruff: ignore[builtin-argument-shadowing]  # the field's name
        name: str,
        email: str,
        phone: str | None,
    ) -> StoredCustomer:
        """Store a customer. With None as ``id``, an ID is generated.

        Repeating a call with the same ID and details changes nothing and returns the stored
        customer. Raises CustomerConflict or EmailTaken.
        """
        customer_id = id or str(uuid4())
        details: CustomerChanges = {"name": name, "email": email, "phone": phone}
        statement = (
            insert(customers)
            .values(id=customer_id, **_columns(details))
            .on_conflict_do_nothing()
            .returning(customers)
        )
        async with connected(self._engine) as connection:
            while True:
                row = (await connection.execute(statement)).one_or_none()
                if row is not None:
                    return stored_customer(row)
                stored = await _same_id(connection, customer_id)
                if stored is not None:
                    if (stored.name, stored.email, stored.phone) != (name, email, phone):
                        raise CustomerConflict(customer_id)
                    return stored
                if await _email_is_taken(connection, email):
                    raise EmailTaken(email)
                # The conflicting customer was deleted in the meantime. Try again.

    async def find_or_create(self, name: str, email: str, phone: str | None) -> StoredCustomer:
        """Return the customer with this email address, ignoring letter case, or store a new one.

        An existing customer keeps its name and phone number. Of concurrent calls, one stores the
        customer and the others return it.
        """
        details: CustomerChanges = {"name": name, "email": email, "phone": phone}
        insertion = (
            insert(customers)
            .values(id=str(uuid4()), **_columns(details))
            .on_conflict_do_nothing()
            .returning(customers)
        )
        selection = select(customers).where(func.lower(customers.c.email) == func.lower(email))
        async with connected(self._engine) as connection:
            while True:
                for statement in (selection, insertion):
                    row = (await connection.execute(statement)).one_or_none()
                    if row is not None:
                        return stored_customer(row)
                # Another caller has stored the customer in the meantime. Select it.

    async def update(self, customer_id: str, changes: CustomerChanges) -> StoredCustomer | None:
        """Change the given fields. Returns None if the customer does not exist.

        Concurrent updates are applied one after the other. ``updated_at`` changes only if a value
        does. Raises EmailTaken.
        """
        stored = customers.c
        columns = _columns(changes)
        same = [stored[name].is_not_distinct_from(value) for name, value in columns.items()]
        # now() is the time at which the statement began. It may then have waited for a concurrent
        # update, whose updated_at would be later.
        updated_at = case((and_(true(), *same), stored.updated_at), else_=func.clock_timestamp())
        statement = (
            update(customers)
            .where(stored.id == customer_id)
            .values(updated_at=updated_at, **columns)
            .returning(customers)
        )
        async with connected(self._engine) as connection:
            try:
                row = (await connection.execute(statement)).one_or_none()
            except IntegrityError as error:
                if _sqlstate(error) != _UNIQUE_VIOLATION:
                    raise
                raise EmailTaken(changes.get("email", "")) from None
        return None if row is None else stored_customer(row)

    async def delete(self, customer_id: str) -> bool:
        """Delete a customer. Returns False if it does not exist. Raises CustomerHasOrders.

        If an order of the customer is being recorded for the first time, the deletion waits for it
        and then raises. An order that is recorded after the deletion ends as INVALID.
        """
        statement = delete(customers).where(customers.c.id == customer_id)
        async with connected(self._engine) as connection:
            try:
                deleted = await connection.execute(statement)
            except IntegrityError as error:
                if _sqlstate(error) != _FOREIGN_KEY_VIOLATION:
                    raise
                raise CustomerHasOrders(customer_id) from None
            return deleted.rowcount > 0


def _columns(details: CustomerChanges) -> dict[str, str | None]:
    columns: dict[str, str | None] = {}
    if "name" in details:
        columns |= {"name": details["name"], "folded_name": folded(details["name"])}
    if "email" in details:
        columns |= {"email": details["email"], "folded_email": folded(details["email"])}
    if "phone" in details:
        columns["phone"] = details["phone"]
    return columns


def _sqlstate(error: IntegrityError) -> str | None:
    sqlstate: str | None = getattr(error.orig, "sqlstate", None)
    return sqlstate


async def _same_id(connection: AsyncConnection, customer_id: str) -> StoredCustomer | None:
    found = await connection.execute(select(customers).where(customers.c.id == customer_id))
    row = found.one_or_none()
    return None if row is None else stored_customer(row)


async def _email_is_taken(connection: AsyncConnection, email: str) -> bool:
    taken = exists().where(func.lower(customers.c.email) == func.lower(email))
    return bool((await connection.execute(select(taken))).scalar_one())

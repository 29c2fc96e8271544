"""Customers: the one thing that the API itself writes."""

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
    """Another customer has this e-mail address, letter case aside."""

    def __init__(self, email: str) -> None:
        """Keep the address that is taken."""
        super().__init__(f"{email} is another customer's e-mail address")
        self.email = email


class CustomerConflict(Exception):
    """The id is taken by a customer with other details."""

    def __init__(self, customer_id: str) -> None:
        """Keep the id that is taken."""
        super().__init__(f"customer {customer_id} exists with other details")
        self.customer_id = customer_id


class CustomerHasOrders(Exception):
    """The customer's orders are on record, and so the customer stays."""

    def __init__(self, customer_id: str) -> None:
        """Keep the id that stays."""
        super().__init__(f"customer {customer_id} has orders")
        self.customer_id = customer_id


class CustomerChanges(TypedDict, total=False):
    """What a customer is to have: a field that is left out stays as it is."""

    name: str
    email: str
    phone: str | None


class PostgresCustomers:
    """Writes customers. Everything raises RecordUnavailable where Postgres is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Write through this engine, which stays the caller's."""
        self._engine = engine

    async def create(
        self,
        id: str | None,  # ruff: ignore[builtin-argument-shadowing]  # as the field is called everywhere
        name: str,
        email: str,
        phone: str | None,  # the field's name
    ) -> StoredCustomer:
        """Store a customer, under an id made here where None is given; once more changes nothing.

        Raises CustomerConflict or EmailTaken.
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
                # What stood in the way has been deleted since: there is room now.

    async def update(self, customer_id: str, changes: CustomerChanges) -> StoredCustomer | None:
        """Change these fields and no others; None where there is no such customer.

        Of two at once, the second changes what the first has left. Raises EmailTaken.
        """
        stored = customers.c
        columns = _columns(changes)
        same = [stored[name].is_not_distinct_from(value) for name, value in columns.items()]
        # The clock, and not now(): that is when the statement began to wait for another change.
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
        """Delete a customer; False where there is none. Raises CustomerHasOrders.

        An order whose first events are being recorded has the customer locked: this waits for it,
        and is refused. One that is recorded later finds no customer, and ends INVALID.
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

"""Customers: the one thing that the API itself writes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert

from persistence.engine import connected
from persistence.rows import StoredCustomer, stored_customer
from persistence.tables import customers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


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


class PostgresCustomers:
    """Writes customers."""

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

        Raises CustomerConflict, EmailTaken or RecordUnavailable.
        """
        customer_id = id or str(uuid4())
        statement = (
            insert(customers)
            .values(id=customer_id, name=name, email=email, phone=phone)
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


async def _same_id(connection: AsyncConnection, customer_id: str) -> StoredCustomer | None:
    found = await connection.execute(select(customers).where(customers.c.id == customer_id))
    row = found.one_or_none()
    return None if row is None else stored_customer(row)


async def _email_is_taken(connection: AsyncConnection, email: str) -> bool:
    taken = exists().where(func.lower(customers.c.email) == func.lower(email))
    return bool((await connection.execute(select(taken))).scalar_one())

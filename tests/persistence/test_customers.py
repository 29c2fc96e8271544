from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from persistence.customers import CustomerConflict, EmailTaken, PostgresCustomers
from tests.persistence.stories import fresh

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.reads import Reads


@pytest.fixture
def customers(engine: AsyncEngine) -> PostgresCustomers:
    return PostgresCustomers(engine)


def an_email() -> str:
    return f"{fresh('Ada')}@example.com"


async def test_a_customer_is_stored_under_the_id_given_or_one_made_here(
    customers: PostgresCustomers, reads: Reads
) -> None:
    given = await customers.create(fresh("ada"), "Ada", an_email(), "+1 555")
    made = await customers.create(None, "Ada", an_email(), None)

    found = await reads.customers_by_ids([made.id, given.id, fresh("nobody")])
    assert sorted(found, key=lambda customer: customer.id) == sorted(
        [made, given], key=lambda customer: customer.id
    )
    assert given.phone == "+1 555"
    assert given.created_at.tzinfo is not None


async def test_the_same_customer_again_is_the_stored_one(customers: PostgresCustomers) -> None:
    details = (fresh("ada"), "Ada", an_email(), None)

    created = await asyncio.gather(*(customers.create(*details) for _ in range(10)))

    assert len(set(created)) == 1


async def test_a_taken_id_with_other_details_is_a_conflict(customers: PostgresCustomers) -> None:
    ada = await customers.create(fresh("ada"), "Ada", an_email(), None)

    with pytest.raises(CustomerConflict) as conflict:
        await customers.create(ada.id, "Ada", ada.email, "+1 555")
    assert conflict.value.customer_id == ada.id


async def test_an_email_is_one_customers_letter_case_aside(customers: PostgresCustomers) -> None:
    ada = await customers.create(None, "Ada", an_email(), None)

    with pytest.raises(EmailTaken) as taken:
        await customers.create(None, "Ada", ada.email.upper(), None)
    assert taken.value.email == ada.email.upper()

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from orchestration.domain.states import EventType
from persistence.customers import (
    CustomerConflict,
    CustomerHasOrders,
    EmailTaken,
    PostgresCustomers,
)
from tests.support.orders import make_order
from tests.support.timelines import Timeline, create_customer, unique_id

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.ledger import PostgresLedger
    from persistence.reads import Reads


@pytest.fixture
def customers(engine: AsyncEngine) -> PostgresCustomers:
    return PostgresCustomers(engine)


def an_email() -> str:
    return f"{unique_id('Ada')}@example.com"


async def test_a_customer_is_stored_under_the_given_or_a_generated_id(
    customers: PostgresCustomers, reads: Reads
) -> None:
    given = await customers.create(unique_id("ada"), "Ada", an_email(), "+1 555")
    made = await customers.create(None, "Ada", an_email(), None)

    found = await reads.customers_by_ids([made.id, given.id, unique_id("nobody")])
    assert sorted(found, key=lambda customer: customer.id) == sorted(
        [made, given], key=lambda customer: customer.id
    )
    assert given.phone == "+1 555"
    assert given.created_at.tzinfo is not None


async def test_creating_the_same_customer_again_returns_the_stored_one(
    customers: PostgresCustomers,
) -> None:
    details = (unique_id("ada"), "Ada", an_email(), None)

    created = await asyncio.gather(*(customers.create(*details) for _ in range(10)))

    assert len(set(created)) == 1


async def test_of_concurrent_calls_one_stores_a_customer_and_the_others_find_it(
    customers: PostgresCustomers,
) -> None:
    email = an_email()

    found = await asyncio.gather(
        *(
            customers.find_or_create(f"Ada {number}", email.upper() if number % 2 else email, None)
            for number in range(10)
        )
    )

    assert len(set(found)) == 1
    assert await customers.find_or_create("Grace", email, "+1 555") == found[0]


async def test_creating_a_customer_under_a_taken_id_with_other_details_is_a_conflict(
    customers: PostgresCustomers,
) -> None:
    ada = await customers.create(unique_id("ada"), "Ada", an_email(), None)

    with pytest.raises(CustomerConflict) as conflict:
        await customers.create(ada.id, "Ada", ada.email, "+1 555")
    assert conflict.value.customer_id == ada.id


async def test_two_customers_cannot_have_the_same_email_in_different_case(
    customers: PostgresCustomers,
) -> None:
    ada = await customers.create(None, "Ada", an_email(), None)

    with pytest.raises(EmailTaken) as taken:
        await customers.create(None, "Ada", ada.email.upper(), None)
    assert taken.value.email == ada.email.upper()


async def test_an_update_keeps_the_fields_that_it_omits(customers: PostgresCustomers) -> None:
    ada = await customers.create(None, "Ada", an_email(), "+1 555")

    named = await customers.update(ada.id, {"name": "Countess Ada"})
    silent = await customers.update(ada.id, {"phone": None})

    assert named is not None
    assert silent is not None
    assert (named.name, named.email, named.phone) == ("Countess Ada", ada.email, "+1 555")
    assert (silent.name, silent.email, silent.phone) == ("Countess Ada", ada.email, None)
    assert silent.created_at == ada.created_at
    assert ada.updated_at < named.updated_at < silent.updated_at


async def test_an_update_without_a_new_value_does_not_change_updated_at(
    customers: PostgresCustomers, reads: Reads
) -> None:
    ada = await customers.create(None, "Ada", an_email(), None)

    assert await customers.update(ada.id, {}) == ada
    same = await customers.update(ada.id, {"name": "Ada", "email": ada.email, "phone": None})

    assert same == ada
    assert await reads.customers_by_ids([ada.id]) == [ada]


async def test_concurrent_updates_of_different_fields_are_all_kept(
    customers: PostgresCustomers,
) -> None:
    for _ in range(10):
        ada = await customers.create(None, "Ada", an_email(), None)
        email = an_email()

        changed = await asyncio.gather(
            customers.update(ada.id, {"name": "Countess Ada"}),
            customers.update(ada.id, {"email": email}),
            customers.update(ada.id, {"phone": "+1 555"}),
        )

        now = await customers.update(ada.id, {})
        assert now is not None
        assert (now.name, now.email, now.phone) == ("Countess Ada", email, "+1 555")
        assert now.updated_at == max(
            customer.updated_at for customer in changed if customer is not None
        )


async def test_an_update_cannot_take_another_customers_email(customers: PostgresCustomers) -> None:
    ada = await customers.create(None, "Ada", an_email(), None)
    eve = await customers.create(None, "Eve", an_email(), None)

    with pytest.raises(EmailTaken) as taken:
        await customers.update(eve.id, {"name": "Ada", "email": ada.email.upper()})
    own = await customers.update(ada.id, {"email": ada.email.upper()})

    assert taken.value.email == ada.email.upper()
    assert own is not None
    assert own.email == ada.email.upper()
    assert await customers.update(eve.id, {}) == eve


async def test_an_unknown_customer_is_neither_updated_nor_deleted(
    customers: PostgresCustomers,
) -> None:
    assert await customers.update(unique_id("nobody"), {"name": "Ada"}) is None
    assert not await customers.delete(unique_id("nobody"))


async def test_the_id_and_email_of_a_deleted_customer_can_be_used_again(
    customers: PostgresCustomers, reads: Reads
) -> None:
    ada = await customers.create(None, "Ada", an_email(), None)

    assert await customers.delete(ada.id)

    assert await reads.customers_by_ids([ada.id]) == []
    assert (await customers.create(ada.id, "Eve", ada.email, None)).name == "Eve"


async def test_a_customer_with_orders_cannot_be_deleted(
    customers: PostgresCustomers, ledger: PostgresLedger, reads: Reads, timeline: Timeline
) -> None:
    await ledger.record(timeline.batch(1, 4))
    customer_id = timeline.order.request.customer_id

    with pytest.raises(CustomerHasOrders) as refused:
        await customers.delete(customer_id)

    assert refused.value.customer_id == customer_id
    assert [found.id for found in await reads.customers_by_ids([customer_id])] == [customer_id]


async def test_a_deletion_and_a_concurrent_first_batch_of_an_order_see_each_other(
    engine: AsyncEngine, customers: PostgresCustomers, ledger: PostgresLedger, reads: Reads
) -> None:
    async def deleted_if_possible(customer_id: str) -> bool:
        try:
            return await customers.delete(customer_id)
        except CustomerHasOrders:
            return False

    for _ in range(30):
        customer = await create_customer(engine)
        timeline = Timeline(make_order(customer_id=customer.id)).add(EventType.ORDER_RECEIVED)
        recorded, deleted = await asyncio.gather(
            ledger.record(timeline.batch(1, 1)), deleted_if_possible(customer.id)
        )

        assert recorded.customer_exists is not deleted
        assert await reads.order(timeline.order.id) is not None
        assert (await reads.customers_by_ids([customer.id]) == []) is deleted

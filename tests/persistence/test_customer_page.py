"""Search and pages of customers, and pages of orders per customer."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from sqlalchemy import event, text

from orchestration.domain.states import OrderState
from persistence.customers import PostgresCustomers
from persistence.reads import Page, Reads, Slice, SortField, customer_keyset, keyset
from tests.support.orders import make_order
from tests.support.pages import all_pages
from tests.support.timelines import NOON, UNTIL_PAID, Timeline, create_customer, unique_id

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.ledger import PostgresLedger
    from persistence.rows import StoredCustomer, StoredOrder

SECOND = timedelta(seconds=1)
NINE = Slice(limit=9)


class Guests(NamedTuple):
    """Five customers in the order of creation, and a text that only their emails contain."""

    mark: str
    customers: list[StoredCustomer]


@pytest.fixture(scope="module")
async def guests(engine: AsyncEngine) -> Guests:
    mark = unique_id("guest")
    writer = PostgresCustomers(engine)
    names = ["Åsa Öberg", "100% Straße", "under_score", "O'Hara\\ /", f"Who else, {mark.upper()}?"]
    customers = [
        await writer.create(None, name, f"{number}+{mark.title()}@Example.com", None)
        for number, name in enumerate(names)
    ]
    return Guests(mark, customers)


def ids(found: list[StoredCustomer]) -> list[str]:
    return [customer.id for customer in found]


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_pages_in_either_direction_contain_each_customer_once_latest_first(
    reads: Reads, guests: Guests, *, backward: bool, limit: int
) -> None:
    pages = await all_pages(
        partial(reads.customers_page, guests.mark),
        Slice(limit=limit, backward=backward),
        customer_keyset,
    )

    assert [customer for page in pages for customer in page.nodes] == guests.customers[::-1]
    assert await reads.customers_count(guests.mark) == 5


@pytest.mark.parametrize(
    ("search", "numbers"),
    [
        ("åSA ö", {0}),
        ("strasse", {1}),
        ("0% s", {1}),
        ("r_s", {2}),
        ("100_", set()),
        ("%", {1}),
        ("_", {2}),
        ("a\\", {3}),
        ("/", {3}),
        ("o'h", {3}),
        ("who else", {4}),
        ("3+", {3}),
        ("@EXAMPLE.c", {0, 1, 2, 3, 4}),
    ],
)
async def test_customers_are_found_by_any_part_of_name_or_email_in_any_case(
    reads: Reads, guests: Guests, search: str, numbers: set[int]
) -> None:
    guest_ids = ids(guests.customers)

    found = await reads.customers_page(search, Slice(limit=1000))

    found_ids = ids(found.nodes)
    assert {guest_ids.index(id_) for id_ in found_ids if id_ in guest_ids} == numbers
    assert await reads.customers_count(search) == len(found.nodes)


async def test_an_updated_customer_is_found_by_its_new_values_only(
    engine: AsyncEngine, reads: Reads
) -> None:
    writer = PostgresCustomers(engine)
    before, after, email = (
        unique_id("before"),
        unique_id("after"),
        f"{unique_id('mail')}@example.com",
    )
    ada = await writer.create(None, before, f"{before}@example.com", None)

    await writer.update(ada.id, {"name": after.upper()})
    assert ids((await reads.customers_page(after, NINE)).nodes) == [ada.id]
    assert ids((await reads.customers_page(before, NINE)).nodes) == [ada.id]
    await writer.update(ada.id, {"email": email})
    assert ids((await reads.customers_page(email, NINE)).nodes) == [ada.id]
    assert await reads.customers_page(before, NINE) == Page([], False, False)


async def test_a_customer_search_uses_its_index(engine: AsyncEngine, reads: Reads) -> None:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        await reads.customers_count("lovelace")
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    statement = statements[0].replace("$1::VARCHAR", "'%lovelace%'").replace("$2::VARCHAR", "'%x%'")
    async with engine.connect() as connection:
        await connection.execute(text("SET enable_seqscan = off"))
        try:
            plan = await connection.exec_driver_sql(f"EXPLAIN {statement}")
            assert "customers_search_idx" in str(plan.all())
        finally:
            await connection.execute(text("RESET enable_seqscan"))


class Owners(NamedTuple):
    """Three customers, with three, one and no orders. Each one's orders are listed latest first."""

    ids: list[str]
    orders: list[list[StoredOrder]]


@pytest.fixture
async def owners(engine: AsyncEngine, ledger: PostgresLedger, reads: Reads) -> Owners:
    owners = Owners([], [])
    for number in (3, 1, 0):
        owner = (await create_customer(engine)).id
        rows = []
        for second in range(number):
            timeline = Timeline(make_order(customer_id=owner), placed_at=NOON + second * SECOND)
            timeline.add(*UNTIL_PAID[: 1 + second % 2])
            await ledger.record(timeline.batch(1, len(timeline.events)))
            rows += await reads.orders_by_ids([timeline.order.id])
        owners.ids.append(owner)
        owners.orders.append(rows[::-1])
    return owners


async def test_each_customer_gets_a_separate_page_of_orders(reads: Reads, owners: Owners) -> None:
    many, one, none = owners.ids

    first = await reads.customer_order_pages(owners.ids, Slice(limit=2))
    cursor = keyset(first[many].nodes[-1], SortField.CREATED_AT)
    second = await reads.customer_order_pages(owners.ids, Slice(limit=2, cursor=cursor))
    last = await reads.customer_order_pages(owners.ids, Slice(limit=2, backward=True))

    assert first == {
        many: Page(owners.orders[0][:2], has_next=True, has_previous=False),
        one: Page(owners.orders[1], has_next=False, has_previous=False),
        none: Page([], has_next=False, has_previous=False),
    }
    assert second[many] == Page(owners.orders[0][2:], has_next=False, has_previous=True)
    assert second[none] == Page([], has_next=False, has_previous=False)
    assert last == {
        many: Page(owners.orders[0][1:], has_next=False, has_previous=True),
        one: first[one],
        none: first[none],
    }


async def test_orders_are_counted_per_customer_and_state(reads: Reads, owners: Owners) -> None:
    many, one, none = owners.ids

    assert await reads.customer_state_counts(owners.ids) == {
        many: {OrderState.RECEIVED: 2, OrderState.VALIDATED: 1},
        one: {OrderState.RECEIVED: 1},
        none: {},
    }

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import ref

import pytest
from sqlalchemy import text

from orchestration.domain.order import LineItem, Priority
from orchestration.domain.states import EventType, OrderState
from persistence.engine import connected, plan_each_time
from persistence.ledger import PostgresLedger
from persistence.order_page import page_statement
from persistence.reads import Keyset, OrderFilter, Page, PageQuery, Reads, SortField, keyset
from tests.support.orders import make_order
from tests.support.pages import all_pages
from tests.support.timelines import NOON, UNTIL_PAID, Timeline, create_customer, unique_id

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.rows import StoredOrder

SECOND = timedelta(seconds=1)


class SevenOrders(NamedTuple):
    """Seven orders of one customer, with ties in every field that orders can be sorted by."""

    customer_id: str
    orders: list[StoredOrder]


@pytest.fixture(scope="module")
async def seven(engine: AsyncEngine) -> SevenOrders:
    ledger, reads = PostgresLedger(engine), Reads(engine)
    customer = await create_customer(engine)
    for number in range(7):
        order = make_order(
            customer_id=customer.id,
            request={
                "items": [LineItem("sku", 1, (900, 10_000, 20)[number % 3])],
                "currency": "JPY" if number % 3 == 2 else "USD",
                "priority": Priority.URGENT if number < 2 else Priority.NORMAL,
            },
            customer_name=f"Åsa 100%_{number} O'Hara\\",
        )
        timeline = Timeline(order, placed_at=NOON + number // 2 * SECOND)
        timeline.add(*UNTIL_PAID[: 1 + number % 2])
        await ledger.record(timeline.batch(1, len(timeline.events)))
    found = await reads.page(page_query(OrderFilter(customer_id=customer.id), limit=100))
    assert len(found.nodes) == 7
    return SevenOrders(customer.id, found.nodes)


def page_query(
    filter_: OrderFilter, *, limit: int, field: SortField = SortField.CREATED_AT
) -> PageQuery:
    return PageQuery(filter=filter_, sort_field=field, descending=False, limit=limit)


def ids(orders: list[StoredOrder]) -> list[str]:
    return [stored.order.id for stored in orders]


ALL_SORTS_AND_DIRECTIONS = [
    PageQuery(
        filter=OrderFilter(),
        sort_field=field,
        descending=descending,
        limit=limit,
        backward=backward,
    )
    for field in SortField
    for descending in (False, True)
    for backward in (False, True)
    for limit in (1, 2, 3, 7)
]


@pytest.mark.parametrize("query", ALL_SORTS_AND_DIRECTIONS)
async def test_pages_in_either_direction_contain_each_order_once_in_sorted_order(
    reads: Reads, seven: SevenOrders, query: PageQuery
) -> None:
    def position(stored: StoredOrder) -> tuple[Any, str]:
        place = keyset(stored, query.sort_field)
        return place.value, place.id

    following = replace(query, filter=OrderFilter(customer_id=seven.customer_id))
    pages = await all_pages(reads.page, following, lambda stored: keyset(stored, query.sort_field))

    read = [stored for page in pages for stored in page.nodes]
    assert ids(read) == ids(sorted(seven.orders, key=position, reverse=query.descending))


async def test_totals_are_sorted_numerically_in_major_units(
    reads: Reads, seven: SevenOrders
) -> None:
    query = page_query(OrderFilter(customer_id=seven.customer_id), limit=100, field=SortField.TOTAL)

    page = await reads.page(query)

    amounts = [stored.order.request.total.amount for stored in page.nodes]
    assert amounts == [*[Decimal(9)] * 3, *[Decimal(20)] * 2, *[Decimal(100)] * 2]


async def test_a_cursor_works_without_an_order_at_its_position(
    reads: Reads, seven: SevenOrders
) -> None:
    filter_ = OrderFilter(customer_id=seven.customer_id)
    early, late = datetime(1999, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)

    before_all = await reads.page(replace(page_query(filter_, limit=3), cursor=Keyset(early, "x")))
    after_all = await reads.page(replace(page_query(filter_, limit=3), cursor=Keyset(late, "x")))

    assert (ids(before_all.nodes), before_all.has_next, before_all.has_previous) == (
        ids(seven.orders[:3]),
        True,
        False,
    )
    assert after_all == Page([], has_next=False, has_previous=True)


async def test_a_page_without_matching_orders_is_empty(reads: Reads) -> None:
    for backward in (False, True):
        query = page_query(OrderFilter(customer_id=unique_id("nobody")), limit=3)
        page = await reads.page(replace(query, backward=backward))
        assert page == Page([], has_next=False, has_previous=False)


@pytest.mark.parametrize(
    ("filter_", "numbers"),
    [
        (OrderFilter(), [0, 1, 2, 3, 4, 5, 6]),
        (OrderFilter(ids=[]), []),
        (OrderFilter(states=[OrderState.VALIDATED]), [1, 3, 5]),
        (OrderFilter(states=[OrderState.VALIDATED, OrderState.RECEIVED]), [0, 1, 2, 3, 4, 5, 6]),
        (OrderFilter(states=[]), []),
        (OrderFilter(priorities=[Priority.URGENT, Priority.HIGH]), [0, 1]),
        (OrderFilter(customer_name="åSA"), [0, 1, 2, 3, 4, 5, 6]),
        (OrderFilter(customer_name="0%_3 o'h"), [3]),
        (OrderFilter(customer_name="%3"), []),
        (OrderFilter(customer_name="100__3"), []),
        (OrderFilter(customer_name="hara\\"), [0, 1, 2, 3, 4, 5, 6]),
        (OrderFilter(customer_name="/"), []),
        (OrderFilter(total_from=Decimal(20)), [1, 2, 4, 5]),
        (OrderFilter(total_from=Decimal("20.01")), [1, 4]),
        (OrderFilter(total_to=Decimal(20)), [0, 2, 3, 5, 6]),
        (OrderFilter(total_from=Decimal(9), total_to=Decimal("9.00")), [0, 3, 6]),
        (OrderFilter(created_from=NOON + SECOND), [2, 3, 4, 5, 6]),
        (OrderFilter(created_to=NOON + SECOND), [0, 1, 2, 3]),
        (OrderFilter(created_to=NOON + SECOND, priorities=[Priority.NORMAL]), [2, 3]),
    ],
)
async def test_orders_must_meet_every_condition_of_a_filter(
    reads: Reads, seven: SevenOrders, filter_: OrderFilter, numbers: list[int]
) -> None:
    filter_ = replace(filter_, customer_id=seven.customer_id)

    page = await reads.page(page_query(filter_, limit=100))

    names = sorted(stored.order.customer_name for stored in page.nodes)
    assert names == [f"Åsa 100%_{number} O'Hara\\" for number in numbers]
    assert await reads.count(filter_) == len(numbers)


async def test_a_filter_by_ids_ignores_unknown_ids(reads: Reads, seven: SevenOrders) -> None:
    some = ids(seven.orders[2:4])

    page = await reads.page(page_query(OrderFilter(ids=[*some, unique_id("order")]), limit=100))

    assert ids(page.nodes) == some


async def test_counts_per_state_ignore_the_states_of_the_filter(
    reads: Reads, seven: SevenOrders
) -> None:
    filter_ = OrderFilter(customer_id=seven.customer_id, states=[OrderState.FAILED])

    assert await reads.state_counts(filter_) == {OrderState.RECEIVED: 4, OrderState.VALIDATED: 3}
    assert await reads.count(filter_) == 0


async def test_orders_with_an_unknown_currency_are_sorted_by_total_too(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await create_customer(engine)
    for _ in range(2):
        timeline = Timeline(make_order(customer_id=customer.id, request={"currency": "???"})).add(
            EventType.ORDER_RECEIVED
        )
        await ledger.record(timeline.batch(1, 1))
    query = page_query(OrderFilter(customer_id=customer.id), limit=1, field=SortField.TOTAL)

    first = await reads.page(query)
    second = await reads.page(replace(query, cursor=keyset(first.nodes[0], SortField.TOTAL)))

    assert first.has_next
    assert len({*ids(first.nodes), *ids(second.nodes)}) == 2


async def test_plan_each_time_disables_generic_plans_on_its_connection(engine: AsyncEngine) -> None:
    async with connected(engine) as connection:
        await plan_each_time(connection)
        mode = await connection.scalar(text("SHOW plan_cache_mode"))
    assert mode == "force_custom_plan"


async def test_a_filter_that_repeats_a_state_returns_each_order_once(
    reads: Reads, seven: SevenOrders
) -> None:
    states = list({stored.snapshot.state for stored in seven.orders})
    once = await reads.page(page_query(OrderFilter(states=states), limit=100))
    twice = await reads.page(page_query(OrderFilter(states=states * 2), limit=100))
    assert ids(twice.nodes) == ids(once.nodes)
    assert len(ids(once.nodes)) == len(set(ids(once.nodes)))


def test_the_cache_of_statements_is_bounded() -> None:
    values: dict[str, Any] = {
        "ids": ["o"],
        "states": [OrderState.PAID],
        "customer_id": "c",
        "customer_name": "a",
        "priorities": [Priority.HIGH],
        "total_from": Decimal(1),
        "total_to": Decimal(2),
        "created_from": NOON,
        "created_to": NOON,
    }
    shapes = [*chain.from_iterable(combinations(values, size) for size in range(len(values) + 1))]
    statements: list[ref[Any]] = []
    for names in shapes:
        filter_ = OrderFilter(**{name: values[name] for name in names})
        statement, _ = page_statement(page_query(filter_, limit=1))
        statements.append(ref(statement))
        del statement
    gc.collect()
    kept = sum(statement() is not None for statement in statements)
    assert 0 < kept < len(shapes) / 2

"""Every filter and sort order, on two hundred orders of mixed priorities and totals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from orchestration.domain.order import LineItem, Priority
from orchestration.domain.states import EventType
from persistence.customers import PostgresCustomers
from persistence.ledger import PostgresLedger
from tests.support import operations
from tests.support.orders import make_order
from tests.support.timelines import NOON, Timeline, unique_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.support.api_client import ApiClient

Json = dict[str, Any]

COUNT = 200
CANCELLED_EVERY = 20
PRIORITIES = [Priority(name) for name in ("NORMAL", "HIGH", "URGENT", "NORMAL", "HIGH")]
IN_REVIEW = (EventType.ORDER_RECEIVED, EventType.ORDER_VALIDATED, EventType.REVIEW_STARTED)
CANCELLED = (EventType.ORDER_RECEIVED, EventType.UNDO_STARTED, EventType.ORDER_CANCELLED)
NAMES = ["Grace Hopper", "Zoë 100%_Straße", "O'Hara\\", "grace Kelly"]


@dataclass(frozen=True)
class Known:
    """An order, as the test wrote it."""

    id: str
    customer_id: str
    name: str
    priority: str
    total: Decimal
    state: str
    created_at: datetime


@dataclass(frozen=True)
class Shop:
    orders: list[Known]

    @property
    def customers(self) -> list[str]:
        return list(dict.fromkeys(order.customer_id for order in self.orders))

    def everything(self) -> Json:
        return {"ids": [order.id for order in self.orders]}


@pytest_asyncio.fixture(scope="module")
async def shop(engine: AsyncEngine) -> Shop:
    """Write the orders without running their workflows, since lists read only the record.

    Two orders each have the same creation time.
    """
    customers = [unique_id("customer") for _ in NAMES]
    for customer_id, name in zip(customers, NAMES, strict=True):
        email = f"{customer_id}@example.com"
        await PostgresCustomers(engine).create(customer_id, name, email, None)
    prefix = unique_id("order")
    orders = []
    for number in range(COUNT):
        customer = number % len(customers)
        cancelled = number % CANCELLED_EVERY == 0
        price = number % 25 * 100 + 25
        order = make_order(
            id=f"{prefix}-{number:03}",
            customer_id=customers[customer],
            customer_name=NAMES[customer],
            request={
                "items": [LineItem(sku="CUP", quantity=1, unit_price=price)],
                "priority": PRIORITIES[number % len(PRIORITIES)],
            },
        )
        timeline = Timeline(order, placed_at=NOON + timedelta(seconds=number // 2))
        timeline.add(*(CANCELLED if cancelled else IN_REVIEW))
        await PostgresLedger(engine).record(timeline.batch(1, 3))
        orders.append(
            Known(
                order.id,
                customers[customer],
                NAMES[customer],
                PRIORITIES[number % len(PRIORITIES)],
                Decimal(price) / 100,
                timeline.snapshots[-1].state,
                timeline.placed_at,
            )
        )
    return Shop(orders)


async def found(api: ApiClient, wanted: Json, **sort: str) -> list[str]:
    """Return the IDs of all pages, and check the total count."""
    passed: list[str] = []
    page: Json = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        after = page["pageInfo"]["endCursor"]
        page = await api.field(
            operations.ORDERS, filter=wanted, sort=sort or None, first=90, after=after
        )
        passed += [node["id"] for node in page["nodes"]]
    assert page["totalCount"] == len(passed)
    return passed


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        ({}, lambda _: True),
        ({"states": ["CANCELLED"]}, lambda o: o.state == "CANCELLED"),
        ({"states": ["CANCELLED", "AWAITING_APPROVAL"]}, lambda _: True),
        ({"states": ["COMPLETED"]}, lambda _: False),
        ({"states": []}, lambda _: False),
        ({"priorities": ["URGENT"]}, lambda o: o.priority == "URGENT"),
        ({"priorities": ["HIGH", "NORMAL"]}, lambda o: o.priority != "URGENT"),
        ({"priorities": []}, lambda _: False),
        ({"customerName": "GRACE"}, lambda o: "race" in o.name),
        ({"customerName": "e hop"}, lambda o: o.name == "Grace Hopper"),
        ({"customerName": "zOË"}, lambda o: "Zoë" in o.name),
        ({"customerName": "strasse"}, lambda o: "Straße" in o.name),
        ({"customerName": "0%_S"}, lambda o: "%_" in o.name),
        ({"customerName": "%"}, lambda o: "%" in o.name),
        ({"customerName": "_"}, lambda o: "_" in o.name),
        ({"customerName": "%hara"}, lambda _: False),
        ({"customerName": "'HARA\\"}, lambda o: "O'Hara" in o.name),
        ({"customerName": ""}, lambda _: True),
        ({"currency": "USD", "total": {"from": "20.25"}}, lambda o: o.total >= Decimal("20.25")),
        ({"currency": "USD", "total": {"to": "4.25"}}, lambda o: o.total <= Decimal("4.25")),
        ({"currency": "USD", "total": {"from": 7, "to": 8}}, lambda o: o.total == Decimal("7.25")),
        ({"currency": "USD", "total": {"from": "8.00", "to": "7.00"}}, lambda _: False),
        ({"currency": "USD", "total": {}}, lambda _: True),
        ({"currency": "USD"}, lambda _: True),
        ({"currency": "EUR"}, lambda _: False),
        ({"sku": "CUP"}, lambda _: True),
        ({"sku": "CU"}, lambda _: False),
        ({"paymentStatuses": ["PENDING", "VOIDED"]}, lambda _: True),
        ({"paymentStatuses": ["CHARGED"]}, lambda _: False),
        ({"failureCodes": ["CANCELLED"]}, lambda _: False),
        ({"updatedAt": {"from": "2020-01-01T00:00:00Z"}}, lambda _: True),
        ({"updatedAt": {"to": "2020-01-01T00:00:00Z"}}, lambda _: False),
        ({"createdAt": {"to": "2020-01-01T00:00:00+01:00"}}, lambda _: False),
        ({"createdAt": {"from": "2020-01-01T00:00:00Z", "to": None}}, lambda _: True),
    ],
)
async def test_every_filter_finds_exactly_its_orders(
    api: ApiClient, shop: Shop, wanted: Json, matches: Callable[[Known], bool]
) -> None:
    ids = await found(api, {**shop.everything(), **wanted})
    assert sorted(ids) == [order.id for order in shop.orders if matches(order)]


async def test_orders_are_found_by_their_ids_and_by_their_customer(
    api: ApiClient, shop: Shop
) -> None:
    some = [order.id for order in shop.orders[3:6]]
    assert sorted(await found(api, {"ids": [*some, some[0], "nobody", "\x00"]})) == some
    assert await found(api, {"ids": []}) == []
    mine = [order.id for order in shop.orders if order.customer_id == shop.customers[1]]
    assert sorted(await found(api, {"customerId": shop.customers[1]})) == mine
    assert await found(api, {"customerId": "nobody"}) == []


async def test_the_bounds_of_a_time_range_are_inclusive(api: ApiClient, shop: Shop) -> None:
    times = sorted(order.created_at for order in shop.orders)
    bounds = {"from": times[50].isoformat(), "to": times[149].isoformat()}
    ids = await found(api, {**shop.everything(), "createdAt": bounds})
    between = [o.id for o in shop.orders if times[50] <= o.created_at <= times[149]]
    assert sorted(ids) == between
    assert len(ids) >= 100


async def test_filters_are_combined_with_and(api: ApiClient, shop: Shop) -> None:
    wanted = {
        "ids": [order.id for order in shop.orders[:160]],
        "states": ["AWAITING_APPROVAL"],
        "customerId": shop.customers[0],
        "customerName": "hopper",
        "priorities": ["NORMAL", "URGENT"],
        "currency": "USD",
        "total": {"from": "5", "to": "20"},
        "sku": "CUP",
        "paymentStatuses": ["PENDING"],
        "updatedAt": {"from": "2020-01-01T00:00:00Z", "to": "2120-01-01T00:00:00Z"},
        "createdAt": {"from": "2020-01-01T00:00:00Z", "to": "2120-01-01T00:00:00Z"},
    }
    expected = [
        order.id
        for order in shop.orders[:160]
        if order.state == "AWAITING_APPROVAL"
        and order.name == "Grace Hopper"
        and order.priority != "HIGH"
        and 5 <= order.total <= 20
    ]
    assert sorted(await found(api, wanted)) == expected
    assert expected


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("CREATED_AT", lambda order: (order.created_at, order.id)),
        ("TOTAL", lambda order: (order.total, order.id)),
    ],
)
async def test_every_sort_key_works_in_both_directions(
    api: ApiClient, shop: Shop, field: str, key: Callable[[Known], Any]
) -> None:
    ascending = [order.id for order in sorted(shop.orders, key=key)]
    everything = {**shop.everything(), "currency": "USD"}
    assert await found(api, everything, field=field, direction="ASC") == ascending
    assert await found(api, everything, field=field, direction="DESC") == ascending[::-1]


async def test_sorting_by_update_time_puts_the_latest_change_last(
    api: ApiClient, shop: Shop
) -> None:
    query = """query ($filter: OrderFilter, $first: Int, $after: String) {
        orders(filter: $filter, first: $first, after: $after,
               sort: {field: UPDATED_AT, direction: ASC}) {
          nodes { updatedAt } pageInfo { endCursor } } }"""
    first = await api.field(query, filter=shop.everything(), first=100)
    after = first["pageInfo"]["endCursor"]
    second = await api.field(query, filter=shop.everything(), first=100, after=after)
    times = [node["updatedAt"] for node in first["nodes"] + second["nodes"]]
    assert len(times) == COUNT
    assert times == sorted(times)


async def test_counts_per_state_ignore_the_state_filter_alone(api: ApiClient, shop: Shop) -> None:
    query = """query ($filter: OrderFilter) {
        orders(filter: $filter, first: 1) { totalCount stateCounts { state count } } }"""
    urgent = {**shop.everything(), "priorities": ["NORMAL"]}
    assert await api.field(query, filter={**urgent, "states": ["CANCELLED"]}) == {
        "totalCount": 10,
        "stateCounts": [
            {"state": "AWAITING_APPROVAL", "count": 70},
            {"state": "CANCELLED", "count": 10},
        ],
    }
    nothing = await api.field(query, filter={"ids": []})
    assert nothing == {"totalCount": 0, "stateCounts": []}

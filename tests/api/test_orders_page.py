"""Lists of orders and customers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import event

from tests.api import operations

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.api.client import ApiClient

Json = dict[str, Any]

PRICES = ["3.00", "1.00", "2.00", "2.00", "5.00"]


@pytest_asyncio.fixture(scope="module")
async def customer(api: ApiClient) -> Json:
    """Somebody with five orders in review, each of another total but for two."""
    customer_id = f"list-{uuid4().hex}"
    given = {"id": customer_id, "name": "Grace Hopper", "email": f"{customer_id}@example.com"}
    saved = (await api.data(operations.CREATE_CUSTOMER, input=given))["createCustomer"]
    ids = []
    for number, price in enumerate(PRICES):
        order_id = f"{customer_id}-{number}"
        ids.append(order_id)
        await api.start({
            "id": order_id,
            "customerId": customer_id,
            "items": [{"sku": "CUP", "quantity": 1, "unitPrice": price}],
            "priority": "URGENT" if number == 0 else "NORMAL",
            "shippingAddress": {"street": "1 Main St", "city": "Arlington"},
        })
    await asyncio.gather(*(api.reaches(order_id, "AWAITING_APPROVAL") for order_id in ids))
    assert saved["__typename"] == "CustomerSaved"
    return {"id": customer_id, "orders": ids}


async def ids(api: ApiClient, **variables: object) -> list[str]:
    page = (await api.data(operations.ORDERS, **variables))["orders"]
    return [node["id"] for node in page["nodes"]]


@pytest.mark.parametrize("field", ["CREATED_AT", "UPDATED_AT", "TOTAL"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_pages_walk_through_all_in_both_directions(
    api: ApiClient, customer: Json, field: str, direction: str
) -> None:
    asked = {
        "filter": {"customerId": customer["id"]},
        "sort": {"field": field, "direction": direction},
    }
    everything = await ids(api, **asked)
    assert sorted(everything) == sorted(customer["orders"])
    forward: list[str] = []
    after = None
    while True:
        page = (await api.data(operations.ORDERS, **asked, first=2, after=after))["orders"]
        assert page["totalCount"] == 5
        assert page["pageInfo"]["hasPreviousPage"] is bool(forward)
        forward += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    backward: list[str] = []
    before = None
    while True:
        page = (await api.data(operations.ORDERS, **asked, last=2, before=before))["orders"]
        assert page["pageInfo"]["hasNextPage"] is bool(backward)
        backward = [node["id"] for node in page["nodes"]] + backward
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        before = page["pageInfo"]["startCursor"]
    assert forward == backward == everything


async def test_a_cursor_of_another_sort_is_refused(api: ApiClient, customer: Json) -> None:
    wanted = {"customerId": customer["id"]}
    page = (await api.data(operations.ORDERS, filter=wanted, first=1))["orders"]
    cursor = page["pageInfo"]["endCursor"]
    answer = await api.send(operations.ORDERS, filter=wanted, after=cursor, sort={"field": "TOTAL"})
    assert [e["extensions"]["code"] for e in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_filters_narrow_the_list(api: ApiClient, customer: Json) -> None:
    mine = {"customerId": customer["id"]}
    first, second, third, fourth, fifth = customer["orders"]
    ascending = {"sort": {"direction": "ASC"}}
    for wanted, found in (
        ({"priorities": ["URGENT"]}, [first]),
        ({"total": {"min": "2.00", "max": 3}}, [first, third, fourth]),
        ({"states": ["AWAITING_APPROVAL"], "ids": [fifth, second]}, [second, fifth]),
        ({"states": []}, []),
        ({"states": ["COMPLETED"]}, []),
        ({"customerName": "e hOP"}, customer["orders"]),
        ({"customerName": "%"}, []),
        ({"customerName": ""}, customer["orders"]),
        ({"createdAt": {"from": "2020-01-01T00:00:00Z"}}, customer["orders"]),
        ({"createdAt": {"to": "2020-01-01T00:00:00+01:00"}}, []),
    ):
        assert await ids(api, filter={**mine, **wanted}, **ascending) == found, wanted


async def test_a_page_takes_one_statement_a_kind(
    api: ApiClient, customer: Json, engine: AsyncEngine
) -> None:
    query = """query ($filter: OrderFilter) { orders(filter: $filter) { nodes {
        id customer { name } payment { status } events { nodes { type } } } } }"""
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        page = await api.data(query, filter={"customerId": customer["id"]})
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert len(page["orders"]["nodes"]) == 5
    assert all(len(node["events"]["nodes"]) == 3 for node in page["orders"]["nodes"])
    mine = [text for text in statements if "INSERT" not in text and "WITH" not in text]
    assert len(mine) == 4


async def test_a_list_asks_temporal_where_its_side_is_selected(
    api: ApiClient, customer: Json
) -> None:
    query = """query ($filter: OrderFilter) { orders(filter: $filter) { nodes {
        workflow { ...Side } } } }
        fragment Side on OrderWorkflow { status step }"""
    page = await api.data(query, filter={"customerId": customer["id"]})
    assert page["orders"]["nodes"] == [{"workflow": {"status": "RUNNING", "step": "in review"}}] * 5


async def test_a_customers_orders_are_paged(api: ApiClient, customer: Json) -> None:
    query = """query ($id: ID!, $after: String) { customer(id: $id) { name
        orders(first: 3, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } } }"""
    page = (await api.data(query, id=customer["id"]))["customer"]["orders"]
    rest = await api.data(query, id=customer["id"], after=page["pageInfo"]["endCursor"])
    found = page["nodes"] + rest["customer"]["orders"]["nodes"]
    assert [node["id"] for node in found] == customer["orders"][::-1]
    assert page["pageInfo"]["hasNextPage"] is True
    assert await api.data(query, id="nobody") == {"customer": None}


async def test_creating_a_customer_is_safe_to_repeat(api: ApiClient) -> None:
    suffix = uuid4().hex
    given = {"id": f"eve-{suffix}", "name": "Eve", "email": f"eve+{suffix}@example.com"}

    async def create(**changes: object) -> Json:
        answer = await api.data(operations.CREATE_CUSTOMER, input={**given, **changes})
        created: Json = answer["createCustomer"]
        return created

    first = await create()
    assert first["customer"]["phone"] is None
    assert await create() == first
    assert (await create(name="Mallory"))["__typename"] == "CustomerConflict"
    taken = await create(id=f"other-{suffix}", email=given["email"].upper())
    assert (taken["__typename"], taken["email"]) == ("EmailTaken", given["email"].upper())
    wrong = await create(id="a b", name=" ", email="eve", phone="\x00")
    assert [field["path"] for field in wrong["fields"]] == [["id"], ["name"], ["phone"], ["email"]]

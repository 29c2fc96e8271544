"""Pages of orders, in both directions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from tests.support import operations

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

PRICES = ["3.00", "1.00", "2.00", "2.00", "5.00"]


@pytest_asyncio.fixture(scope="module")
async def customer(api: ApiClient) -> Json:
    """A customer with five orders in review, two of which have the same total."""
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
            "currency": "USD",
            "shippingAddress": {"street": "1 Main St", "city": "Arlington", "country": "US"},
        })
    await asyncio.gather(*(api.reaches(order_id, "AWAITING_APPROVAL") for order_id in ids))
    assert saved["__typename"] == "CustomerSaved"
    return {"id": customer_id, "orders": ids}


async def ids(api: ApiClient, **variables: object) -> list[str]:
    page = (await api.data(operations.ORDERS, **variables))["orders"]
    return [node["id"] for node in page["nodes"]]


@pytest.mark.parametrize("field", ["CREATED_AT", "UPDATED_AT", "TOTAL"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_pages_contain_every_order_once_in_both_directions(
    api: ApiClient, customer: Json, field: str, direction: str
) -> None:
    asked = {
        "filter": {"customerId": customer["id"], "currency": "USD"},
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


async def test_a_cursor_of_another_sort_order_is_refused(api: ApiClient, customer: Json) -> None:
    wanted = {"customerId": customer["id"], "currency": "USD"}
    page = (await api.data(operations.ORDERS, filter=wanted, first=1))["orders"]
    cursor = page["pageInfo"]["endCursor"]
    answer = await api.send(operations.ORDERS, filter=wanted, after=cursor, sort={"field": "TOTAL"})
    assert [e["extensions"]["code"] for e in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_sort_by_total_requires_a_currency(api: ApiClient, customer: Json) -> None:
    wanted = {"customerId": customer["id"]}
    answer = await api.send(operations.ORDERS, filter=wanted, sort={"field": "TOTAL"})
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "Set filter.currency" in error["message"]


async def test_a_list_has_the_workflow_fields_that_a_fragment_selects(
    api: ApiClient, customer: Json
) -> None:
    query = """query ($filter: OrderFilter) { orders(filter: $filter) { nodes {
        workflow { ...Side } } } }
        fragment Side on OrderWorkflow { status step }"""
    page = await api.data(query, filter={"customerId": customer["id"]})
    assert page["orders"]["nodes"] == [{"workflow": {"status": "RUNNING", "step": "in review"}}] * 5


async def test_the_orders_of_a_customer_are_paged(api: ApiClient, customer: Json) -> None:
    query = """query ($id: ID!, $after: String) { customer(id: $id) { name
        orders(first: 3, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } } }"""
    page = (await api.data(query, id=customer["id"]))["customer"]["orders"]
    rest = await api.data(query, id=customer["id"], after=page["pageInfo"]["endCursor"])
    found = page["nodes"] + rest["customer"]["orders"]["nodes"]
    assert [node["id"] for node in found] == customer["orders"][::-1]
    assert page["pageInfo"]["hasNextPage"] is True
    assert await api.data(query, id="nobody") == {"customer": None}

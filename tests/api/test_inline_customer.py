"""An order names its customer by email address and name, instead of by ID."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from gql.access.principal import Scope
from tests.support import operations
from tests.support.access_fixtures import bearer, calling_as

if TYPE_CHECKING:
    from gql.access.development_tokens import DevelopmentKey
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

CUSTOMERS = "query ($email: String) { customers(search: $email) { nodes { id name phone } } }"


@pytest.fixture
def inline(new_order: Json) -> Json:
    """A valid startOrder input with a customer that does not exist yet."""
    del new_order["customerId"]
    return {**new_order, "customer": {"name": "Grace", "email": f"g-{uuid4().hex}@example.com"}}


async def customers(api: ApiClient, order: Json) -> list[Json]:
    found = await api.field(CUSTOMERS, email=order["customer"]["email"])
    nodes: list[Json] = found["nodes"]
    return nodes


async def test_a_repeated_start_creates_one_customer_and_one_order(
    api: ApiClient, inline: Json
) -> None:
    answers = await asyncio.gather(*(api.start(inline) for _ in range(5)))
    await api.reaches(inline["id"], "AWAITING_APPROVAL")
    answers.append(await api.start(inline))
    assert {answer["__typename"] for answer in answers} == {"OrderStarted"}
    assert sorted(answer["replayed"] for answer in answers) == [False] + [True] * 5
    [customer] = await customers(api, inline)
    assert customer["name"] == "Grace"
    assert (await api.order(inline["id"]))["customer"]["id"] == customer["id"]


async def test_orders_with_the_same_email_belong_to_one_customer_who_keeps_the_name(
    api: ApiClient, inline: Json
) -> None:
    other = {
        **inline,
        "id": f"order-{uuid4()}",
        "customer": {"name": "G.", "email": inline["customer"]["email"].upper(), "phone": "1"},
    }
    await asyncio.gather(api.start(inline), api.start(other))
    orders = [await api.reaches(one["id"], "AWAITING_APPROVAL") for one in (inline, other)]
    [customer] = await customers(api, inline)
    assert {order["customer"]["id"] for order in orders} == {customer["id"]}
    assert customer["name"] in {"Grace", "G."}


async def test_a_refused_start_creates_no_customer(api: ApiClient, inline: Json) -> None:
    await api.start(inline)
    await api.reaches(inline["id"], "AWAITING_APPROVAL")
    other = {**inline, "customer": {"name": "Eve", "email": f"e-{uuid4().hex}@example.com"}}
    conflict = await api.start(other)
    assert (conflict["__typename"], conflict["differs"]) == ("OrderConflict", ["customerId"])
    taken = await api.start({**other, "id": "x-1", "paymentId": f"pay-{inline['id']}"})
    assert taken["__typename"] == "PaymentConflict"
    invalid = await api.start({**other, "items": []})
    assert [field["path"] for field in invalid["fields"]] == [["items"]]
    assert await customers(api, other) == []


async def test_a_start_needs_a_customer_id_or_valid_details_and_not_both(
    api: ApiClient, inline: Json, customer_id: str
) -> None:
    wrong = await api.start({**inline, "customerId": customer_id})
    assert [field["path"] for field in wrong["fields"]] == [["customer"]]
    wrong = await api.start({**inline, "customer": {"name": " ", "email": "grace"}})
    assert [field["path"] for field in wrong["fields"]] == [
        ["customer", "name"],
        ["customer", "email"],
    ]
    del inline["customer"]
    wrong = await api.start(inline)
    assert [(field["code"], field["path"]) for field in wrong["fields"]] == [
        ("REQUIRED", ["customerId"])
    ]


@pytest.mark.parametrize(
    "scopes",
    [{Scope.ORDERS_START}, {Scope.ORDERS_OWN}, {Scope.ORDERS_OWN, Scope.CUSTOMERS_WRITE}],
)
async def test_an_inline_customer_needs_the_scope_for_writing_customers_and_is_not_for_customers(
    api: ApiClient, closed: ApiClient, key: DevelopmentKey, inline: Json, scopes: set[Scope]
) -> None:
    mine = {"id": f"c-{uuid4().hex}", **inline["customer"]}
    await api.field(operations.CREATE_CUSTOMER, input=mine)
    unknown = {**inline, "customer": {"name": "Eve", "email": f"e-{uuid4().hex}@example.com"}}
    query = "mutation ($input: StartOrderInput!) { startOrder(input: $input) { __typename } }"
    async with calling_as(closed, bearer(key, scopes, mine["id"])) as client:
        for order in (inline, unknown):
            answer = await client.send(query, input=order)
            assert answer["data"] == {"startOrder": None}
            assert answer["errors"][0]["extensions"]["field"] == "StartOrderInput.customer"
    assert await customers(api, unknown) == []
    async with calling_as(closed, bearer(key, {Scope.ORDERS_START, Scope.CUSTOMERS_WRITE})) as shop:
        started = await shop.field(query, input=unknown)
    assert started == {"__typename": "OrderStarted"}
    assert len(await customers(api, unknown)) == 1

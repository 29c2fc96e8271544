"""A customer's token gives access to that customer's orders; all others do not exist for it."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import orjson
import pytest

from gql.access.field_scopes import FIELD_SCOPES
from gql.access.principal import CUSTOMER_SCOPES, Scope
from orchestration.settings import OrchestrationSettings
from tests.support import operations
from tests.support.access_fixtures import bearer, calling_as, closed_api
from tests.support.api_app import order_client
from tests.support.waiting import wait_until

from .test_statement_count import noted_selects

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from gql.access.development_tokens import DevelopmentKey
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

COMMANDS = ["cancelOrder", "updateAddress", "cancelPayment", "confirmDelivery"]


class Customer(NamedTuple):
    """A customer with one order in review. ``mark`` is part of every text that is its own."""

    mark: str
    id: str
    order_id: str
    command_id: str


class Two(NamedTuple):
    mine: Customer
    theirs: Customer


def order_input(owner: Customer, **changes: object) -> Json:
    return {
        "id": owner.order_id,
        "customerId": owner.id,
        "items": [{"sku": owner.mark, "name": owner.mark, "quantity": 1, "unitPrice": "1.00"}],
        "currency": "USD",
        "shippingAddress": {"street": owner.mark, "city": owner.mark, "country": "US"},
        "paymentId": f"pay-{owner.mark}",
        **changes,
    }


def address_input(owner: Customer) -> Json:
    address = {"street": owner.mark, "city": owner.mark, "country": "US"}
    return {"orderId": owner.order_id, "commandId": owner.command_id, "address": address}


async def make_customer(api: ApiClient) -> Customer:
    suffix = uuid4().hex[:12]
    owner = Customer(f"mark{suffix}", f"c-{suffix}", f"o-{suffix}", f"cmd-{suffix}")
    details = {"id": owner.id, "name": owner.mark, "email": f"{owner.mark}@example.com"}
    await api.field(operations.CREATE_CUSTOMER, input=details)
    await api.start(order_input(owner))
    await api.reaches(owner.order_id, "AWAITING_APPROVAL")
    query = "mutation ($input: UpdateAddressInput!) { updateAddress(input: $input) { __typename } }"
    result = await api.field(query, input=address_input(owner))
    assert result == {"__typename": "CommandApplied"}

    async def recorded() -> bool:
        query = "query ($filter: OrderFilter) { orders(filter: $filter) { nodes { sequence } } }"
        page = await api.field(query, filter={"ids": [owner.order_id]})
        return bool(page["nodes"] == [{"sequence": 4}])

    await wait_until(recorded, timeout=30)
    return owner


@pytest.fixture(scope="module")
async def two(api: ApiClient) -> Two:
    return Two(await make_customer(api), await make_customer(api))


@pytest.fixture(scope="module")
async def me(closed: ApiClient, key: DevelopmentKey, two: Two) -> AsyncIterator[ApiClient]:
    """The API, called with the token of the customer ``mine``, who may also reverse payments."""
    authorization = bearer(key, CUSTOMER_SCOPES, two.mine.id)
    async with calling_as(closed, authorization) as client:
        yield client


async def stream(api: ApiClient, query: str, **variables: object) -> AsyncGenerator[Json]:
    """Yield the results of a subscription over server-sent events."""
    headers = {"accept": "text/event-stream"}
    body = {"query": query, "variables": variables}
    async with api.http.stream("POST", "/graphql", json=body, headers=headers) as response:
        assert response.status_code == 200
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                yield orjson.loads(line.removeprefix("data: "))  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller


async def first_result(api: ApiClient, query: str, **variables: object) -> Json:
    async with asyncio.timeout(30), aclosing(stream(api, query, **variables)) as results:
        return await anext(results)


async def test_a_customer_reads_everything_of_its_own_orders(me: ApiClient, two: Two) -> None:
    mine = two.mine
    query = """query ($id: ID!, $customer: ID!, $command: ID!) {
      order(id: $id) { id items { sku } payment { id } customer { name orders { totalCount } }
        events { nodes { type order { id } } } }
      orders { totalCount stateCounts { state count } nodes { id payment { id } } }
      customer(id: $customer) { name
        orders { totalCount nodes { id events { nodes { type } } } } }
      events(first: 3) { totalCount nodes { orderId order { id } } }
      command(orderId: $id, commandId: $command) {
        __typename ... on CommandApplied { order { id } } }
    }"""
    data = await me.data(query, id=mine.order_id, customer=mine.id, command=mine.command_id)

    assert data["order"]["items"] == [{"sku": mine.mark}]
    assert data["order"]["customer"] == {"name": mine.mark, "orders": {"totalCount": 1}}
    assert len(data["order"]["events"]["nodes"]) == 4
    assert data["orders"]["totalCount"] == 1
    assert data["orders"]["stateCounts"] == [{"state": "AWAITING_APPROVAL", "count": 1}]
    assert data["orders"]["nodes"] == [{"id": mine.order_id, "payment": data["order"]["payment"]}]
    [nested] = data["customer"]["orders"]["nodes"]
    assert nested["id"] == mine.order_id
    assert len(nested["events"]["nodes"]) == 4
    event = {"orderId": mine.order_id, "order": {"id": mine.order_id}}
    assert data["events"] == {"totalCount": 4, "nodes": [event] * 3}
    assert data["command"] == {"__typename": "CommandApplied", "order": {"id": mine.order_id}}


async def test_a_customer_follows_its_own_orders(me: ApiClient, two: Two) -> None:
    events = "subscription ($id: ID!) { orderEvents(orderId: $id) { sequence order { id } } }"
    result = await first_result(me, events, id=two.mine.order_id)
    assert result["data"]["orderEvents"] == {"sequence": 1, "order": {"id": two.mine.order_id}}
    progress = "subscription ($id: ID!) { orderProgress(orderId: $id) { id customer { name } } }"
    result = await first_result(me, progress, id=two.mine.order_id)
    assert result["data"]["orderProgress"]["customer"] == {"name": two.mine.mark}


READS = [
    "query Q() { order(id: $id) { id } }",
    """query Q() { command(orderId: $id, commandId: $command) {
      __typename ... on OrderNotFound { orderId message } } }""",
    """query Q() { orders(filter: {ids: [$id]}) {
      totalCount stateCounts { state count } nodes { id } pageInfo { hasNextPage endCursor } } }""",
    """query Q() { orders(filter: {customerId: $id}) {
      totalCount stateCounts { state count } nodes { id } pageInfo { hasNextPage endCursor } } }""",
    """query Q() { events(filter: {orderId: $id}) {
      totalCount nodes { message } pageInfo { hasNextPage endCursor } } }""",
    """query Q() { events(filter: {customerId: $id}, last: 1) {
      totalCount nodes { message } pageInfo { hasNextPage endCursor } } }""",
    """query Q() { orders(filter: {customerName: $mark}) {
      totalCount stateCounts { state count } nodes { id } } }""",
    "query Q() { customer(id: $id) { id orders { totalCount } } }",
    *(
        f"""mutation Q() {{ {command}(input: {{orderId: $id,
        commandId: $command}}) {{ __typename ... on OrderNotFound {{ orderId message }} }} }}"""
        for command in COMMANDS
        if command != "updateAddress"
    ),
    """mutation Q() { updateAddress(input: {orderId: $id,
      commandId: $command, address: {street: "x", city: "y", country: "US"}}) {
      __typename ... on OrderNotFound { orderId message } } }""",
    """mutation Q() { startOrder(input: {customerId: $id,
      items: [{sku: "x", quantity: 1, unitPrice: "1"}],
      currency: "USD", shippingAddress: {street: "x", city: "y", country: "US"}}) {
      __typename ... on CustomerNotFound { customerId message } } }""",
    "subscription Q() { orderEvents(orderId: $id) { sequence } }",
    "subscription Q() { orderProgress(orderId: $id) { id } }",
]


@pytest.mark.parametrize("query", READS)
async def test_what_belongs_to_another_customer_is_answered_as_if_it_did_not_exist(
    me: ApiClient, api: ApiClient, engine: AsyncEngine, two: Two, query: str
) -> None:
    by_customer = "customer" in query
    before = await api.order(two.theirs.order_id)

    async def ask(id_: str, mark: str) -> tuple[str, list[str]]:
        variables = {"id": id_, "command": two.theirs.command_id, "mark": mark}
        used = {name: value for name, value in variables.items() if f"${name}" in query}
        declared = ", ".join(f"${name}: {'String' if name == 'mark' else 'ID!'}" for name in used)
        body = {"query": query.replace("()", f"({declared})", 1), "variables": used}
        accept = "text/event-stream" if query.startswith("subscription") else "application/json"
        with noted_selects(engine) as statements:
            response = await me.http.post("/graphql", json=body, headers={"accept": accept})
        text = re.sub(r'"cost":\d+', "", response.text).replace(id_, "ID")
        return f"{response.status_code} {text}", sorted(statements)

    theirs = await ask(two.theirs.id if by_customer else two.theirs.order_id, two.theirs.mark)
    nobody = await ask("x" + two.theirs.order_id[1:], "x" + two.theirs.mark[1:])

    assert theirs == nobody
    assert theirs[0].startswith("200 ")
    assert two.theirs.mark not in theirs[0]
    assert await api.order(two.theirs.order_id) == before


@pytest.mark.parametrize("root", ["Mutation", "Subscription"])
def test_every_mutation_and_subscription_for_customers_is_tried_on_another_customer(
    root: str,
) -> None:
    """A new one fails until it is added above. Queries are tried by the generated test."""
    allowed = {
        field.removeprefix(f"{root}.")
        for field, scopes in FIELD_SCOPES.items()
        if field.startswith(f"{root}.") and CUSTOMER_SCOPES & scopes
    }
    asked = {name for name in allowed if any(f"{{ {name}(" in query for query in READS)}
    assert allowed - asked <= {"orderFeed"}  # has a test of its own


async def test_the_id_of_another_customers_order_is_taken_and_nothing_else_is_said(
    me: ApiClient, two: Two
) -> None:
    given = order_input(two.mine, id=two.theirs.order_id)
    result = await me.start(given)
    assert result == {
        "__typename": "OrderConflict",
        "orderId": two.theirs.order_id,
        "differs": ["customerId"],
        "message": f"Order {two.theirs.order_id} already exists with different customerId.",
    }


async def test_a_customer_starts_and_commands_its_own_order(
    me: ApiClient, two: Two, api: ApiClient
) -> None:
    order_id = f"o-{uuid4().hex}"
    started = await me.start(order_input(two.mine, id=order_id, paymentId=None))
    assert started["__typename"] == "OrderStarted"
    again = await me.start(order_input(two.mine, id=order_id, paymentId=None))
    assert again["replayed"]
    query = """mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) {
      __typename ... on CommandApplied { order { id } } } }"""
    cancelled = await me.field(query, input={"orderId": order_id})
    assert cancelled == {"__typename": "CommandApplied", "order": {"id": order_id}}
    await api.reaches(order_id, "CANCELLED")


async def test_the_feed_of_a_customer_has_only_its_own_events(
    me: ApiClient, api: ApiClient, two: Two
) -> None:
    cursor = (await api.data("{ orders(first: 1) { feedCursor } }"))["orders"]["feedCursor"]
    new = {owner: f"o-{uuid4().hex}" for owner in two}
    for owner in (two.theirs, two.mine):
        await api.start(order_input(owner, id=new[owner], paymentId=None))
        await api.reaches(new[owner], "AWAITING_APPROVAL")

    feed = """subscription ($after: String, $filter: OrderFilter) {
      orderFeed(after: $after, filter: $filter) { orderId order { id } } }"""
    for filter_ in (None, {"customerId": two.mine.id}):
        results = []
        async with (
            asyncio.timeout(30),
            aclosing(stream(me, feed, after=cursor, filter=filter_)) as s,
        ):
            async for result in s:
                results.append(result["data"]["orderFeed"])
                if len(results) == 3:
                    break
        assert results == [{"orderId": new[two.mine], "order": {"id": new[two.mine]}}] * 3

    theirs = stream(me, feed, after=cursor, filter={"customerId": two.theirs.id})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1), aclosing(theirs) as results_of_theirs:
            await anext(results_of_theirs)


async def test_an_order_without_a_row_is_visible_to_its_customer_only(
    engine: AsyncEngine, temporal_client: Client, key: DevelopmentKey, two: Two
) -> None:
    suffix = uuid4().hex
    without_workers = order_client(
        temporal_client,
        OrchestrationSettings(
            order_task_queue=f"none-{suffix}", shipping_task_queue=f"no-shipping-{suffix}"
        ),
        rpc_timeout=2,
    )
    order_id = f"o-{suffix}"
    queries = [
        "query ($id: ID!) { order(id: $id) { state items { sku } } }",
        """mutation ($id: ID!) { cancelOrder(input: {orderId: $id, commandId: "c"}) {
          __typename ... on CommandPending { order { state } } } }""",
    ]
    async with closed_api(engine, without_workers, key) as api:
        owner = bearer(key, {Scope.ORDERS_OWN}, two.mine.id)
        other = bearer(key, {Scope.ORDERS_OWN}, two.theirs.id)
        async with calling_as(api, owner) as mine, calling_as(api, other) as theirs:
            await mine.start(order_input(two.mine, id=order_id, paymentId=None))
            assert await theirs.field(queries[0], id=order_id) is None
            assert await theirs.field(queries[1], id=order_id) == {"__typename": "OrderNotFound"}
            assert await mine.field(queries[0], id=order_id) == {
                "state": "PLACED",
                "items": [{"sku": two.mine.mark}],
            }
            assert await mine.field(queries[1], id=order_id) == {
                "__typename": "CommandPending",
                "order": {"state": "PLACED"},
            }


async def test_a_customer_sees_and_reverses_payments_only_with_the_scope_for_it(
    me: ApiClient, closed: ApiClient, key: DevelopmentKey, two: Two
) -> None:
    query = "query ($id: ID!) { order(id: $id) { availableCommands } }"
    reverse = "mutation ($id: ID!) { cancelPayment(input: {orderId: $id}) { __typename } }"
    variables = {"id": two.mine.order_id}
    commands = (await me.field(query, **variables))["availableCommands"]
    assert commands == ["CANCEL", "UPDATE_ADDRESS", "CANCEL_PAYMENT"]
    async with calling_as(closed, bearer(key, {Scope.ORDERS_OWN}, two.mine.id)) as plain:
        commands = (await plain.field(query, **variables))["availableCommands"]
        assert commands == ["CANCEL", "UPDATE_ADDRESS"]
        refused = await plain.http.post("/graphql", json={"query": reverse, "variables": variables})
        assert refused.status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "{ customers { nodes { id } } }",
        "{ workflows { nodes { workflowId } } }",
        "query ($id: ID!) { order(id: $id) { workflow { lastError } } }",
        """mutation ($id: ID!) { approveOrder(input: {orderId: $id}) { __typename } }""",
        """mutation ($id: ID!) {
          rejectOrder(input: {orderId: $id, reason: "no"}) { __typename } }""",
        """mutation ($id: ID!) { deleteCustomer(input: {id: $id}) { __typename } }""",
    ],
)
async def test_what_is_for_staff_is_refused_to_customers(
    me: ApiClient, two: Two, query: str
) -> None:
    variables = {"id": two.mine.order_id} if "$id" in query else {}
    response = await me.http.post("/graphql", json={"query": query, "variables": variables})
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"

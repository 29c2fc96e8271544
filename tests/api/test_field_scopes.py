"""Each restricted field of the schema against each scope, over HTTP. Generated from the schema."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from gql.access.field_scopes import FIELD_SCOPES
from gql.access.principal import STAFF_SCOPES, Scope
from gql.schema import schema
from tests.support.access_fixtures import bearer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from gql.access.development_tokens import DevelopmentKey
    from tests.support.api_client import ApiClient

SCHEMA = schema.graphql_schema
ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
RESTRICTED = sorted(field for field, scopes in FIELD_SCOPES.items() if scopes)
Step = tuple[str, str, GraphQLField]
"""A type, one of its fields' names, and the field."""


def steps_from(type_: object) -> list[Step]:
    if isinstance(type_, GraphQLUnionType):
        return [step for member in type_.types for step in steps_from(member)]
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return [(type_.name, name, field) for name, field in type_.fields.items()]
    return []


def shortest_path(coordinate: str) -> list[Step]:
    """Return the fields from a root to this one."""
    queue: deque[list[Step]] = deque(
        [step] for root in ROOTS.values() for step in steps_from(SCHEMA.type_map[root])
    )
    seen = set()
    while queue:
        path = queue.popleft()
        type_name, name, field = path[-1]
        if f"{type_name}.{name}" == coordinate:
            return path
        if (type_name, name) not in seen:
            seen.add((type_name, name))
            queue.extend([*path, step] for step in steps_from(get_named_type(field.type)))
    raise LookupError(coordinate)


def document(path: Sequence[Step]) -> str:
    """Select the path. Required arguments are variables, which the tests do not send."""
    variables: list[str] = []
    text = "{ __typename }"
    for depth, (type_name, name, field) in reversed(list(enumerate(path))):
        required = {
            key: argument for key, argument in field.args.items() if is_required_argument(argument)
        }
        variables += [f"${key}{depth}: {value.type}" for key, value in required.items()]
        arguments = ", ".join(f"{key}: ${key}{depth}" for key in required)
        inner = "" if is_leaf_type(get_named_type(field.type)) else text
        selected = f"{name}({arguments}) {inner}" if arguments else f"{name} {inner}"
        text = f"{{ ... on {type_name} {{ {selected} }} }}"
    root = next(kind for kind, name in ROOTS.items() if name == path[0][0])
    declared = f"({', '.join(variables)})" if variables else ""
    return f"{root} Q{declared} {text}"


async def ask(api: ApiClient, query: str, authorization: str | None) -> Any:
    headers = {}
    if authorization is not None:
        headers["authorization"] = authorization
    if query.startswith("subscription"):
        headers["accept"] = "text/event-stream"
    async with api.http.stream(
        "POST", "/graphql", json={"query": query}, headers=headers
    ) as response:
        if not response.headers["content-type"].startswith("text/event-stream"):
            await response.aread()
    return response


def forbidden_field(response: httpx.Response) -> str | None:
    if response.status_code != 403:
        return None
    answer = response.json()
    assert "data" not in answer
    for error in answer["errors"]:
        extensions = error["extensions"]
        assert extensions["code"] == "FORBIDDEN"
        assert extensions["scopes"] == sorted(FIELD_SCOPES[extensions["field"]])
    return str(answer["errors"][0]["extensions"]["field"])


@pytest.mark.parametrize("coordinate", RESTRICTED)
async def test_a_field_is_allowed_by_its_scopes_only(
    closed: ApiClient, key: DevelopmentKey, coordinate: str
) -> None:
    path = shortest_path(coordinate)
    query = document(path)
    needed = {f"{type_name}.{name}" for type_name, name, _ in path} & set(RESTRICTED)

    assert (await ask(closed, query, None)).status_code == 401
    for scope in Scope:
        response = await ask(closed, query, bearer(key, {scope}))
        allowed = all(scope in FIELD_SCOPES[field] for field in needed)
        assert (forbidden_field(response) is None) == allowed, (scope, response.status_code)

    others = frozenset(Scope) - FIELD_SCOPES[coordinate] - {Scope.ORDERS_OWN}
    assert forbidden_field(await ask(closed, query, bearer(key, others))) in needed
    assert forbidden_field(await ask(closed, query, bearer(key, STAFF_SCOPES))) is None


async def test_a_forbidden_mutation_changes_nothing(
    closed: ApiClient, api: ApiClient, key: DevelopmentKey, new_order: Any
) -> None:
    query = "mutation ($input: StartOrderInput!) { startOrder(input: $input) { __typename } }"
    response = await closed.http.post(
        "/graphql",
        json={"query": query, "variables": {"input": new_order}},
        headers={"authorization": bearer(key, STAFF_SCOPES - {Scope.ORDERS_START})},
    )
    assert forbidden_field(response) == "Mutation.startOrder"
    assert await api.order(new_order["id"]) is None


async def test_a_forbidden_subscription_gets_403_or_an_error_frame(
    closed: ApiClient, key: DevelopmentKey
) -> None:
    query = "subscription { orderFeed { id } }"
    authorization = bearer(key, {Scope.ORDERS_START})
    response = await ask(closed, query, authorization)
    assert forbidden_field(response) == "Subscription.orderFeed"

    protocol = Subprotocol("graphql-transport-ws")
    async with connect(closed.websocket_url, subprotocols=[protocol]) as socket:
        payload = {"authorization": authorization}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        message = {"id": "1", "type": "subscribe", "payload": {"query": query}}
        await socket.send(json.dumps(message))
        answer = json.loads(await socket.recv())
    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"]["field"] == "Subscription.orderFeed"


@pytest.mark.parametrize(
    ("scopes", "policy", "refused"),
    [
        ({Scope.ORDERS_START}, {"shippingAttempts": 2, "deadline": "PT1H"}, "shippingAttempts"),
        ({Scope.ORDERS_START}, {"reviewMode": "MANUAL", "deadline": "PT1H"}, None),
        ({Scope.ORDERS_START}, {"activityAttempts": None}, "activityAttempts"),
        ({Scope.ORDERS_START}, {"activityTotalTimeout": "PT1M"}, "activityTotalTimeout"),
        ({Scope.ORDERS_START}, {"activityMaxRetryDelay": "PT1M"}, "activityMaxRetryDelay"),
        ({Scope.ORDERS_START, Scope.ORDERS_POLICY}, {"shippingAttempts": 2}, None),
        ({Scope.ORDERS_OWN}, {"reviewMode": "NONE"}, "reviewMode"),
    ],
)
async def test_the_technical_half_of_a_policy_needs_a_scope_and_customers_choose_none(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - fixtures and cases
    closed: ApiClient,
    api: ApiClient,
    key: DevelopmentKey,
    new_order: Any,
    scopes: set[Scope],
    policy: Any,
    refused: str | None,
) -> None:
    query = "mutation ($input: StartOrderInput!) { startOrder(input: $input) { __typename } }"
    response = await closed.http.post(
        "/graphql",
        json={"query": query, "variables": {"input": {**new_order, "policy": policy}}},
        headers={"authorization": bearer(key, scopes, new_order["customerId"])},
    )
    answer = response.json()
    if refused is None:
        assert answer["data"] == {"startOrder": {"__typename": "OrderStarted"}}
        return
    assert answer["data"] == {"startOrder": None}
    [error] = answer["errors"]
    assert error["extensions"] == {
        "code": "FORBIDDEN",
        "field": f"OrderPolicyInput.{refused}",
        "scopes": ["orders:policy"],
    }
    assert await api.order(new_order["id"]) is None

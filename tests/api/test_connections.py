"""Every connection pages by one convention, in both directions and from any cursor."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from graphql import GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLObjectType, get_named_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gql.access.principal import CUSTOMER_SCOPES
from gql.schema import schema
from orchestration.domain.states import EventType
from persistence.customers import PostgresCustomers
from persistence.ledger import PostgresLedger
from tests.support.access_fixtures import bearer, calling_as
from tests.support.orders import make_order
from tests.support.timelines import NOON, UNTIL_PAID, Timeline, unique_id

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from gql.access.development_tokens import DevelopmentKey
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

CONNECTIONS = {
    "orders": '{ page: orders(filter: {customerId: "CUSTOMER"}, ARGUMENTS) PAGE }',
    "events": '{ page: events(filter: {customerId: "CUSTOMER"}, ARGUMENTS) PAGE }',
    "customers": '{ page: customers(search: "MARK", ARGUMENTS) PAGE }',
    "Customer.orders": '{ customer(id: "CUSTOMER") { page: orders(ARGUMENTS) PAGE } }',
    "Order.events": (
        '{ orders(filter: {ids: ["ORDER"]}) { nodes { page: events(ARGUMENTS) PAGE } } }'
    ),
}
FOR_CUSTOMERS = [name for name in CONNECTIONS if name != "customers"]
PAGE = """{ totalCount nodes { id } edges { cursor node { id } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"""
SAME_SORT = {"orders", "Customer.orders"}
"""Both list orders by creation, so that a cursor is a position in either."""


class Shop(NamedTuple):
    """Seven customers whose names contain the mark. The last has five orders, two per second."""

    mark: str
    customer_id: str
    order_id: str


async def make_shop(engine: AsyncEngine) -> Shop:
    mark, customers = unique_id("shop"), PostgresCustomers(engine)
    for number in range(7):
        saved = await customers.create(None, f"{mark} {number}", f"{number}@{mark}.com", None)
    for number in range(5):
        placed_at = NOON + number // 2 * timedelta(seconds=1)
        timeline = Timeline(make_order(customer_id=saved.id), placed_at=placed_at)
        timeline.add(*UNTIL_PAID, EventType.SHIPPING_STARTED)
        await PostgresLedger(engine).record(timeline.batch(1, len(timeline.events)))
    return Shop(mark, saved.id, timeline.order.id)


@pytest.fixture(scope="module")
async def shop(engine: AsyncEngine) -> Shop:
    return await make_shop(engine)


@pytest.fixture(scope="module")
async def other_shop(engine: AsyncEngine) -> Shop:
    return await make_shop(engine)


def query_of(connection: str, shop: Shop, arguments: str) -> str:
    query = CONNECTIONS[connection].replace("ARGUMENTS", arguments).replace("PAGE", PAGE)
    query = query.replace("CUSTOMER", shop.customer_id)
    return query.replace("ORDER", shop.order_id).replace("MARK", shop.mark)


async def page_of(api: ApiClient, connection: str, shop: Shop, arguments: str) -> Json:
    found = await api.data(query_of(connection, shop, arguments))
    while "page" not in found:
        [found] = found["nodes"] if "nodes" in found else found.values()
    page: Json = found["page"]
    return page


@pytest.mark.parametrize("connection", CONNECTIONS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    size=st.integers(1, 8),
    backward=st.booleans(),
    place=st.none() | st.integers(min_value=0),
)
async def test_a_page_is_the_part_of_the_list_that_its_arguments_name(  # ruff: ignore[too-many-arguments] - one for each thing that varies
    api: ApiClient, shop: Shop, connection: str, size: int, *, backward: bool, place: int | None
) -> None:
    everything = (await page_of(api, connection, shop, "first: 100"))["edges"]
    position = None if place is None else place % len(everything)
    cursor = "" if position is None else everything[position]["cursor"]
    if backward:
        end = len(everything) if position is None else position
        start = max(end - size, 0)
        arguments = f'last: {size}, before: "{cursor}"' if cursor else f"last: {size}"
    else:
        start = 0 if position is None else position + 1
        end = min(start + size, len(everything))
        arguments = f'first: {size}, after: "{cursor}"' if cursor else f"first: {size}"

    page = await page_of(api, connection, shop, arguments)

    edges = everything[start:end]
    assert page["edges"] == edges
    assert page["nodes"] == [edge["node"] for edge in edges]
    assert page["totalCount"] == len(everything)
    assert page["pageInfo"] == {
        "hasPreviousPage": start > 0,
        "hasNextPage": end < len(everything),
        "startCursor": edges[0]["cursor"] if edges else None,
        "endCursor": edges[-1]["cursor"] if edges else None,
    }


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize("size", [1, 2, 3])
async def test_pages_read_forward_and_backward_have_the_same_nodes(
    api: ApiClient, shop: Shop, connection: str, size: int
) -> None:
    forward: list[Json] = []
    arguments = f"first: {size}"
    while True:
        page = await page_of(api, connection, shop, arguments)
        forward += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        arguments = f'first: {size}, after: "{page["pageInfo"]["endCursor"]}"'
    backward: list[Json] = []
    arguments = f"last: {size}"
    while True:
        page = await page_of(api, connection, shop, arguments)
        backward = page["nodes"] + backward
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        arguments = f'last: {size}, before: "{page["pageInfo"]["startCursor"]}"'
    assert forward == backward
    assert len(forward) == page["totalCount"] > 2


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize(
    "arguments",
    [
        "first: 0",
        "first: -1",
        "first: 101",
        "last: 0",
        "last: -1",
        "last: 101",
        "first: 1, last: 1",
        "first: DEFAULT, last: 1",
        'first: 1, before: "CURSOR"',
        'last: 1, after: "CURSOR"',
        'after: "CURSOR", before: "CURSOR"',
        'after: ""',
        'after: "x"',
        'before: "bnVsbA"',
        'before: "W10"',
        'after: "é"',
        f'before: "{"A" * 5000}"',
    ],
)
async def test_invalid_page_arguments_are_refused_by_every_connection(
    api: ApiClient, shop: Shop, connection: str, arguments: str
) -> None:
    cursor = (await page_of(api, connection, shop, "first: 1"))["edges"][0]["cursor"]
    default = "50" if connection == "Order.events" else "20"
    arguments = arguments.replace("CURSOR", cursor).replace("DEFAULT", default)
    answer = await api.send(query_of(connection, shop, arguments))
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("connection", "other"),
    [pair for pair in product(CONNECTIONS, repeat=2) if len({*pair} - SAME_SORT) > 0],
)
async def test_a_cursor_of_another_connection_is_refused(
    api: ApiClient, shop: Shop, connection: str, other: str
) -> None:
    cursor = (await page_of(api, other, shop, "first: 1"))["edges"][0]["cursor"]
    for sign in ("after", "before"):
        answer = await api.send(query_of(connection, shop, f'{sign}: "{cursor}"'))
        codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
        assert codes == ([] if connection == other else ["BAD_USER_INPUT"])


@pytest.mark.parametrize("connection", FOR_CUSTOMERS)
async def test_a_cursor_of_another_customer_shows_a_customer_nothing_of_it(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - fixtures
    api: ApiClient,
    closed: ApiClient,
    key: DevelopmentKey,
    shop: Shop,
    other_shop: Shop,
    connection: str,
) -> None:
    mine = await page_of(api, connection, shop, "first: 100")
    theirs = await page_of(api, connection, other_shop, "first: 100")
    known = {node["id"] for node in mine["nodes"]}
    authorization = bearer(key, CUSTOMER_SCOPES, shop.customer_id)
    async with calling_as(closed, authorization) as me:
        for edge, sign in product(theirs["edges"], ("first: 100, after", "last: 100, before")):
            arguments = f'{sign}: "{edge["cursor"]}"'
            page = await page_of(me, connection, shop, arguments)
            assert page["totalCount"] == len(known)
            assert {node["id"] for node in page["nodes"]} <= known
            answer = await me.send(query_of(connection, other_shop, arguments))
            assert not {node["id"] for node in theirs["nodes"]} & {*_texts(answer["data"])}


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [text for one in inner for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def test_every_connection_of_the_schema_has_the_same_arguments_and_fields() -> None:
    found = set()
    for type_ in schema.graphql_schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_.name.startswith("__"):
            continue
        for name, field in type_.fields.items():
            connection = get_named_type(field.type)
            if not connection.name.endswith("Connection"):
                continue
            found.add(name if type_.name == "Query" else f"{type_.name}.{name}")
            assert {"first", "after", "last", "before"} <= field.args.keys()
            assert field.args["first"].type is GraphQLInt
            assert field.args["first"].default_value in {20, 50}
            assert isinstance(connection, GraphQLObjectType)
            assert {"nodes", "edges", "pageInfo", "totalCount"} <= connection.fields.keys()
            nodes = connection.fields["nodes"].type
            assert isinstance(nodes, GraphQLNonNull)
            assert isinstance(nodes.of_type, GraphQLList)
            edge = get_named_type(connection.fields["edges"].type)
            assert isinstance(edge, GraphQLObjectType)
            assert edge.name.endswith("Edge")
            assert str(edge.fields["node"].type) == str(nodes.of_type.of_type)
            assert str(edge.fields["cursor"].type) == "String!"
    assert found == CONNECTIONS.keys()

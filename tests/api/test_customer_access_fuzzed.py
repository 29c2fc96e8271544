"""No document, however nested or aliased, returns data of another customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gql.access.field_scopes import FIELD_SCOPES
from gql.access.principal import CUSTOMER_SCOPES
from gql.reading.paging import event_cursor
from gql.schema import schema
from tests.api.test_customer_access import Customer, make_customer
from tests.api.test_field_scopes import shortest_path
from tests.support.access_fixtures import bearer, calling_as, closed_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from graphql import GraphQLField, GraphQLNamedType
    from sqlalchemy.ext.asyncio import AsyncEngine

    from gql.access.development_tokens import DevelopmentKey
    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

SCHEMA = schema.graphql_schema
_START = """(input: {id: "ORDER", customerId: "CUSTOMER",
  items: [{sku: "x", quantity: 1, unitPrice: "1"}], currency: "USD",
  shippingAddress: {street: "x", city: "y", country: "US"}})"""
_BETWEEN = [
    '(last: 50, before: "OLDER_{}")',
    '(first: 50, after: "NEWER_{}")',
]
"""Pages next to the entries of strangers, which are older and newer than those of the two."""

ARGUMENTS = {
    ("Query", "order"): ['(id: "ORDER")'],
    ("Query", "customer"): ['(id: "CUSTOMER")'],
    ("Query", "command"): ['(orderId: "ORDER", commandId: "COMMAND")'],
    ("Query", "orders"): [
        "",
        '(filter: {ids: ["ORDER"]})',
        '(filter: {customerId: "CUSTOMER"})',
        "(filter: {states: [AWAITING_APPROVAL, CANCELLED]}, last: 50)",
        "(sort: {field: UPDATED_AT}, first: 50)",
        "(filter: {priorities: [NORMAL]}, first: 50)",
        *(pages.format("ORDER") for pages in _BETWEEN),
    ],
    ("Query", "events"): [
        "",
        '(filter: {orderId: "ORDER"})',
        '(filter: {customerId: "CUSTOMER"}, last: 50)',
        "(filter: {types: [ADDRESS_UPDATED, ORDER_RECEIVED]}, first: 50)",
        *(pages.format("EVENT") for pages in _BETWEEN),
    ],
    ("Customer", "orders"): [
        "",
        "(first: 50)",
        "(last: 50)",
        *(pages.format("ORDER") for pages in _BETWEEN),
    ],
    ("Order", "events"): [
        "",
        "(first: 3)",
        "(last: 3)",
        f'(first: 3, after: "{event_cursor(1)}")',
        f'(last: 3, before: "{event_cursor(4)}")',
    ],
    **{
        ("Mutation", name): ['(input: {orderId: "ORDER", commandId: "COMMAND"})']
        for name in ("cancelOrder", "cancelPayment", "confirmDelivery")
    },
    ("Mutation", "updateAddress"): [
        (
            '(input: {orderId: "ORDER", commandId: "COMMAND",'
            ' address: {street: "x", city: "y", country: "US"}})'
        )
    ],
    ("Mutation", "startOrder"): [_START],
}


def is_allowed(type_: GraphQLNamedType, name: str) -> bool:
    scopes = FIELD_SCOPES[f"{type_.name}.{name}"]
    return not scopes or not CUSTOMER_SCOPES.isdisjoint(scopes)


@st.composite
def selections(draw: st.DrawFn, type_: GraphQLNamedType, depth: int) -> str:
    """Select all leaves of a type, and some of the fields that a customer's token may follow."""
    if isinstance(type_, GraphQLUnionType):
        parts = [
            f"... on {member.name} {draw(selections(member, depth))}" for member in type_.types
        ]
        return f"{{ {' '.join(parts)} }}"
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    parts, followed = ["__typename"], []
    for name, field in type_.fields.items():
        if is_leaf_type(get_named_type(field.type)):
            # In a union, fields of the same name may have different types.
            parts.append(f"{type_.name}_{name}: {name}")
        elif depth and is_allowed(type_, name):
            followed.append((name, field))
    chosen = draw(st.lists(st.sampled_from(followed), max_size=3)) if followed else []
    for number, (name, field) in enumerate(chosen):
        parts.append(draw(selected(type_, name, field, depth, number)))
    return f"{{ {' '.join(parts)} }}"


@st.composite
def selected(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - a position
    draw: st.DrawFn,
    type_: GraphQLNamedType,
    name: str,
    field: GraphQLField,
    depth: int,
    number: int,
) -> str:
    arguments = draw(st.sampled_from(ARGUMENTS.get((type_.name, name), [""])))
    owner = draw(st.sampled_from(["MINE", "THEIRS", "THEIRS"]))
    for kind in ("ORDER", "CUSTOMER", "COMMAND"):
        arguments = arguments.replace(f'"{kind}"', f'"{owner}-{kind}"')
    inner = draw(selections(get_named_type(field.type), depth - 1))
    return f"{type_.name}_{name}_{number}: {name}{arguments} {inner}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    kind, root = draw(
        st.sampled_from([
            *[("query", SCHEMA.query_type)] * 3,
            ("mutation", SCHEMA.mutation_type),
        ])
    )
    assert root is not None
    names = [name for name in root.fields if is_allowed(root, name)]
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3))
    parts = [
        draw(selected(root, name, root.fields[name], 4, number))
        for number, name in enumerate(chosen)
    ]
    return f"{kind} {{ {' '.join(parts)} }}"


class Pair(NamedTuple):
    """Two customers, and cursors of strangers whose orders are older and newer than theirs."""

    mine: Customer
    theirs: Customer
    cursors: dict[str, str]

    def with_cursors(self, document: str) -> str:
        for name, cursor in self.cursors.items():
            document = document.replace(f'"{name}"', f'"{cursor}"')
        return document


@pytest.fixture(scope="module")
async def pair(api: ApiClient) -> Pair:
    older, mine, theirs, newer = [await make_customer(api) for _ in range(4)]
    query = """query ($id: ID!) { orders(filter: {ids: [$id]}) { pageInfo { endCursor } }
      events(filter: {orderId: $id}, first: 1) { pageInfo { endCursor } } }"""
    cursors = {}
    for name, stranger in (("OLDER", older), ("NEWER", newer)):
        data = await api.data(query, id=stranger.order_id)
        cursors[f"{name}_ORDER"] = data["orders"]["pageInfo"]["endCursor"]
        cursors[f"{name}_EVENT"] = data["events"]["pageInfo"]["endCursor"]
    return Pair(mine, theirs, cursors)


@pytest.fixture(scope="module")
async def me(
    engine: AsyncEngine, orders: OrderClient, key: DevelopmentKey, pair: Pair
) -> AsyncIterator[ApiClient]:
    """The API without limits for documents, called by the customer ``mine``."""
    limits = {
        "max_query_aliases": 10_000,
        "max_query_cost": 10_000_000,
        "max_query_tokens": 100_000,
    }
    async with closed_api(engine, orders, key, **limits, max_query_length=1_000_000) as api:
        authorization = bearer(key, CUSTOMER_SCOPES, pair.mine.id)
        async with calling_as(api, authorization) as client:
            yield client


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(document=documents())
async def test_no_document_returns_data_of_another_customer(
    me: ApiClient, pair: Pair, document: str
) -> None:
    for name, owner in (("MINE", pair.mine), ("THEIRS", pair.theirs)):
        document = document.replace(f"{name}-ORDER", owner.order_id)
        document = document.replace(f"{name}-CUSTOMER", owner.id)
        document = document.replace(f"{name}-COMMAND", owner.command_id)
    document = pair.with_cursors(document)
    response = await me.http.post("/graphql", json={"query": document})
    assert response.status_code == 200, (response.text, document)
    assert "errors" not in response.json(), (response.text, document)
    # Every text of an order, event, payment and customer that belongs to somebody has the mark.
    assert pair.theirs.mark not in response.text


FOR_CUSTOMERS = sorted(
    field
    for field, scopes in FIELD_SCOPES.items()
    if CUSTOMER_SCOPES & scopes and shortest_path(field)[0][0] == "Query"
)
NEVER_IN_REVIEW = {"CommandPending.order", "CommandRefused.order"}
"""Results of commands that the orders of these tests did not receive."""


def leaves(type_: GraphQLNamedType) -> str:
    if isinstance(type_, GraphQLUnionType):
        return " ".join(f"... on {member.name} {{ {leaves(member)} }}" for member in type_.types)
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    names = [
        name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type))
    ]
    return " ".join(["__typename", *(f"{type_.name}_{name}: {name}" for name in names)])


def queries_to(coordinate: str) -> list[str]:
    """Select the field with each of its arguments, and below it all leaves of a level or two."""
    path = shortest_path(coordinate)
    type_ = get_named_type(path[-1][2].type)
    text = leaves(type_)
    if isinstance(type_, GraphQLObjectType) and "nodes" in type_.fields:
        text += f" nodes {{ {leaves(get_named_type(type_.fields['nodes'].type))} }}"
    queries = [f"{{ {text} }}"]
    for owner, name, _ in reversed(path):
        options = ARGUMENTS.get((owner, name), [""])
        queries = [
            f"{{ ... on {owner} {{ {name}{option} {inner} }} }}"
            for option in options
            for inner in queries
        ]
    return queries


@pytest.mark.parametrize("coordinate", FOR_CUSTOMERS)
async def test_a_field_shows_customers_their_own_data_and_nothing_of_others(
    me: ApiClient, pair: Pair, coordinate: str
) -> None:
    """Generated from the schema, with the arguments above."""

    async def ask(query: str, owner: Customer) -> str:
        names = {"ORDER": owner.order_id, "CUSTOMER": owner.id, "COMMAND": owner.command_id}
        for name, value in names.items():
            query = query.replace(f'"{name}"', f'"{value}"')
        query = pair.with_cursors(query)
        response = await me.http.post("/graphql", json={"query": query})
        assert response.status_code == 200, response.text
        assert "errors" not in response.json(), response.text
        assert pair.theirs.mark not in response.text
        text = response.text
        for name, value in names.items():
            text = text.replace(value, name)
        return text

    queries = queries_to(coordinate)
    mine = [await ask(query, pair.mine) for query in queries]
    theirs = [await ask(query, pair.theirs) for query in queries]
    assert (mine != theirs) == (coordinate not in NEVER_IN_REVIEW)


def test_every_argument_that_names_an_order_or_a_customer_is_tried() -> None:
    """A new root field for customers needs arguments here."""
    for root in (SCHEMA.query_type, SCHEMA.mutation_type):
        assert root is not None
        for name, field in root.fields.items():
            if is_allowed(root, name) and field.args:
                assert (root.name, name) in ARGUMENTS


def test_every_list_for_customers_is_read_backward_and_from_a_cursor() -> None:
    """A new list for customers needs arguments here."""
    lists = {
        (type_.name, name)
        for type_ in SCHEMA.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for name, field in type_.fields.items()
        if "before" in field.args and is_allowed(type_, name)
    }
    tried = {
        place
        for place, options in ARGUMENTS.items()
        if any("last:" in option and "before:" in option for option in options)
    }
    assert lists == tried


_RECEIVED = "filter: {types: [ORDER_RECEIVED]}, "


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("{ page: orders(ARGUMENTS) { nodes { of: id } ends } }", "ORDER"),
        (f"{{ page: events({_RECEIVED}ARGUMENTS) {{ nodes {{ of: orderId }} ends }} }}", "EVENT"),
        (
            '{ customer(id: "CUSTOMER") { page: orders(ARGUMENTS) { nodes { of: id } ends } } }',
            "ORDER",
        ),
    ],
)
@pytest.mark.parametrize("arguments", _BETWEEN)
async def test_a_page_next_to_an_entry_of_a_stranger_says_nothing_of_it(
    me: ApiClient, pair: Pair, query: str, kind: str, arguments: str
) -> None:
    query = query.replace("ARGUMENTS", arguments.format(kind)[1:-1])
    query = query.replace("CUSTOMER", pair.mine.id)
    query = query.replace("ends", "pageInfo { hasNextPage hasPreviousPage }")
    data = await me.data(pair.with_cursors(query))
    assert data.get("customer", data)["page"] == {
        "nodes": [{"of": pair.mine.order_id}],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False},
    }

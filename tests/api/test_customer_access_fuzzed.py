"""No document, however nested or aliased, returns data of another customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from gql.access.principal import Scope
from gql.schema import schema
from tests.api.test_customer_access import Two, make_customer
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
    ],
    ("Customer", "orders"): ["", "(first: 50)"],
    ("Order", "events"): ["", "(first: 3)"],
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
    return not scopes or Scope.ORDERS_OWN in scopes


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


@pytest.fixture(scope="module")
async def pair(api: ApiClient) -> Two:
    return Two(await make_customer(api), await make_customer(api))


@pytest.fixture(scope="module")
async def me(
    engine: AsyncEngine, orders: OrderClient, key: DevelopmentKey, pair: Two
) -> AsyncIterator[ApiClient]:
    """The API without limits for documents, called by the customer ``mine``."""
    limits = {
        "max_query_aliases": 10_000,
        "max_query_cost": 1_000_000,
        "max_query_tokens": 100_000,
    }
    async with closed_api(engine, orders, key, **limits, max_query_length=1_000_000) as api:
        authorization = bearer(key, {Scope.ORDERS_OWN}, pair.mine.id)
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
    me: ApiClient, pair: Two, document: str
) -> None:
    for name, owner in (("MINE", pair.mine), ("THEIRS", pair.theirs)):
        document = document.replace(f"{name}-ORDER", owner.order_id)
        document = document.replace(f"{name}-CUSTOMER", owner.id)
        document = document.replace(f"{name}-COMMAND", owner.command_id)
    response = await me.http.post("/graphql", json={"query": document})
    assert response.status_code == 200, (response.text, document)
    assert "errors" not in response.json(), (response.text, document)
    # Every text of an order, event, payment and customer that belongs to somebody has the mark.
    assert pair.theirs.mark not in response.text


def test_every_argument_that_names_an_order_or_a_customer_is_tried() -> None:
    """A new root field for customers needs arguments here."""
    for root in (SCHEMA.query_type, SCHEMA.mutation_type):
        assert root is not None
        for name, field in root.fields.items():
            if is_allowed(root, name) and field.args:
                assert (root.name, name) in ARGUMENTS

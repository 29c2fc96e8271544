"""Every field of the schema has an entry in the table of scopes, and the table is enforced."""

from __future__ import annotations

from itertools import chain

import pytest
import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, parse

from gql.access.field_scopes import FIELD_SCOPES, check_scopes
from gql.access.principal import DEVELOPER, Scope
from gql.documents.complexity import ComplexityAnalyzer
from gql.documents.preparer import DocumentPreparer
from gql.errors import RequestRejected
from gql.schema import schema
from gql.settings import ApiSettings
from gql.types.directives import add_required_scopes

SCHEMA = schema.graphql_schema
TYPES = {
    name: type_
    for name, type_ in SCHEMA.type_map.items()
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
}


def test_every_field_of_the_schema_has_an_entry_and_no_other() -> None:
    fields = {f"{name}.{field}" for name, type_ in TYPES.items() for field in type_.fields}
    assert set(FIELD_SCOPES) == fields


def test_a_schema_is_refused_with_the_names_of_all_fields_without_an_entry() -> None:
    @strawberry.type
    class Query:
        first: int
        second: int

    with pytest.raises(LookupError, match=r"Add Query\.first, Query\.second to"):
        add_required_scopes(strawberry.Schema(Query)._schema)  # ruff: ignore[private-member-access] - Strawberry has no public name for it


def test_every_root_field_needs_a_scope() -> None:
    for root in ("Query", "Mutation", "Subscription"):
        assert all(FIELD_SCOPES[f"{root}.{field}"] for field in TYPES[root].fields)


def test_an_interface_shows_no_field_that_one_of_its_types_restricts() -> None:
    for name, type_ in TYPES.items():
        for interface, field in chain.from_iterable(
            [(of.name, field) for field in of.fields] for of in type_.interfaces
        ):
            assert FIELD_SCOPES[f"{name}.{field}"] == FIELD_SCOPES[f"{interface}.{field}"]


def test_every_scope_allows_something_and_developers_everything() -> None:
    used = set().union(*FIELD_SCOPES.values())
    assert set(Scope) - used == {Scope.ORDERS_POLICY}  # see OrderPolicyInput.restricted_field
    check_scopes((field for field, scopes in FIELD_SCOPES.items() if scopes), DEVELOPER.scopes)


def test_the_recorded_name_of_a_customer_needs_no_more_than_the_filter_that_searches_it() -> None:
    assert "Order.customerName" in FIELD_SCOPES
    assert not FIELD_SCOPES["Order.customerName"]
    assert FIELD_SCOPES["Order.customer"] == {Scope.CUSTOMERS_READ, Scope.ORDERS_OWN}


def test_the_schema_shows_the_scopes() -> None:
    text = schema.as_str()
    assert '): OrderConnection @requiresScopes(scopes: [["orders:own"], ["orders:read"]])' in text
    assert "directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION" in text


@pytest.mark.parametrize(
    ("document", "restricted"),
    [
        ("{ __typename __schema { queryType { name } } }", set()),
        ("{ a: order(id: 1) { id total { amount } } }", {"Query.order"}),
        (
            "{ orders { nodes { ... on Order { customer { orders { totalCount } } } } } }",
            {"Query.orders", "Order.customer", "Customer.orders"},
        ),
        (
            (
                "query Q { ...A ...A } fragment A on Query { order(id: 1) { ...B } }"
                " fragment B on Order { workflow { step } events { nodes { order { ...C } } } }"
                " fragment C on Order { customer { id } }"
            ),
            {"Query.order", "Order.workflow", "Order.customer"},
        ),
        ("{ orders @skip(if: true) { totalCount } }", {"Query.orders"}),
        (
            (
                'mutation { cancelOrder(input: {orderId: "x"}) { ... on CommandApplied { order'
                " { id } } ... on UserError { message } } }"
            ),
            {"Mutation.cancelOrder", "CommandApplied.order"},
        ),
    ],
)
def test_the_restricted_fields_of_an_operation_are_found(
    document: str, restricted: set[str]
) -> None:
    prepared = DocumentPreparer(ApiSettings.model_construct(), SCHEMA).prepare(document)
    assert prepared.restricted_fields == restricted


def test_only_the_selected_operation_counts() -> None:
    preparer = DocumentPreparer(ApiSettings.model_construct(), SCHEMA)
    document = "query A { orders { totalCount } } query B { customers { totalCount } }"
    assert preparer.prepare(document, "A").restricted_fields == {"Query.orders"}
    assert preparer.prepare(document, "B").restricted_fields == {"Query.customers"}


def test_a_field_that_does_not_exist_is_left_to_validation() -> None:
    document = parse("{ secrets { orders } }")
    total, _ = ComplexityAnalyzer(SCHEMA, document).measure_document()
    assert total.restricted_fields == set()


def test_the_error_names_the_field_and_the_scopes() -> None:
    with pytest.raises(RequestRejected) as rejected:
        check_scopes(["Mutation.cancelOrder"], frozenset({Scope.ORDERS_READ}))
    [error] = rejected.value.errors
    assert error.message == (
        "The field Mutation.cancelOrder requires the scope orders:own or orders:review or"
        " orders:start."
    )
    assert error.extensions == {
        "code": "FORBIDDEN",
        "field": "Mutation.cancelOrder",
        "scopes": ["orders:own", "orders:review", "orders:start"],
    }
    check_scopes(["Mutation.cancelOrder"], frozenset({Scope.ORDERS_START}))


def test_all_fields_that_the_caller_may_not_select_are_reported() -> None:
    fields = {"Order.workflow", "Query.order", "Order.customer"}
    with pytest.raises(RequestRejected) as rejected:
        check_scopes(fields, frozenset({Scope.ORDERS_READ}))
    assert [(error.extensions or {})["field"] for error in rejected.value.errors] == [
        "Order.customer",
        "Order.workflow",
    ]

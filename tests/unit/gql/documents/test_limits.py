"""What a document asks for, measured: and that measuring takes no longer than the document."""

from __future__ import annotations

from time import process_time

import pytest
from graphql import GraphQLError, get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from gql.documents.limits import (
    UNPAGED,
    Measure,
    Measuring,
    QueryLimits,
    limit_exceeded,
    with_defaults,
)
from gql.schema import schema
from gql.settings import ApiSettings
from tests.support import operations
from tests.support.attacks import nested_fragments
from tests.unit.gql.http.test_playground import EXAMPLES, INTROSPECTION

SCHEMA = schema.graphql_schema
SETTINGS = ApiSettings.model_construct()
LIMITS = QueryLimits(
    SETTINGS.max_query_depth,
    SETTINGS.max_query_aliases,
    SETTINGS.max_query_directives,
    SETTINGS.max_query_cost,
)


def measured(query: str, **variables: object) -> Measure:
    document = parse(query)
    given_ = with_defaults(document.definitions[0], variables)  # type: ignore[arg-type]
    return Measuring(SCHEMA, document, given_).operation(document.definitions[0])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ __typename }", 1),
        ('{ order(id: "x") { id state } }', 3),
        ('{ order(id: "x") { total { amount currency } } }', 4),
        ('{ order(id: "x") { items { sku } } }', 2 + UNPAGED * 2 - 1),
        ("{ orders { totalCount } }", 2),
        ("{ orders { nodes { id } } }", 1 + 20 * 2),
        ("{ orders(first: 3) { nodes { id } } }", 1 + 3 * 2),
        ("{ orders(last: 3) { nodes { id } } }", 1 + 3 * 2),
        ("{ orders(first: 3) { edges { cursor node { id } } } }", 1 + 3 * 4),
        ("{ orders(first: 3) { ...P } } fragment P on OrderConnection { nodes { id } }", 1 + 3 * 2),
        ("{ orders(first: 3) { ... { nodes { id } } } }", 1 + 3 * 2),
        ("{ orders(first: 3) { nodes { events { nodes { type } } } } }", 1 + 3 * (2 + 50 * 2)),
        ("{ orders(first: 2) { nodes { events(first: 4) { nodes { type } } } } }", 1 + 2 * (2 + 8)),
        ("{ orders(first: 0) { nodes { id } } }", 1),
        ("{ orders(first: -5) { nodes { id } } }", 1),
        ("{ orders(first: 99999999999999) { nodes { id } } }", 1 + 100 * 2),
        (f"{{ orders(first: {'9' * 9000}) {{ nodes {{ id }} }} }}", 1 + 100 * 2),
        ('{ orders(first: "3") { nodes { id } } }', 1 + 20 * 2),
        ("query ($n: Int) { orders(first: $n) { nodes { id } } }", 1 + 20 * 2),
        ("query ($n: Int = 7) { orders(first: $n) { nodes { id } } }", 1 + 7 * 2),
        ("{ nothing { at { all } } }", 3),
        ("{ a: order(id: 1) { id } b: order(id: 1) { id } }", 4),
    ],
)
def test_the_cost_is_how_many_values_an_answer_can_have(query: str, cost: int) -> None:
    assert measured(query).cost == cost


@pytest.mark.parametrize(
    ("given_", "entries"),
    [(7, 7), (7.0, 7), (1000, 100), (10**30, 100), (-1, 0), (None, 20), (True, 20), ("7", 20)],
)
def test_a_page_may_be_a_variable(given_: object, entries: int) -> None:
    query = "query ($n: Int = 3) { orders(first: $n) { nodes { id } } }"
    assert measured(query, n=given_).cost == 1 + entries * 2
    assert measured(query).cost == 1 + 3 * 2


def test_only_a_page_that_is_a_variable_makes_the_cost_vary() -> None:
    for query, varies in (
        ("query ($n: Int) { orders(first: $n) { totalCount } }", True),
        ("query ($c: String) { orders(first: 2, after: $c) { totalCount } }", False),
    ):
        measuring = Measuring(SCHEMA, parse(query))
        measuring.whole()
        assert measuring.varies is varies


def test_depth_aliases_and_directives_are_counted_through_fragments() -> None:
    query = """query @a { ...F ... @b { x: order(id: 1) { id } } }
    fragment F on Query @c { ...G ...G }
    fragment G on Query { y: order(id: 1) @d { customer { name } } }"""
    measure = measured(query)
    assert (measure.depth, measure.aliases, measure.directives) == (3, 3, 5)


def test_a_field_asked_for_twice_counts_like_an_alias() -> None:
    assert measured('{ order(id: "x") { id id id state } }').aliases == 2


def test_all_that_validation_would_look_at_is_measured() -> None:
    query = """query A { a: __typename } query B { b: __typename }
    fragment Unused on Query { c: order(id: 1) { customer { orders { nodes { id } } } } }"""
    whole, costs = Measuring(SCHEMA, parse(query)).whole()
    assert (whole.aliases, whole.depth) == (2, 5)
    assert list(costs.values()) == [1, 1]


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { ...A __typename }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...Nowhere order(id: 1) { ...Nowhere } }",
        "{ ... on Nothing { at { all } } }",
        "fragment A on Query { ...A } fragment A on Query { __typename }",
    ],
)
def test_what_validation_will_refuse_is_measured_all_the_same(query: str) -> None:
    whole, _ = Measuring(SCHEMA, parse(query)).whole()
    LIMITS.check(whole)


@pytest.mark.parametrize("levels", [10, 40, 90])
def test_nested_fragments_take_as_long_as_they_are_long(levels: int) -> None:
    document = parse(nested_fragments(levels))
    began = process_time()
    whole, _ = Measuring(SCHEMA, document).whole()
    # Of its own work, not of a busy machine's time; a few milliseconds were measured.
    assert process_time() - began < 1
    assert whole.aliases == 2**levels - 1
    with pytest.raises(GraphQLError) as caught:
        LIMITS.check(whole)
    assert caught.value.extensions == {
        "code": "QUERY_LIMIT_EXCEEDED",
        "limit": "aliases",
        "maximum": SETTINGS.max_query_aliases,
    }


def test_a_refusal_says_how_much_is_allowed() -> None:
    assert limit_exceeded("cost", 20001, 20000).message == (
        "The document exceeds the limit of cost: 20001, where 20000 is allowed."
    )
    assert limit_exceeded("tokens", None, 1000).message == (
        "The document exceeds the limit of tokens: far more, where 1000 is allowed."
    )


@pytest.mark.parametrize(
    "query",
    [
        get_introspection_query(
            descriptions=True,
            specified_by_url=True,
            directive_is_repeatable=True,
            schema_description=True,
            input_value_deprecation=True,
            one_of=True,
        ),
        INTROSPECTION,
        *EXAMPLES,
        *(text for name, text in vars(operations).items() if name.isupper() and name[0] != "_"),
    ],
)
def test_what_clients_really_ask_is_far_from_every_limit(query: str) -> None:
    document = parse(query)
    assert document.token_count < SETTINGS.max_query_tokens / 2
    whole, costs = Measuring(SCHEMA, document).whole()
    LIMITS.check(whole)
    assert max(costs.values()) <= SETTINGS.max_query_cost / 2


def test_a_page_of_a_hundred_orders_with_what_belongs_to_them_is_within_the_limits() -> None:
    query = """{ orders(first: 100) { nodes {
      id state total { amount currency } customer { name } payment { status }
      items { sku quantity } events(first: 20) { nodes { type at message } }
    } } }"""
    assert measured(query).cost < SETTINGS.max_query_cost


@given(
    st.recursive(
        st.sampled_from(["__typename", "...F", "id", "a: id", "order(id: 1)"]),
        lambda inner: st.lists(inner, min_size=1, max_size=4).map(
            lambda parts: f"order(id: 1) {{ {' '.join(parts)} }}"
        ),
    )
)
def test_no_selection_makes_the_measuring_fail(selection: str) -> None:
    document = parse(f"{{ {selection} }} fragment F on Order {{ {selection} }}")
    whole, _ = Measuring(SCHEMA, document).whole()
    assert whole.once >= 0

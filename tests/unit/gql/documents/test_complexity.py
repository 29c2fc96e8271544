"""The complexity of documents: what counts, and that measuring takes linear time."""

from __future__ import annotations

from time import process_time

import pytest
from graphql import GraphQLError, get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from gql.documents.complexity import Complexity, ComplexityAnalyzer, with_defaults
from gql.documents.field_costs import COUNT, LIVE_ENTRY, STATEMENT, WAIT_FOR_END, WEIGHTS
from gql.documents.limits import QueryLimits, limit_exceeded
from gql.schema import schema
from gql.settings import ApiSettings
from orchestration.domain.commands import CommandName
from tests.support import operations
from tests.support.attacks import nested_fragments
from tests.unit.gql.http.test_playground import EXAMPLES, INTROSPECTION

ORDER = WEIGHTS["Query.order"]
PAGE = WEIGHTS["Query.orders"]
SCHEMA = schema.graphql_schema
SETTINGS = ApiSettings.model_construct()
LIMITS = QueryLimits(
    SETTINGS.max_query_depth,
    SETTINGS.max_query_aliases,
    SETTINGS.max_query_directives,
    SETTINGS.max_query_cost,
)


def measured(query: str, **variables: object) -> Complexity:
    document = parse(query)
    operation = document.definitions[0]
    values = with_defaults(operation, variables)  # type: ignore[arg-type]
    return ComplexityAnalyzer(SCHEMA, document, values).measure_operation(operation)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ __typename }", 1),
        ('{ order(id: "x") { id state } }', ORDER + 2),
        ('{ order(id: "x") { total { amount currency } } }', ORDER + 3),
        ('{ order(id: "x") { items { sku quantity } } }', ORDER + 1 + 200 * 3),
        ('{ order(id: "x") { availableCommands } }', ORDER + 1 + len(CommandName)),
        ('{ order(id: "x") { shipments { id } } }', ORDER + 1 + STATEMENT + 20 * 2),
        ("{ orders { totalCount } }", PAGE + 1 + COUNT),
        ("{ orders(first: 1) { stateCounts { count } } }", PAGE + 1 + COUNT + 15 * 2),
        ("{ orders { nodes { id } } }", PAGE + 1 + 20 * 2),
        ("{ orders(first: 3) { nodes { id } } }", PAGE + 1 + 3 * 2),
        ("{ orders(last: 3) { nodes { id } } }", PAGE + 1 + 3 * 2),
        ("{ orders(first: 3) { edges { cursor node { id } } } }", PAGE + 1 + 3 * 4),
        (
            "{ orders(first: 3) { ...P } } fragment P on OrderConnection { nodes { id } }",
            PAGE + 1 + 3 * 2,
        ),
        ("{ orders(first: 3) { ... { nodes { id } } } }", PAGE + 1 + 3 * 2),
        (
            "{ orders(first: 3) { nodes { events { nodes { type } } } } }",
            PAGE + 1 + 3 * (1 + PAGE + 1 + 50 * 2),
        ),
        (
            "{ orders(first: 2) { nodes { events(first: 4) { nodes { type } } } } }",
            PAGE + 1 + 2 * (1 + PAGE + 1 + 4 * 2),
        ),
        ("{ orders(first: 0) { nodes { id } } }", PAGE + 1),
        ("{ orders(first: -5) { nodes { id } } }", PAGE + 1),
        ("{ orders(first: 99999999999999) { nodes { id } } }", PAGE + 1 + 100 * 2),
        (f"{{ orders(first: {'9' * 9000}) {{ nodes {{ id }} }} }}", PAGE + 1 + 100 * 2),
        ('{ orders(first: "3") { nodes { id } } }', PAGE + 1 + 20 * 2),
        ("query ($n: Int) { orders(first: $n) { nodes { id } } }", PAGE + 1 + 20 * 2),
        ("query ($n: Int = 7) { orders(first: $n) { nodes { id } } }", PAGE + 1 + 7 * 2),
        (
            "{ orders(first: 2, live: true) { nodes { id } unanswered } }",
            PAGE + 1 + 2 * 2 + 1 + 2 + 2 * LIVE_ENTRY,
        ),
        ("{ orders(first: 2, live: false) { nodes { id } } }", PAGE + 1 + 2 * 2),
        (
            "query ($l: Boolean = true) { orders(first: 2, live: $l) { nodes { id } } }",
            PAGE + 1 + 2 * (2 + LIVE_ENTRY),
        ),
        ('{ order(id: "x", waitForEnd: "PT1S") { id } }', ORDER + WAIT_FOR_END + 1),
        ('{ order(id: "x", waitForEnd: null) { id } }', ORDER + 1),
        (
            'query ($w: Duration = "PT1S") { order(id: "x", waitForEnd: $w) { id } }',
            ORDER + WAIT_FOR_END + 1,
        ),
        ("query ($w: Duration) { order(id: 1, waitForEnd: $w) { id } }", ORDER + 1),
        ("{ nothing { at { all } } }", 3),
        ("{ a: order(id: 1) { id } b: order(id: 1) { id } }", 2 * (ORDER + 1)),
        (
            """mutation { approveOrder(input: {orderId: "x"}) { ... on UserError { message }
            ... on CommandApplied { order { id } }
            ... on CommandPending { order { id state } } } }""",
            WEIGHTS["Mutation.approveOrder"] + WEIGHTS["CommandPending.order"] + 2 + 1,
        ),
    ],
)
def test_the_cost_is_the_maximum_of_what_the_response_may_contain_and_read(
    query: str, cost: int
) -> None:
    assert measured(query).cost == cost


@pytest.mark.parametrize(
    ("variable", "entries"),
    [(7, 7), (7.0, 7), (1000, 100), (10**30, 100), (-1, 0), (None, 20), (True, 20), ("7", 20)],
)
def test_a_page_size_can_be_a_variable(variable: object, entries: int) -> None:
    query = "query ($n: Int = 3) { orders(first: $n) { nodes { id } } }"
    assert measured(query, n=variable).cost == PAGE + 1 + entries * 2
    assert measured(query).cost == PAGE + 1 + 3 * 2


@pytest.mark.parametrize(
    ("argument", "waits"), [("PT1S", True), (None, False), ("invalid", True), ([], True)]
)
def test_a_wait_in_a_variable_costs_more_unless_it_is_null(
    argument: object, *, waits: bool
) -> None:
    query = 'query ($w: Duration = "PT9S") { order(id: "x", waitForEnd: $w) { id } }'
    assert measured(query, w=argument).cost == ORDER + 1 + WAIT_FOR_END * waits


def test_only_arguments_that_change_the_cost_make_it_depend_on_variables() -> None:
    for query, depends in (
        ("query ($n: Int) { orders(first: $n) { totalCount } }", True),
        ("query ($c: String) { orders(first: 2, after: $c) { totalCount } }", False),
        ("query ($l: Boolean) { orders(first: 2, live: $l) { totalCount } }", True),
        ("query ($w: Duration) { order(id: 1, waitForEnd: $w) { id } }", True),
        ("query ($i: ID!) { order(id: $i) { id } }", False),
    ):
        analyzer = ComplexityAnalyzer(SCHEMA, parse(query))
        analyzer.measure_document()
        assert analyzer.depends_on_variables is depends


def test_depth_aliases_and_directives_include_those_of_fragments() -> None:
    query = """query @a { ...F ... @b { x: order(id: 1) { id } } }
    fragment F on Query @c { ...G ...G }
    fragment G on Query { y: order(id: 1) @d { customer { name } } }"""
    complexity = measured(query)
    assert (complexity.depth, complexity.aliases, complexity.directives) == (3, 3, 5)


def test_a_repeated_field_counts_as_an_alias() -> None:
    assert measured('{ order(id: "x") { id id id state } }').aliases == 2


def test_every_operation_and_every_unused_fragment_is_measured() -> None:
    query = """query A { a: __typename } query B { b: __typename }
    fragment Unused on Query { c: order(id: 1) { customer { orders { nodes { id } } } } }"""
    total, operations = ComplexityAnalyzer(SCHEMA, parse(query)).measure_document()
    assert (total.aliases, total.depth) == (2, 5)
    assert [operation.cost for operation in operations.values()] == [1, 1]


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
def test_an_invalid_document_can_be_measured(query: str) -> None:
    total, _ = ComplexityAnalyzer(SCHEMA, parse(query)).measure_document()
    LIMITS.check_size(total)


@pytest.mark.parametrize("levels", [10, 40, 90])
def test_nested_fragments_are_measured_in_linear_time(levels: int) -> None:
    document = parse(nested_fragments(levels))
    start = process_time()
    total, _ = ComplexityAnalyzer(SCHEMA, document).measure_document()
    # CPU time, so a busy machine does not matter. It took a few milliseconds when measured.
    assert process_time() - start < 1
    assert total.aliases == 2**levels - 1
    with pytest.raises(GraphQLError) as caught:
        LIMITS.check_size(total)
    assert caught.value.extensions == {
        "code": "QUERY_LIMIT_EXCEEDED",
        "limit": "aliases",
        "maximum": SETTINGS.max_query_aliases,
    }


def test_the_error_for_a_limit_names_the_actual_and_the_maximum_value() -> None:
    assert limit_exceeded("cost", 20001, 20000).message == (
        "The document exceeds the cost limit (20001, maximum 20000)."
        " Split it into smaller requests."
    )
    for uncounted in (None, 2**90):
        assert limit_exceeded("tokens", uncounted, 1000).message == (
            "The document exceeds the tokens limit (maximum 1000). Split it into smaller requests."
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
def test_the_documents_of_real_clients_stay_far_below_every_limit(query: str) -> None:
    document = parse(query)
    assert document.token_count < SETTINGS.max_query_tokens / 2
    total, operations = ComplexityAnalyzer(SCHEMA, document).measure_document()
    LIMITS.check_size(total)
    costs = [operation.cost for operation in operations.values()]
    assert max(costs) <= SETTINGS.max_query_cost / 2


def test_a_page_of_a_hundred_orders_with_all_their_details_is_within_the_cost_limit() -> None:
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
def test_any_selection_can_be_measured(selection: str) -> None:
    document = parse(f"{{ {selection} }} fragment F on Order {{ {selection} }}")
    total, _ = ComplexityAnalyzer(SCHEMA, document).measure_document()
    assert total.fixed_cost >= 0

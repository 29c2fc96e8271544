"""The fast path gives the results of the stock executor, on a schema with every kind of field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import strawberry
from graphql import GraphQLObjectType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gql.execution.executor import FastPathExecutor
from gql.execution.fields import batch_resolver, strawberry_field
from gql.execution.selection import SelectionPlan, SelectionPlanner
from gql.scalars import SCALARS
from tests.unit.gql.execution.graphql_documents import comparable_errors, documents, run
from tests.unit.gql.execution.sample_schema import (
    A_LEAF,
    A_NODE,
    ANOTHER,
    ARGUMENTS,
    GRAPHQL_SCHEMA,
    WRONG,
    Broken,
    Cat,
    Circle,
    Dog,
    Leaf,
    Node,
    Query,
    Square,
)


def mostly(right: st.SearchStrategy[Any], wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 19).flatmap(lambda number: right if number else wrong)


def one_of(*right: Any) -> st.SearchStrategy[Any]:
    """Return one of these objects, or a copy in which one attribute is wrong."""
    broken = [
        replace(object_, **{name: value})
        for object_ in right
        for name in vars(object_)
        for value in WRONG
    ]
    return mostly(st.sampled_from(right), st.sampled_from(broken))


leaves = one_of(A_LEAF, ANOTHER)
pets = mostly(
    one_of(Cat(name="Tom", lives=9), Dog(name="", tricks=["sit"])), st.sampled_from(WRONG)
)
shapes = mostly(
    one_of(Circle(radius=0.5), Square(side=2, label=None)), st.sampled_from([*WRONG, A_LEAF])
)
wrong = st.sampled_from(WRONG)


def nodes(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        Node,
        leaf=mostly(leaves, wrong),
        friend_leaf=mostly(leaves, wrong),
        fate=st.sampled_from([0] * 12 + [1] * 7 + [Broken("later")]),
        children=children,
        maybe_children=children,
        pets=mostly(st.lists(pets, max_size=2), wrong),
        named=mostly(st.lists(pets, max_size=1), wrong),
        shape=shapes,
        shapes=mostly(st.lists(shapes, max_size=3), wrong),
        grid=mostly(st.lists(mostly(st.lists(leaves, max_size=2), wrong), max_size=2), wrong),
    )


childless = nodes(st.just([]))
parents = nodes(mostly(st.lists(mostly(childless, wrong), max_size=1), wrong))
roots = st.builds(
    Query,
    node=mostly(parents, wrong),
    nodes=mostly(st.lists(mostly(childless, wrong), min_size=1, max_size=3), wrong),
    maybe_nodes=mostly(st.lists(mostly(childless, wrong), min_size=1, max_size=2), wrong),
)


DENSE = [
    """query { nodes { friend { text number color } bestFriend { text maybeColor colors share }
      deep upper leaf { maybe number share flag at amount anything } withArguments } }""",
    """query { nodes { leaf { text maybe number share flag color maybeColor colors at amount }
      bestFriend { number flag color maybeColor colors at amount anything maybe } } }""",
    "query { maybeNodes { friend { number } bestFriend { number } f: friend(first: 0) { text } } }",
    "query { node { children { bestFriend { number } upper } maybeChildren { friend { text } } } }",
    """query { nodes { pets { __typename ... on Cat { name lives } ... on Dog { tricks } }
      named { name } later { number } bestFriend { flag } } maybeNodes { leaf { number } } }""",
    """query { nodes { shape { ... on Circle { radius } } shapes { __typename
      ... on Square { side label } } friend { text } } }""",
    "query { nodes { grid { text maybe number } circle { number color } friend { text } } }",
    "query { maybeNodes { upper circle { flag maybe } } }",
]
"""Documents that combine most features of the fast path."""

DOCUMENTS = documents(GRAPHQL_SCHEMA, ARGUMENTS) | st.sampled_from(DENSE)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(document=DOCUMENTS, root=roots)
async def test_any_query_on_any_data_has_the_result_of_the_stock_executor(
    document: str, root: Query
) -> None:
    await check(document, root)


async def check(document: str, root: Query) -> None:
    ours = await run(GRAPHQL_SCHEMA, document, FastPathExecutor, root=root)
    stock = await run(GRAPHQL_SCHEMA, document, StrawberryGraphQLCoreExecutionContext, root=root)
    assert ours.data == stock.data
    assert str(ours.data) == str(stock.data)  # includes the order of the fields
    assert comparable_errors(ours) == comparable_errors(stock)


@pytest.mark.parametrize("document", DENSE)
@pytest.mark.parametrize("place", ["leaf", "friend_leaf"])
async def test_each_wrong_leaf_value_is_reported_as_the_stock_executor_reports_it(
    document: str, place: str
) -> None:
    for name in vars(A_LEAF):
        for wrong in WRONG:
            changed: dict[str, Any] = {place: replace(A_LEAF, **{name: wrong})}
            node = replace(A_NODE, **changed)
            await check(document, Query(node=node, nodes=[A_NODE, node], maybe_nodes=[node]))


_OBJECTS_AND_LISTS = [
    *(
        "leaf",
        "friend_leaf",
        "children",
        "maybe_children",
        "pets",
        "named",
        "shape",
        "shapes",
        "grid",
    ),
]


@pytest.mark.parametrize("document", DENSE)
async def test_each_wrong_object_or_list_is_told_as_the_stock_one_tells_it(document: str) -> None:
    for name in _OBJECTS_AND_LISTS:
        for wrong in [*WRONG, [A_NODE, None], [None], (A_LEAF,), A_LEAF]:
            node = replace(A_NODE, **{name: wrong})
            await check(
                document, Query(node=node, nodes=[node, A_NODE], maybe_nodes=[A_NODE, node])
            )


INSTANTS = st.datetimes(
    min_value=datetime(2, 1, 1),  # ruff: ignore[call-datetime-without-tzinfo] - set by timezones
    max_value=datetime(9998, 1, 1),  # ruff: ignore[call-datetime-without-tzinfo] - as above
    timezones=st.sampled_from([UTC, UTC, timezone(timedelta(0)), timezone(timedelta(hours=-5))]),
)


@given(st.lists(INSTANTS, max_size=4))
async def test_instants_of_any_time_zone_and_precision_are_serialized_as_by_the_stock_executor(
    instants: list[datetime],
) -> None:
    node = replace(A_NODE, friend_leaf=None)
    nodes = [replace(node, leaf=replace(A_LEAF, at=at)) for at in instants]
    await check("{ nodes { leaf { at } } }", Query(node=None, nodes=nodes, maybe_nodes=None))


async def test_nested_lists_keep_their_own_entries() -> None:
    children: list[list[Node | None]] = [
        [A_NODE] * 2,
        [],
        [replace(A_NODE, leaf=ANOTHER)],
        [A_NODE, None],
    ]
    nodes = [replace(A_NODE, maybe_children=some) for some in [*children, None]]
    document = "{ nodes { maybeChildren { leaf { maybe } pets { __typename } } } }"
    for shown in (nodes, nodes[:4], nodes[:3], nodes[3:4], []):
        await check(document, Query(node=None, nodes=shown, maybe_nodes=[None, *shown]))


async def test_lists_of_a_batch_resolver_are_read_once_for_all_entries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []

    async def read(_context: object, sources: list[Node]) -> list[list[Leaf]]:  # ruff: ignore[unused-async] - as batch resolvers are
        calls.append(len(sources))
        return [[source.leaf] for source in sources]

    node_type = GRAPHQL_SCHEMA.type_map["Node"]
    assert isinstance(node_type, GraphQLObjectType)
    field = strawberry_field(node_type.fields["circle"])
    assert field is not None
    monkeypatch.setattr(field, "metadata", batch_resolver(read))
    root = Query(node=None, nodes=[A_NODE, A_NODE, A_NODE], maybe_nodes=None)
    result = await run(
        GRAPHQL_SCHEMA, "{ nodes { circle { number } } }", FastPathExecutor, root=root
    )
    assert result.data == {"nodes": [{"circle": [{"number": -5}]}] * 3}
    assert calls == [3]


async def test_objects_outside_lists_and_short_lists_are_left_to_the_stock_executor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gql.execution.executor._MIN_ENTRIES", 3)
    planned: list[int] = []
    fast_plan = SelectionPlanner.fast_plan

    def note(planner: SelectionPlanner, *arguments: Any) -> SelectionPlan | None:
        planned.append(1)
        return fast_plan(planner, *arguments)

    monkeypatch.setattr(SelectionPlanner, "fast_plan", note)
    document = "{ node { leaf { maybe } } nodes { number } }"
    for entries, plans in ((2, 0), (3, 1)):
        planned.clear()
        await check(document, Query(node=A_NODE, nodes=[A_NODE] * entries, maybe_nodes=None))
        assert len(planned) == plans


@pytest.mark.parametrize("skip", ["true", "false"])
async def test_a_selection_whose_fields_are_all_skipped_is_an_empty_object(skip: str) -> None:
    document = f"{{ nodes {{ leaf {{ text @skip(if: {skip}) }} }} }}"
    await check(document, Query(node=None, nodes=[A_NODE, A_NODE], maybe_nodes=None))


def test_middleware_is_called_for_every_value_of_a_list() -> None:
    called: list[str] = []

    class Tracing(SchemaExtension):
        def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:  # ruff: ignore[no-self-use] - Strawberry's
            called.append(info.field_name)
            return _next(root, info, *args, **kwargs)

    traced = strawberry.Schema(
        Query,
        types=[Cat, Dog],
        extensions=[Tracing],
        execution_context_class=FastPathExecutor,
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    root = Query(node=None, nodes=[A_NODE, A_NODE], maybe_nodes=None)
    result = traced.execute_sync("{ nodes { upper } }", root_value=root)
    assert result.data == {"nodes": [{"upper": "É"}] * 2}
    assert called == ["nodes", "upper", "upper"]

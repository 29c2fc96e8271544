"""The executor that takes plain values straight, held against the stock one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gql.execution.executor import FastPathExecutor
from tests.unit.gql.execution.graphql_documents import documents, executed, told
from tests.unit.gql.execution.plain_schema import (
    A_LEAF,
    A_NODE,
    ANOTHER,
    ARGUMENTS,
    CORE,
    WRONG,
    Broken,
    Cat,
    Dog,
    Node,
    Query,
)


def mostly(right: st.SearchStrategy[Any], wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 19).flatmap(lambda one: right if one else wrong)


def one_of(*right: Any) -> st.SearchStrategy[Any]:
    """Return one of these, or one of which something is wrong."""
    broken = [
        replace(one, **{name: wrong}) for one in right for name in vars(one) for wrong in WRONG
    ]
    return mostly(st.sampled_from(right), st.sampled_from(broken))


leaves = one_of(A_LEAF, ANOTHER)
pets = mostly(
    one_of(Cat(name="Tom", lives=9), Dog(name="", tricks=["sit"])), st.sampled_from(WRONG)
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
]
"""Documents in which most of what the executor can do comes together."""

DOCUMENTS = documents(CORE, ARGUMENTS) | st.sampled_from(DENSE)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(document=DOCUMENTS, root=roots)
async def test_whatever_is_asked_of_whatever_there_is_the_answer_is_the_stock_one(
    document: str, root: Query
) -> None:
    await check(document, root)


async def check(document: str, root: Query) -> None:
    ours = await executed(CORE, document, FastPathExecutor, root=root)
    stock = await executed(CORE, document, StrawberryGraphQLCoreExecutionContext, root=root)
    assert ours.data == stock.data
    assert str(ours.data) == str(stock.data)  # the fields' order, too
    assert told(ours) == told(stock)


@pytest.mark.parametrize("document", DENSE)
@pytest.mark.parametrize("place", ["leaf", "friend_leaf"])
async def test_each_wrong_value_of_a_leaf_is_told_as_the_stock_one_tells_it(
    document: str, place: str
) -> None:
    for name in vars(A_LEAF):
        for wrong in WRONG:
            changed: dict[str, Any] = {place: replace(A_LEAF, **{name: wrong})}
            node = replace(A_NODE, **changed)
            await check(document, Query(node=node, nodes=[A_NODE, node], maybe_nodes=[node]))


@pytest.mark.parametrize("document", DENSE)
async def test_each_wrong_object_or_list_is_told_as_the_stock_one_tells_it(document: str) -> None:
    for name in ("leaf", "friend_leaf", "children", "maybe_children", "pets", "named"):
        for wrong in [*WRONG, [A_NODE, None], [None], (A_LEAF,), A_LEAF]:
            node = replace(A_NODE, **{name: wrong})
            await check(
                document, Query(node=node, nodes=[node, A_NODE], maybe_nodes=[A_NODE, node])
            )


INSTANTS = st.datetimes(
    min_value=datetime(2, 1, 1),  # ruff: ignore[call-datetime-without-tzinfo] - given one below
    max_value=datetime(9998, 1, 1),  # ruff: ignore[call-datetime-without-tzinfo] - as above
    timezones=st.sampled_from([UTC, UTC, timezone(timedelta(0)), timezone(timedelta(hours=-5))]),
)


@given(st.lists(INSTANTS, max_size=4))
async def test_instants_are_written_the_same_whatever_their_zone_and_fraction(
    instants: list[datetime],
) -> None:
    node = replace(A_NODE, friend_leaf=None)
    nodes = [replace(node, leaf=replace(A_LEAF, at=at)) for at in instants]
    await check("{ nodes { leaf { at } } }", Query(node=None, nodes=nodes, maybe_nodes=None))


async def test_lists_within_a_list_keep_their_own_entries() -> None:
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


@pytest.mark.parametrize("skip", ["true", "false"])
async def test_a_selection_of_which_all_is_skipped_is_empty(skip: str) -> None:
    document = f"{{ nodes {{ leaf {{ text @skip(if: {skip}) }} }} }}"
    await check(document, Query(node=None, nodes=[A_NODE, A_NODE], maybe_nodes=None))

"""The executor that takes plain values straight, held against the stock one."""

# Strawberry types its decorator as Any where it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

import pytest
import strawberry
from graphql import ExecutionResult, execute, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gql.execution import PlainExecutor
from gql.fields import attribute, read_by
from gql.scalars import JSON, SCALARS
from tests.unit.graphql_documents import VARIABLES, documents, told

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from graphql.execution import Executor


class Color(StrEnum):
    RED = "RED"
    GREEN = "GREEN"


strawberry.enum(Color)


class Broken(Exception):
    """What a resolver raises, or even returns."""


class Later:
    """What can be awaited, as often as one likes."""

    def __await__(self) -> Generator[Any, None, str]:
        yield from asyncio.sleep(0).__await__()
        return "later"


WRONG: list[Any] = [
    None,
    "text",
    7,
    2**40,
    -(2**31) - 1,
    1.5,
    float("nan"),
    True,
    Broken("a value"),
]
WRONG += [[1], {}, Color.RED, datetime(2026, 1, 1, tzinfo=UTC), Decimal("1.50"), Later()]


def mostly(right: st.SearchStrategy[Any], wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 19).flatmap(lambda one: right if one else wrong)


def one_of(*right: Any) -> st.SearchStrategy[Any]:
    """Return one of these, or one of which something is wrong."""
    broken = [
        replace(one, **{name: wrong}) for one in right for name in vars(one) for wrong in WRONG
    ]
    return mostly(st.sampled_from(right), st.sampled_from(broken))


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Cat(Named):
    lives: int | None


@strawberry.type
class Dog(Named):
    tricks: list[str]


Pet: TypeAlias = Annotated[Cat | Dog, strawberry.union("Pet")]


@strawberry.type
class Leaf:
    text: str
    maybe: str | None
    number: int
    share: float | None
    flag: bool
    color: Color
    maybe_color: Color | None
    colors: list[Color | None]
    at: datetime
    amount: Decimal | None
    anything: JSON


async def _read_friends(_: object, sources: Sequence[Node], first: int = 2) -> list[Leaf | None]:
    if any(isinstance(source.fate, Exception) for source in sources):
        raise Broken("one of them")
    if first == 0:
        raise Broken("none of them")
    await asyncio.sleep(0)
    return [source.leaf if source.fate == 0 else source.friend_leaf for source in sources]


def _upper(self: Node) -> str:
    return self.leaf.text.upper()


@strawberry.type
class Node:
    leaf: Leaf
    friend_leaf: Leaf | None
    fate: strawberry.Private[Any]
    children: list[Node]
    maybe_children: list[Node | None] | None
    deep: str = attribute("leaf.text", description="On a path.")
    upper: str = strawberry.field(resolver=_upper)
    pets: list[Pet]
    named: list[Named | None]

    @strawberry.field
    async def later(self) -> Leaf | None:
        await asyncio.sleep(0)
        if isinstance(self.fate, Exception):
            raise self.fate
        return self.leaf

    @strawberry.field
    def with_arguments(self, times: int = 1) -> str:
        return self.leaf.text * times

    @strawberry.field(metadata=read_by(_read_friends))
    async def friend(self, first: int = 2) -> Leaf | None:
        [one] = await _read_friends(None, [self], first)
        return one

    @strawberry.field(metadata=read_by(_read_friends))
    async def best_friend(self) -> Leaf:
        [one] = await _read_friends(None, [self])
        return one  # type: ignore[return-value] # None is what the executor has to find out


@strawberry.type
class Query:
    node: Node | None
    nodes: list[Node]
    maybe_nodes: list[Node | None] | None


schema = strawberry.Schema(Query, types=[Cat, Dog], config=StrawberryConfig(scalar_map=SCALARS))
CORE = schema._schema  # ruff: ignore[private-member-access] - Strawberry shows it nowhere else

ARGUMENTS = {
    "withArguments": ["", "(times: 2)", "(times: -1)"],
    "friend": ["", "(first: 2)", "(first: 0)"],
}

A_LEAF = Leaf(
    text="é",
    maybe=None,
    number=-5,
    share=0.5,
    flag=False,
    color=Color.RED,
    maybe_color=None,
    colors=[Color.GREEN, None],
    at=datetime(2026, 1, 31, tzinfo=UTC),
    amount=Decimal("2.50"),
    anything=JSON({"a": [1]}),
)
ANOTHER = replace(A_LEAF, maybe="m", share=None, maybe_color=Color.RED, colors=[], amount=None)
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


async def executed(document: str, root: object, executor: type[Executor[Any]]) -> ExecutionResult:
    result = execute(
        CORE,
        parse(document),
        root_value=root,
        variable_values=VARIABLES,
        executor_class=executor,
        is_awaitable=cast("Any", optimized_is_awaitable),
        operation_extensions=None,
    )
    return result if isinstance(result, ExecutionResult) else await result


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
    ours = await executed(document, root, PlainExecutor)
    stock = await executed(document, root, StrawberryGraphQLCoreExecutionContext)
    assert ours.data == stock.data
    assert str(ours.data) == str(stock.data)  # the fields' order, too
    assert told(ours) == told(stock)


A_NODE = Node(
    leaf=A_LEAF,
    friend_leaf=ANOTHER,
    fate=1,
    children=[],
    maybe_children=[],
    pets=[Cat(name="Tom", lives=9), Dog(name="", tricks=["sit"])],
    named=[Cat(name="Tom", lives=None), None],
)


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

"""A schema with every kind of field, and objects of it, on which both executors are compared."""

# Strawberry types its decorator as Any if it takes arguments.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import strawberry
from strawberry.schema.config import StrawberryConfig

from gql.execution.fields import attribute, batch_resolver
from gql.scalars import JSON, SCALARS

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence


class Color(StrEnum):
    RED = "RED"
    GREEN = "GREEN"


strawberry.enum(Color)


class Broken(Exception):
    """An error that a resolver raises or returns."""


class Later:
    """An awaitable that can be awaited any number of times."""

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
class Circle:
    radius: float


@strawberry.type
class Square:
    side: int
    label: str | None


Shape: TypeAlias = Annotated[Circle | Square, strawberry.union("Shape")]


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
        raise Broken("one source is broken")
    if first == 0:
        raise Broken("first is 0")
    await asyncio.sleep(0)
    return [source.leaf if source.fate == 0 else source.friend_leaf for source in sources]


async def _read_circle(_: object, sources: Sequence[Node]) -> list[list[Leaf | None]]:
    await asyncio.sleep(0)
    if any(isinstance(source.fate, Exception) for source in sources):
        raise Broken("one source is broken")
    return [[source.leaf, source.friend_leaf][: source.fate] for source in sources]


def _upper(self: Node) -> str:
    return self.leaf.text.upper()


@strawberry.type
class Node:
    leaf: Leaf
    friend_leaf: Leaf | None
    fate: strawberry.Private[Any]
    children: list[Node]
    maybe_children: list[Node | None] | None
    deep: str = attribute("leaf.text", description="A dotted path.")
    upper: str = strawberry.field(resolver=_upper)
    pets: list[Pet]
    named: list[Named | None]
    shape: Shape | None
    shapes: list[Shape]
    grid: list[list[Leaf | None]]

    @strawberry.field
    async def later(self) -> Leaf | None:
        await asyncio.sleep(0)
        if isinstance(self.fate, Exception):
            raise self.fate
        return self.leaf

    @strawberry.field
    def with_arguments(self, times: int = 1) -> str:
        return self.leaf.text * times

    @strawberry.field(metadata=batch_resolver(_read_friends))
    async def friend(self, first: int = 2) -> Leaf | None:
        [friend] = await _read_friends(None, [self], first)
        return friend

    @strawberry.field(metadata=batch_resolver(_read_circle))
    async def circle(self) -> list[Leaf]:
        [circle] = await _read_circle(None, [self])
        return circle  # type: ignore[return-value] # the executor has to detect None

    @strawberry.field(metadata=batch_resolver(_read_friends))
    async def best_friend(self) -> Leaf:
        [friend] = await _read_friends(None, [self])
        return friend  # type: ignore[return-value] # the executor has to detect None


@strawberry.type
class Query:
    node: Node | None
    nodes: list[Node]
    maybe_nodes: list[Node | None] | None


schema = strawberry.Schema(Query, types=[Cat, Dog], config=StrawberryConfig(scalar_map=SCALARS))
GRAPHQL_SCHEMA = schema._schema  # ruff: ignore[private-member-access] - Strawberry has no public name for it

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

A_NODE = Node(
    leaf=A_LEAF,
    friend_leaf=ANOTHER,
    fate=1,
    children=[],
    maybe_children=[],
    pets=[Cat(name="Tom", lives=9), Dog(name="", tricks=["sit"])],
    named=[Cat(name="Tom", lives=None), None],
    shape=Square(side=2, label=None),
    shapes=[Circle(radius=0.5), Square(side=1, label="one"), Circle(radius=1.5)],
    grid=[[A_LEAF, None], [], [ANOTHER]],
)

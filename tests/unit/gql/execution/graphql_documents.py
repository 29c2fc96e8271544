"""A Hypothesis strategy for queries on any schema, and how to execute and compare their results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    ExecutionResult,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    execute,
    get_named_type,
    is_leaf_type,
    parse,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from strawberry.execution import optimized_is_awaitable

if TYPE_CHECKING:
    from graphql import GraphQLError, GraphQLField, GraphQLNamedType
    from graphql.execution import Executor

VARIABLES = {"yes": True, "no": False, "null": None}
_DECLARED = "($yes: Boolean!, $no: Boolean!, $null: Boolean = true)"
_CONDITIONS = [
    "@include(if: $yes)",
    "@include(if: $no)",
    "@skip(if: $yes)",
    "@skip(if: $no)",
    "@skip(if: false) @include(if: true)",
    "@include(if: $null)",  # null is no Boolean, which only execution notices
]
_MAX_DEPTH = 4


@dataclass
class _DocumentWriter:
    """Writes one document. Each choice of arguments of a field has an alias of its own."""

    draw: DrawFn
    schema: GraphQLSchema
    arguments: Mapping[str, Sequence[str]]
    fragments: list[str] = field(default_factory=list)

    def selection(self, type_: GraphQLNamedType, depth: int) -> str:
        count = self.draw(st.integers(1, 5))
        return f"{{ {' '.join(self._member(type_, depth) for _ in range(count))} }}"

    def _member(self, type_: GraphQLNamedType, depth: int) -> str:
        kind = self.draw(st.sampled_from(["field"] * 6 + ["inline", "spread"]))
        if kind == "field" or not depth:
            return self._field(type_, depth)
        within = self.draw(st.sampled_from(self._possible(type_)))
        selection = self.selection(within, depth - 1)
        if kind == "inline":
            return f"... on {within.name} {self._condition()} {selection}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {within.name} {selection}")
        return f"...{name} {self._condition()}"

    def _possible(self, type_: GraphQLNamedType) -> list[GraphQLNamedType]:
        if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
            return [type_, *self.schema.get_possible_types(type_)]
        return [type_]

    def _field(self, type_: GraphQLNamedType, depth: int) -> str:
        fields: dict[str, GraphQLField] = {}
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            fields = {
                name: definition
                for name, definition in type_.fields.items()
                if depth or is_leaf_type(get_named_type(definition.type))
            }
        name = self.draw(st.sampled_from(["__typename", *fields]))
        if name == "__typename":
            return self._aliased(name, "t")
        choices = self.arguments.get(name, [""])
        place = self.draw(st.integers(0, len(choices) - 1))
        alias = f"{name}_{place}" if len(choices) > 1 else name
        named = get_named_type(fields[name].type)
        below = "" if is_leaf_type(named) else self.selection(named, depth - 1)
        return f"{self._aliased(name, alias)}{choices[place]} {self._condition()} {below}"

    def _aliased(self, name: str, alias: str) -> str:
        # Fields of two types that share a response key must have the same type.
        return f"{alias}{self.draw(st.sampled_from(['', '_again']))}: {name}"

    def _condition(self) -> str:
        return self.draw(st.sampled_from([""] * 8 + _CONDITIONS))


@st.composite
def documents(
    draw: DrawFn, /, schema: GraphQLSchema, arguments: Mapping[str, Sequence[str]]
) -> str:
    """Generate queries. ``arguments`` maps the name of a field to choices of its arguments."""
    writer = _DocumentWriter(draw, schema, arguments)
    assert schema.query_type
    selection = writer.selection(schema.query_type, _MAX_DEPTH)
    return "\n".join([f"query {_DECLARED} {selection}", *writer.fragments])


# Tests execute one document with both executors, and with hundreds of objects.
_parsed = lru_cache(maxsize=10)(parse)


async def run(
    schema: GraphQLSchema,
    document: str,
    executor: type[Executor[Any]],
    *,
    root: object = None,
    context: object = None,
) -> ExecutionResult:
    """Execute a document as the API does, with the given executor."""
    result = execute(
        schema,
        _parsed(document),
        root_value=root,
        context_value=context,
        variable_values=VARIABLES,
        executor_class=executor,
        is_awaitable=cast("Any", optimized_is_awaitable),
        operation_extensions=None,
    )
    return result if isinstance(result, ExecutionResult) else await result


def comparable_errors(result: ExecutionResult) -> set[tuple[str, str | None]]:
    """Return path and message of each error. If it nulled a parent, return only the parent's path.

    The first error that nulls a parent cancels the parent's other fields, whose errors may then be
    missing. The specification leaves open which ones, and in the stock executor it depends on
    timing.
    """
    return {_path_and_message(error, result.data) for error in result.errors or []}


def _path_and_message(error: GraphQLError, data: Any) -> tuple[str, str | None]:
    path = [str(key) for key in error.path or []]
    for depth, key in enumerate(error.path or []):
        if data is None:
            return ".".join(path[:depth]), None
        data = data[key]
    return ".".join(path), error.message

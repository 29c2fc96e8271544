"""Values that are just what the schema says of them, written the shortest way.

Of any other value these functions raise, whatever it is; the stock executor then has a look at it.
"""

from __future__ import annotations

from functools import cache
from math import isfinite
from types import GeneratorType, NoneType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum

Value: TypeAlias = Any
"""Of an object, or of an answer: what it is, is found out here."""

Write: TypeAlias = "Callable[[Value], Value]"
"""Makes a leaf what the answer says."""

Complete: TypeAlias = "Callable[[Value, list[Gap]], Value]"
"""The same for an object or a list, noting what gaps it leaves in the answer."""


class NotPlain(Exception):
    """A value that only the stock executor knows what to do with."""


class Gap(NamedTuple):
    """A field that is filled in once its values have been read for a whole list."""

    answer: dict[str, Value]
    name: str
    complete: Complete

    def fill(self, value: Value) -> None:
        """Put the value in its place."""
        self.answer[self.name] = self.complete(value, [])


class Leaf(NamedTuple):
    """How a leaf is written. A value of the class ``as_is`` stays what it is."""

    as_is: type | None
    write: Write


@cache  # a schema has few types of leaves
def leaf(type_: GraphQLScalarType | GraphQLEnumType, *, required: bool) -> Leaf:
    """Return how a leaf of this type is written."""
    if isinstance(type_, GraphQLEnumType):
        return Leaf(None, _names(type_, required=required).__getitem__)
    as_is, write = None, _scalar(type_)
    for built_in, kind, checked in _BUILT_IN:
        if built_in is type_:
            as_is, write = kind, checked
    return Leaf(as_is, write if required else _or_null(write))


def an_object(
    origin: type, build: Callable[[Value, list[Gap]], dict[str, Value]], *, required: bool
) -> Complete:
    """Return how an object of just this class is written."""

    def complete(value: Value, gaps: list[Gap]) -> Value:
        if type(value) is origin:
            return build(value, gaps)
        if value is None and not required:
            return None
        raise NotPlain

    return complete


def a_list(entry: Complete, *, required: bool) -> Complete:
    """Return how a list is written of which each entry is written so."""

    def complete(value: Value, gaps: list[Gap]) -> Value:
        if type(value) is list:
            return [entry(one, gaps) for one in value]
        if value is None and not required:
            return None
        raise NotPlain

    return complete


def an_entry(of: Leaf) -> Complete:
    """Return how a list's entry is written that is a leaf."""
    as_is, write = of
    return lambda value, _: value if type(value) is as_is else write(value)


def _or_null(written: Write) -> Write:
    def write(value: Value) -> Value:
        return None if value is None else written(value)

    return write


def _names(type_: GraphQLEnumType, *, required: bool) -> dict[Value, str | None]:
    """Look up each member once: what is no member is not found."""
    members: type[Enum] | None = getattr(type_, "wrapped_cls", None)
    names: dict[Value, str | None] = {one: type_.coerce_output_value(one) for one in members or ()}
    return names if required else {**names, None: None}


def _integer(value: Value) -> int:
    if type(value) is int and GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT:
        return value
    raise NotPlain


def _number(value: Value) -> float:
    if type(value) is float and isfinite(value):
        return value
    raise NotPlain


def _nothing(_: Value) -> Value:
    raise NotPlain


_BUILT_IN: list[tuple[GraphQLScalarType, type | None, Write]] = [
    (GraphQLString, str, _nothing),
    (GraphQLID, str, _nothing),
    (GraphQLBoolean, bool, _nothing),
    (GraphQLInt, None, _integer),
    (GraphQLFloat, None, _number),
]


def _scalar(type_: GraphQLScalarType) -> Write:
    coerce = type_.coerce_output_value

    def write(value: Value) -> Value:
        if not _is_plain(type(value)):  # type: ignore[arg-type] # a class is hashable
            raise NotPlain
        written = coerce(value)
        if written is None or written is Undefined:
            raise NotPlain
        return written

    return write


@cache
def _is_plain(kind: type) -> bool:
    """Tell whether values of a class are no more than values: nothing to wait for, or to raise."""
    return kind is not NoneType and not (
        issubclass(kind, Exception | GeneratorType) or hasattr(kind, "__await__")
    )

"""Values that are just what the schema says of them, written the shortest way: a column at a time.

A column is one field's values, of all of a list's objects. Of any other value these functions
raise, whatever it is; the stock executor then has a look at it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import chain, islice
from math import isfinite
from operator import attrgetter
from types import GeneratorType, NoneType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import orjson
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

from gql.scalars import serialize_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from enum import Enum

Value: TypeAlias = Any
"""Of an object, or of an answer: what it is, is found out here."""

Column: TypeAlias = "Sequence[Value]"

Write: TypeAlias = "Callable[[Column], Column]"
"""Makes a column what the answer says."""

Complete: TypeAlias = "Callable[[Column, list[Gap]], Column]"
"""The same, noting what gaps it leaves in the answers."""

Build: TypeAlias = "Callable[[Column, list[Gap]], list[dict[str, Value]]]"
"""The same for objects."""


class NotOnFastPath(Exception):
    """A value that only the stock executor knows what to do with."""


class Gap(NamedTuple):
    """A field that is filled in once its values have been read for a whole list."""

    answers: list[dict[str, Value]]
    name: str
    complete: Complete

    def fill(self, values: Column) -> None:
        """Put the values in their places."""
        written = self.complete(values, [])
        for answer, value in zip(self.answers, written, strict=True):
            answer[self.name] = value


@cache  # a schema has few types of leaves
def leaf(type_: GraphQLScalarType | GraphQLEnumType, *, required: bool) -> Write:
    """Return how leaves of this type are written."""
    if isinstance(type_, GraphQLEnumType):
        names = _names(type_, required=required)
        return lambda values: [*map(names.__getitem__, values)]
    kind = _AS_IS.get(type_)
    if kind is not None:
        return _unchanged({kind} if required else {kind, NoneType})
    write = _NUMBERS.get(type_) or _scalars(type_)
    return write if required else _or_null(write)


def objects(origin: type, build: Build, *, required: bool) -> Complete:
    """Return how objects of just this class are written."""

    def complete(values: Column, gaps: list[Gap]) -> Column:
        def write(present: Column) -> Column:
            check(present, {origin})
            return build(present, gaps)

        return write(values) if required else _or_null(write)(values)

    return complete


def lists(entries: Complete, *, required: bool) -> Complete:
    """Return how lists are written whose entries are written so: those of all lists at once."""

    def complete(values: Column, gaps: list[Gap]) -> Column:
        def write(present: Column) -> Column:
            check(present, {list})
            written = iter(entries([*chain.from_iterable(present)], gaps))
            return [[*islice(written, len(one))] for one in present]

        return write(values) if required else _or_null(write)(values)

    return complete


def _or_null(write: Write) -> Write:
    def write_present(values: Column) -> Column:
        present = [value for value in values if value is not None]
        if len(present) == len(values):
            return write(values)
        written = iter(write(present))
        return [None if value is None else next(written) for value in values]

    return write_present


def check(values: Column, kinds: set[type]) -> None:
    """Raise NotOnFastPath where a value is of another class than these."""
    if not kinds.issuperset(map(type, values)):
        raise NotOnFastPath


def _unchanged(kinds: set[type]) -> Write:
    def write(values: Column) -> Column:
        check(values, kinds)
        return values

    return write


def _names(type_: GraphQLEnumType, *, required: bool) -> dict[Value, str | None]:
    """Look up each member once: what is no member is not found."""
    members: type[Enum] | None = getattr(type_, "wrapped_cls", None)
    names: dict[Value, str | None] = {one: type_.coerce_output_value(one) for one in members or ()}
    return names if required else {**names, None: None}


def _integers(values: Column) -> Column:
    check(values, {int})
    if values and not GRAPHQL_MIN_INT <= min(values) <= max(values) <= GRAPHQL_MAX_INT:
        raise NotOnFastPath
    return values


def _floats(values: Column) -> Column:
    check(values, {float})
    if not all(map(isfinite, values)):
        raise NotOnFastPath
    return values


_AS_IS = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}
_NUMBERS = {GraphQLInt: _integers, GraphQLFloat: _floats}


def _scalars(type_: GraphQLScalarType) -> Write:
    coerce = type_.coerce_output_value

    def write(values: Column) -> Column:
        kinds = {*map(type, values)}
        if coerce is serialize_instant and kinds == {datetime} and _in_utc(values):
            return _instants(values)
        if not all(map(_is_plain, kinds)):
            raise NotOnFastPath
        written = [*map(coerce, values)]
        if not _NO_VALUES.isdisjoint(map(type, written)):
            raise NotOnFastPath
        return written

    return write


_NO_VALUES = {NoneType, type(Undefined)}


def _in_utc(instants: Column) -> bool:
    return {UTC}.issuperset(map(attrgetter("tzinfo"), instants))


def _instants(values: Column) -> Column:
    """Have orjson write them: as ``serialize_instant`` does, and five times as fast."""
    written: list[str] = orjson.loads(orjson.dumps(values))
    return written


@cache
def _is_plain(kind: type) -> bool:
    """Tell whether values of a class are no more than values: nothing to wait for, or to raise."""
    return kind is not NoneType and not (
        issubclass(kind, Exception | GeneratorType) or hasattr(kind, "__await__")
    )

"""Completion of values that match their type exactly, one column at a time.

A column holds the values of one field for all objects of a list. Completing a column of 100 strings
is one check of their classes instead of 100 calls. If any value is not exactly what its type
expects, the functions raise, and the stock executor completes the object or list instead.
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
    from collections.abc import Callable, Mapping, Sequence
    from enum import Enum

Value: TypeAlias = Any
"""A value of an object or of the response. Its class is checked at run time."""

Column: TypeAlias = "Sequence[Value]"

Serialize: TypeAlias = "Callable[[Column], Column]"
"""Turns a column of values into a column of the response."""

CompleteColumn: TypeAlias = "Callable[[Column, list[PendingField]], Column]"
"""The same, and appends the fields that are still to be read in a batch."""

BuildObjects: TypeAlias = "Callable[[Column, list[PendingField]], list[dict[str, Value]]]"
"""The same for a column of objects."""


class NotOnFastPath(Exception):
    """A value or selection that only the stock executor can complete."""


class PendingField(NamedTuple):
    """A batch-resolved field of a list's objects, which is null until ``fill``."""

    responses: list[dict[str, Value]]
    response_key: str
    complete: CompleteColumn

    def fill(self, values: Column) -> None:
        fill(self.responses, self.response_key, self.complete(values, []))


def fill(responses: list[dict[str, Value]], response_key: str, values: Column) -> None:
    for response, value in zip(responses, values, strict=True):
        response[response_key] = value


@cache  # a schema has few leaf types
def leaf_serializer(type_: GraphQLScalarType | GraphQLEnumType, *, required: bool) -> Serialize:
    if isinstance(type_, GraphQLEnumType):
        names = _enum_names(type_, required=required)
        return lambda values: [*map(names.__getitem__, values)]
    unchanged_class = _UNCHANGED_CLASSES.get(type_)
    if unchanged_class is not None:
        return _unchanged({unchanged_class} if required else {unchanged_class, NoneType})
    serialize = _NUMBER_SERIALIZERS.get(type_) or _scalar_serializer(type_)
    return serialize if required else _or_null(serialize)


def complete_objects(object_class: type, build: BuildObjects, *, required: bool) -> CompleteColumn:
    """Complete objects of exactly this class."""

    def complete(values: Column, pending: list[PendingField]) -> Column:
        def complete_present(present: Column) -> Column:
            check_classes(present, {object_class})
            return build(present, pending)

        return complete_present(values) if required else _or_null(complete_present)(values)

    return complete


def complete_union(members: Mapping[type, CompleteColumn], *, required: bool) -> CompleteColumn:
    """Complete objects of exactly these classes, one column per class."""

    def complete(values: Column, pending: list[PendingField]) -> Column:
        def complete_present(present: Column) -> Column:
            by_class: dict[type, list[Value]] = {}
            for value in present:
                by_class.setdefault(type(value), []).append(value)
            if not by_class.keys() <= members.keys():
                raise NotOnFastPath
            completed = {
                class_: iter(members[class_](column, pending))
                for class_, column in by_class.items()
            }
            return [next(completed[type(value)]) for value in present]

        return complete_present(values) if required else _or_null(complete_present)(values)

    return complete


def complete_lists(complete_entries: CompleteColumn, *, required: bool) -> CompleteColumn:
    """Complete lists. The entries of all lists are one column."""

    def complete(values: Column, pending: list[PendingField]) -> Column:
        def complete_present(present: Column) -> Column:
            check_classes(present, {list})
            entries = iter(complete_entries([*chain.from_iterable(present)], pending))
            return [[*islice(entries, len(source))] for source in present]

        return complete_present(values) if required else _or_null(complete_present)(values)

    return complete


def _or_null(serialize: Serialize) -> Serialize:
    def serialize_present(values: Column) -> Column:
        present = [value for value in values if value is not None]
        if len(present) == len(values):
            return serialize(values)
        serialized = iter(serialize(present))
        return [None if value is None else next(serialized) for value in values]

    return serialize_present


def check_classes(values: Column, classes: set[type]) -> None:
    """Raise NotOnFastPath if a value's class is not one of these. Subclasses do not count."""
    if not classes.issuperset(map(type, values)):
        raise NotOnFastPath


def _unchanged(classes: set[type]) -> Serialize:
    def serialize(values: Column) -> Column:
        check_classes(values, classes)
        return values

    return serialize


def _enum_names(type_: GraphQLEnumType, *, required: bool) -> dict[Value, str | None]:
    """Map each member to its name in the response. The lookup of any other value raises."""
    members: type[Enum] | None = getattr(type_, "wrapped_cls", None)
    names: dict[Value, str | None] = {
        member: type_.coerce_output_value(member) for member in members or ()
    }
    return names if required else {**names, None: None}


def _integers(values: Column) -> Column:
    check_classes(values, {int})
    if values and not GRAPHQL_MIN_INT <= min(values) <= max(values) <= GRAPHQL_MAX_INT:
        raise NotOnFastPath
    return values


def _floats(values: Column) -> Column:
    check_classes(values, {float})
    if not all(map(isfinite, values)):
        raise NotOnFastPath
    return values


_UNCHANGED_CLASSES = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}
_NUMBER_SERIALIZERS = {GraphQLInt: _integers, GraphQLFloat: _floats}


def _scalar_serializer(type_: GraphQLScalarType) -> Serialize:
    coerce = type_.coerce_output_value

    def serialize(values: Column) -> Column:
        classes = {*map(type, values)}
        if coerce is serialize_instant and classes == {datetime} and _all_in_utc(values):
            return _instants(values)
        if not all(map(_is_value_class, classes)):
            raise NotOnFastPath
        serialized = [*map(coerce, values)]
        if not _NO_VALUE_CLASSES.isdisjoint(map(type, serialized)):
            raise NotOnFastPath
        return serialized

    return serialize


_NO_VALUE_CLASSES = {NoneType, type(Undefined)}


def _all_in_utc(instants: Column) -> bool:
    return {UTC}.issuperset(map(attrgetter("tzinfo"), instants))


def _instants(values: Column) -> Column:
    """Serialize with orjson: the same text as ``serialize_instant``, and five times as fast."""
    serialized: list[str] = orjson.loads(orjson.dumps(values))
    return serialized


@cache
def _is_value_class(class_: type) -> bool:
    """Return whether instances are plain values: not None, an error, a generator or awaitable."""
    return class_ is not NoneType and not (
        issubclass(class_, Exception | GeneratorType) or hasattr(class_, "__await__")
    )

"""Selections made into functions that read all of an object at once, as far as it is plain.

Plain is a field of which nothing can be asked but its value: an attribute, or a method that takes
nothing. A field that is read for a whole list at once (``Level``) is plain once that is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    TypeNameMetaFieldDef,
)
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.execution.values import get_argument_values
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from gql.execution.columns import (
    Build,
    Column,
    Complete,
    Gap,
    NotOnFastPath,
    Value,
    Write,
    check,
    leaf,
    lists,
    objects,
)
from gql.execution.fields import BatchResolver, batch_resolver_of, getter_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from graphql import GraphQLField, GraphQLOutputType
    from graphql.execution import Executor
    from graphql.execution.collect_fields import FieldDetailsList
    from strawberry.types.base import StrawberryObjectDefinition


class Level(NamedTuple):
    """A field that is read for a whole list: of which objects within its entries, and how."""

    of: Write
    origin: type
    batch_resolver: BatchResolver
    arguments: dict[str, Any]

    def sources(self, entries: Column) -> Column:
        """Return whose field it is, for all of a list's entries."""
        sources = self.of(entries)
        check(sources, {self.origin})
        return sources


class _Plain(NamedTuple):
    """A field that is plain. ``get`` is None where a level reads it."""

    name: str
    get: Callable[[Value], Value] | None
    complete: Complete
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True)
class FastPathSelection:
    """What is plain of a selection.

    ``alone`` makes an object's answer but for the fields in ``rest``; None where nothing is plain.
    ``entries`` makes those of a list's entries, but for the gaps that ``levels`` fill; None where
    not all of it is plain. ``fields`` is the selection itself.
    """

    fields: GroupedFieldSet
    origin: type | None
    alone: Build | None
    rest: GroupedFieldSet
    entries: Build | None
    levels: tuple[Level, ...]

    @property
    def is_plain(self) -> bool:
        """Whether all of it is, once its levels have been read."""
        return self.origin is not None and self.entries is not None

    def completing(self, *, required: bool) -> Complete:
        """Return how objects are written of which this was selected, and which are plain."""
        if self.origin is None or self.entries is None:
            raise NotOnFastPath
        return objects(self.origin, self.entries, required=required)


class Selecting:
    """Finds out once, for one operation, what is plain of each of its selections."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[int, FastPathSelection] = {}

    def selection(
        self, executor: Executor[Any], type_: GraphQLObjectType, fields: GroupedFieldSet
    ) -> FastPathSelection:
        """Return what is plain of these fields on objects of that type."""
        known = self._known.get(id(fields))  # kept alive by what is known of it
        if known is None:
            known = self._known[id(fields)] = self._selected(executor, type_, fields)
        return known

    def below(
        self, executor: Executor[Any], type_: GraphQLObjectType, details: FieldDetailsList
    ) -> FastPathSelection | None:
        """Return what is plain of what was selected of a field of that type.

        None where that cannot be told: a directive may have a variable that is null.
        """
        try:
            fields = executor.collect_subfields(type_, details).grouped_field_set
        except GraphQLError:
            return None
        return self.selection(executor, type_, fields)

    def _selected(
        self, executor: Executor[Any], type_: GraphQLObjectType, fields: GroupedFieldSet
    ) -> FastPathSelection:
        found: dict[str, _Plain] = {}
        type_names: dict[str, Value] = {}
        origin = _origin(type_)
        for name, details in fields.items():
            definition = executor.schema.get_field(type_, details[0].node.name.value)
            if definition is TypeNameMetaFieldDef:
                type_names[name] = type_.name
            elif definition is not None:
                plain = self._field(executor, name, definition, details, origin)
                if plain is not None:
                    found[name] = plain
        template = dict.fromkeys(fields) | type_names
        alone = [one for one in found.values() if not one.levels]
        done = {one.name for one in alone} | type_names.keys()
        all_plain = fields and len(found) + len(type_names) == len(fields)
        return FastPathSelection(
            fields=fields,
            origin=origin,
            alone=_builder(template, alone) if done else None,
            rest={name: details for name, details in fields.items() if name not in done},
            entries=_builder(template, [*found.values()]) if all_plain else None,
            levels=_levels(found.values()),
        )

    def _field(
        self,
        executor: Executor[Any],
        name: str,
        definition: GraphQLField,
        details: FieldDetailsList,
        origin: type | None,
    ) -> _Plain | None:
        made_from = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if not isinstance(made_from, StrawberryField) or made_from.extensions:
            return None
        inner, required = nullable(definition.type)
        get = getter_of(made_from)
        if get is None:
            return self._level(executor, name, definition, details, origin)
        if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            return _Plain(name, get, _leaves(inner, required=required))
        if isinstance(inner, GraphQLList):
            entries = self._entries(executor, inner.of_type, details)
            return entries and _Plain(name, get, lists(entries, required=required))
        below = self.plain_below(executor, inner, details)
        if below is None or (below.levels and not required):
            return None
        lifted = tuple(level._replace(of=_within(get, level.of)) for level in below.levels)
        return _Plain(name, get, below.completing(required=required), lifted)

    def plain_below(
        self, executor: Executor[Any], type_: GraphQLOutputType, details: FieldDetailsList
    ) -> FastPathSelection | None:
        """Return the same where that is an object's type, and all of the selection is plain."""
        if not isinstance(type_, GraphQLObjectType):
            return None
        below = self.below(executor, type_, details)
        return below if below is not None and below.is_plain else None

    def _entries(
        self, executor: Executor[Any], type_: GraphQLOutputType, details: FieldDetailsList
    ) -> Complete | None:
        """Return how lists' entries are written, of which nothing has to be read before."""
        inner, required = nullable(type_)
        if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            return _leaves(inner, required=required)
        below = self.plain_below(executor, inner, details)
        return None if below is None or below.levels else below.completing(required=required)

    def _level(
        self,
        executor: Executor[Any],
        name: str,
        definition: GraphQLField,
        details: FieldDetailsList,
        origin: type | None,
    ) -> _Plain | None:
        batch_resolver = batch_resolver_of(
            definition.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        )
        if batch_resolver is None or origin is None:
            return None
        complete = self._entries(executor, definition.type, details)
        try:
            arguments = get_argument_values(
                definition,
                details[0].node,
                executor.variable_values,
                details[0].fragment_variable_values,
                executor.hide_suggestions,
            )
        except GraphQLError:
            return None
        level = Level(_themselves, origin, batch_resolver, arguments)
        return complete and _Plain(name, None, complete, (level,))


def _builder(template: dict[str, Value], plain: Sequence[_Plain]) -> Build:
    names = tuple(template)
    taken = [(one.name, one.get, one.complete) for one in plain if one.get is not None]
    read = [(one.name, one.complete) for one in plain if one.get is None]

    def build(sources: Column, gaps: list[Gap]) -> list[dict[str, Value]]:
        columns: dict[str, Column] = {
            name: [value] * len(sources) for name, value in template.items()
        }
        for name, get, complete in taken:
            columns[name] = complete([*map(get, sources)], gaps)
        rows = zip(*columns.values(), strict=True)
        answers = [*map(dict, map(zip, repeat(names), rows))]
        gaps.extend(Gap(answers, name, complete) for name, complete in read)
        return answers

    return build


def _levels(plain: Collection[_Plain]) -> tuple[Level, ...]:
    """Return them in the order in which their gaps are noted: an object's own are the last."""
    within = [level for one in plain if one.get is not None for level in one.levels]
    return (*within, *(level for one in plain if one.get is None for level in one.levels))


def _leaves(type_: GraphQLScalarType | GraphQLEnumType, *, required: bool) -> Complete:
    write = leaf(type_, required=required)
    return lambda values, _: write(values)


def _origin(type_: GraphQLObjectType) -> type | None:
    """Return the class of a type's objects, where that says all that is asked of them."""
    definition: StrawberryObjectDefinition | None = type_.extensions.get(
        GraphQLCoreConverter.DEFINITION_BACKREF
    )
    if definition is None or type_.is_type_of is not None:
        return None
    origin = definition.origin
    return None if hasattr(origin, "__await__") or issubclass(origin, Exception) else origin


def nullable(type_: GraphQLOutputType) -> tuple[GraphQLOutputType, bool]:
    """Return a type without its being required, and whether it was."""
    return (type_.of_type, True) if isinstance(type_, GraphQLNonNull) else (type_, False)


def _within(get: Callable[[Value], Value], of: Write) -> Write:
    return lambda entries: of([*map(get, entries)])


def _themselves(entries: Column) -> Column:
    return entries

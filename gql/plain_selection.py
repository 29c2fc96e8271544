"""Selections made into functions that read all of an object at once, as far as it is plain.

Plain is a field of which nothing can be asked but its value: an attribute, or a method that takes
nothing. A field that is read for a whole list at once (``Level``) is plain once that is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

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

from gql.fields import ReadAll, getter_of, path_of, read_all_of
from gql.plain_values import (
    Complete,
    Gap,
    Leaf,
    NotPlain,
    Value,
    Write,
    a_list,
    an_entry,
    an_object,
    leaf,
)

if TYPE_CHECKING:
    from graphql import GraphQLField, GraphQLOutputType
    from graphql.execution import Executor
    from graphql.execution.collect_fields import FieldDetailsList
    from strawberry.types.base import StrawberryObjectDefinition

Build: TypeAlias = Callable[[Value, list[Gap]], dict[str, Value]]
"""Makes an object's answer, noting the gaps that levels are to fill, in their order."""


class Level(NamedTuple):
    """A field that is read for a whole list: of which object of an entry, and how."""

    of: Write
    origin: type
    read_all: ReadAll
    arguments: dict[str, Any]

    def sources(self, entries: list[Value]) -> list[Value]:
        """Return whose field it is, for all of a list's entries."""
        sources = list(map(self.of, entries))
        if any(type(source) is not self.origin for source in sources):
            raise NotPlain
        return sources


class _Leaf(NamedTuple):
    """``path`` leads to the value, or else ``get`` does."""

    name: str
    path: str | None
    get: Write
    written: Leaf


class _Nested(NamedTuple):
    """An object or a list. ``get`` is None where a level has read it."""

    name: str
    get: Write | None
    complete: Complete
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True)
class PlainSelection:
    """What is plain of a selection.

    ``alone`` makes the answer of an object but for the fields in ``rest``; None where nothing is
    plain. ``entry`` makes that of a list's entry, but for the gaps that ``levels`` fill; None where
    not all of it is plain. ``fields`` is the selection itself.
    """

    fields: GroupedFieldSet
    origin: type | None
    alone: Build | None
    rest: GroupedFieldSet
    entry: Build | None
    levels: tuple[Level, ...]

    @property
    def is_plain(self) -> bool:
        """Whether all of it is, once its levels have been read."""
        return self.origin is not None and self.entry is not None

    def completing(self, *, required: bool) -> Complete:
        """Return how an object is written of which this was selected, and which is plain."""
        if self.origin is None or self.entry is None:
            raise NotPlain
        return an_object(self.origin, self.entry, required=required)


class Selecting:
    """Finds out once, for one operation, what is plain of each of its selections."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[int, PlainSelection] = {}

    def selection(
        self, executor: Executor[Any], type_: GraphQLObjectType, fields: GroupedFieldSet
    ) -> PlainSelection:
        """Return what is plain of these fields on objects of that type."""
        known = self._known.get(id(fields))  # kept alive by what is known of it
        if known is None:
            known = self._known[id(fields)] = self._selected(executor, type_, fields)
        return known

    def below(
        self, executor: Executor[Any], type_: GraphQLObjectType, details: FieldDetailsList
    ) -> PlainSelection | None:
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
    ) -> PlainSelection:
        found: dict[str, _Leaf | _Nested] = {}
        names: dict[str, str] = {}
        origin = _origin(type_)
        for name, details in fields.items():
            definition = executor.schema.get_field(type_, details[0].node.name.value)
            if definition is TypeNameMetaFieldDef:
                names[name] = type_.name
            elif definition is not None:
                plain = self._field(executor, name, definition, details, origin)
                if plain is not None:
                    found[name] = plain
        leaves: list[_Leaf] = [one for one in found.values() if isinstance(one, _Leaf)]
        nested: list[_Nested] = [one for one in found.values() if isinstance(one, _Nested)]
        unread = [one for one in nested if not one.levels]
        template = dict.fromkeys(fields) | names
        done = {one.name for one in leaves} | {one.name for one in unread} | names.keys()
        return PlainSelection(
            fields=fields,
            origin=origin,
            alone=_builder(template, leaves, unread) if done else None,
            rest={name: details for name, details in fields.items() if name not in done},
            entry=(
                _builder(template, leaves, nested)
                if len(found) + len(names) == len(fields)
                else None
            ),
            levels=tuple(level for one in nested for level in one.levels),
        )

    def _field(
        self,
        executor: Executor[Any],
        name: str,
        definition: GraphQLField,
        details: FieldDetailsList,
        origin: type | None,
    ) -> _Leaf | _Nested | None:
        made_from = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if not isinstance(made_from, StrawberryField) or made_from.extensions:
            return None
        inner, required = nullable(definition.type)
        get = getter_of(made_from)
        if get is None:
            return self._level(executor, name, definition, details, origin)
        if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            return _Leaf(name, path_of(made_from), get, leaf(inner, required=required))
        if isinstance(inner, GraphQLList):
            entry = self._entry(executor, inner.of_type, details)
            return entry and _Nested(name, get, a_list(entry, required=required))
        below = self.plain_below(executor, inner, details)
        if below is None or (below.levels and not required):
            return None
        lifted = tuple(level._replace(of=_through(get, level.of)) for level in below.levels)
        return _Nested(name, get, below.completing(required=required), lifted)

    def plain_below(
        self, executor: Executor[Any], type_: GraphQLOutputType, details: FieldDetailsList
    ) -> PlainSelection | None:
        """Return the same where that is an object's type, and all of the selection is plain."""
        if not isinstance(type_, GraphQLObjectType):
            return None
        below = self.below(executor, type_, details)
        return below if below is not None and below.is_plain else None

    def _entry(
        self, executor: Executor[Any], type_: GraphQLOutputType, details: FieldDetailsList
    ) -> Complete | None:
        """Return how a list's entry is written, of which nothing has to be read before."""
        inner, required = nullable(type_)
        if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            return an_entry(leaf(inner, required=required))
        below = self.plain_below(executor, inner, details)
        return None if below is None or below.levels else below.completing(required=required)

    def _level(
        self,
        executor: Executor[Any],
        name: str,
        definition: GraphQLField,
        details: FieldDetailsList,
        origin: type | None,
    ) -> _Nested | None:
        read_all = read_all_of(definition.extensions[GraphQLCoreConverter.DEFINITION_BACKREF])
        if read_all is None or origin is None:
            return None
        complete = self._entry(executor, definition.type, details)
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
        return complete and _Nested(
            name, None, complete, (Level(_itself, origin, read_all, arguments),)
        )


def _builder(template: dict[str, Value], leaves: list[_Leaf], nested: list[_Nested]) -> Build:
    by_path = [one for one in leaves if one.path is not None]
    written = [(one.name, *one.written) for one in by_path]
    values_of = _attributes([str(one.path) for one in by_path])
    called = [(one.name, one.get, *one.written) for one in leaves if one.path is None]
    within = [(one.name, one.get, one.complete) for one in nested]

    def build(source: Value, gaps: list[Gap]) -> dict[str, Value]:
        answer = template.copy()
        for (name, as_is, write), value in zip(written, values_of(source), strict=False):
            answer[name] = value if type(value) is as_is else write(value)
        for name, get, as_is, write in called:
            value = get(source)
            answer[name] = value if type(value) is as_is else write(value)
        for name, taken, complete in within:
            if taken is None:
                gaps.append(Gap(answer, name, complete))
            else:
                answer[name] = complete(taken(source), gaps)
        return answer

    return build


def _attributes(paths: list[str]) -> Callable[[Value], Sequence[Value]]:
    """Return what takes them all from an object at once."""
    if not paths:
        return lambda _: ()
    # Of a single one it would be no sequence.
    return attrgetter(*paths) if len(paths) > 1 else attrgetter(*paths, *paths)


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


def _through(get: Write, of: Write) -> Write:
    return lambda source: of(get(source))


def _itself(source: Value) -> Value:
    return source

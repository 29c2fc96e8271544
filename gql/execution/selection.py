"""Plans for selections: which fields of a selection are on the fast path, and how they are read.

A field is on the fast path if it is an attribute, a method without arguments, or resolved for the
whole list by a batch resolver.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    TypeNameMetaFieldDef,
)
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.execution.values import get_argument_values
from strawberry.schema.schema_converter import GraphQLCoreConverter

from gql.execution.columns import (
    BuildObjects,
    Column,
    CompleteColumn,
    NotOnFastPath,
    PendingField,
    Value,
    check_classes,
    complete_lists,
    complete_objects,
    complete_union,
    fill,
    leaf_serializer,
)
from gql.execution.fields import (
    BatchResolver,
    Getter,
    batch_resolver_of,
    getter_of,
    strawberry_field,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from graphql import GraphQLField, GraphQLOutputType
    from graphql.execution import Executor
    from graphql.execution.collect_fields import FieldDetailsList
    from strawberry.types.base import StrawberryObjectDefinition


class BatchRead(NamedTuple):
    """One call of a batch resolver for a whole list.

    ``sources_of`` returns the objects that the field belongs to: the list's entries themselves, or
    objects within them. Each must be of exactly the class ``object_class``.
    """

    sources_of: Callable[[Column], Column]
    object_class: type
    resolve: BatchResolver
    arguments: dict[str, Any]

    def sources(self, entries: Column) -> Column:
        sources = self.sources_of(entries)
        check_classes(sources, {self.object_class})
        return sources


class _SelectedField(NamedTuple):
    """A field as it was selected on an object of the class ``object_class``."""

    response_key: str
    definition: GraphQLField
    details: FieldDetailsList
    object_class: type | None


class _FastField(NamedTuple):
    """A selected field that is on the fast path. ``get`` is None if a batch resolver reads it.

    ``batch_reads`` are the field's own and those of the fields selected below it.
    """

    response_key: str
    get: Getter | None
    complete: CompleteColumn
    batch_reads: tuple[BatchRead, ...] = ()


@dataclass(frozen=True)
class SelectionPlan:
    """How a selection on one object type is executed.

    ``build_entries`` builds the responses of a whole list, in which ``batch_reads`` fill the
    pending fields. None if any field needs the stock executor.

    ``build_object`` then builds the response of one entry without ``slow_fields``, which the stock
    executor resolves. None if no field is on the fast path without a batch resolver.

    ``fields`` is the selection itself. ``object_class`` is None if objects of the type may be of
    several classes.
    """

    fields: GroupedFieldSet
    object_class: type | None
    build_object: BuildObjects | None
    slow_fields: GroupedFieldSet
    build_entries: BuildObjects | None
    batch_reads: tuple[BatchRead, ...]

    @property
    def is_fast(self) -> bool:
        """Whether every field is on the fast path."""
        return self.object_class is not None and self.build_entries is not None

    def complete(self, *, required: bool) -> CompleteColumn:
        """Return how a column of these objects is completed. Raises NotOnFastPath."""
        if self.object_class is None or self.build_entries is None:
            raise NotOnFastPath
        return complete_objects(self.object_class, self.build_entries, required=required)


class SelectionPlanner:
    """Plans each selection of one operation once.

    The executor is an argument of each method and not kept: a cycle of references would keep the
    operation in memory until the garbage collector runs.
    """

    def __init__(self) -> None:
        self._plans: dict[int, SelectionPlan] = {}

    def existing_plan(self, fields: GroupedFieldSet) -> SelectionPlan | None:
        """Return the plan of a selection that was planned as part of a list."""
        return self._plans.get(id(fields))  # the plan refers to fields, so its id is not reused

    def fast_plan(
        self, executor: Executor[Any], type_: GraphQLOutputType, details: FieldDetailsList
    ) -> SelectionPlan | None:
        """Return the plan for what is selected below a field.

        None if the type is not an object type or not everything is on the fast path.
        """
        if not isinstance(type_, GraphQLObjectType):
            return None
        try:
            fields = executor.collect_subfields(type_, details).grouped_field_set
        except GraphQLError:  # a variable of @skip or @include is null
            return None
        plan = self.existing_plan(fields)
        if plan is None:
            plan = self._plans[id(fields)] = self._make_plan(executor, type_, fields)
        return plan if plan.is_fast else None

    def _make_plan(
        self, executor: Executor[Any], type_: GraphQLObjectType, fields: GroupedFieldSet
    ) -> SelectionPlan:
        fast: dict[str, _FastField] = {}
        type_names: dict[str, Value] = {}
        object_class = _object_class(type_)
        for response_key, details in fields.items():
            definition = executor.schema.get_field(type_, details[0].node.name.value)
            if definition is TypeNameMetaFieldDef:
                type_names[response_key] = type_.name
            elif definition is not None:
                selected = _SelectedField(response_key, definition, details, object_class)
                fast_field = self._fast_field(executor, selected)
                if fast_field is not None:
                    fast[response_key] = fast_field
        template = dict.fromkeys(fields) | type_names
        unbatched = [field for field in fast.values() if not field.batch_reads]
        done = {field.response_key for field in unbatched} | type_names.keys()
        all_fast = len(fast) + len(type_names) == len(fields)
        return SelectionPlan(
            fields=fields,
            object_class=object_class,
            build_object=_builder(template, unbatched) if done else None,
            slow_fields={key: details for key, details in fields.items() if key not in done},
            build_entries=_builder(template, [*fast.values()]) if all_fast else None,
            batch_reads=_batch_reads(fast.values()),
        )

    def _fast_field(self, executor: Executor[Any], selected: _SelectedField) -> _FastField | None:
        response_key, definition, details, _ = selected
        field = strawberry_field(definition)
        if field is None or field.extensions:
            return None
        get = getter_of(field)
        if get is None:
            resolve = batch_resolver_of(field)
            return resolve and self._batch_field(executor, selected, resolve)
        inner, required = nullable(definition.type)
        if not isinstance(inner, GraphQLObjectType):
            complete = self._complete_unbatched(executor, definition.type, details)
            return complete and _FastField(response_key, get, complete)
        below = self.fast_plan(executor, inner, details)
        if below is None or (below.batch_reads and not required):
            return None
        batch_reads = tuple(
            read._replace(sources_of=_within(get, read.sources_of)) for read in below.batch_reads
        )
        return _FastField(response_key, get, below.complete(required=required), batch_reads)

    def _batch_field(
        self, executor: Executor[Any], selected: _SelectedField, resolve: BatchResolver
    ) -> _FastField | None:
        response_key, definition, details, object_class = selected
        if object_class is None:
            return None
        complete = self._complete_unbatched(executor, definition.type, details)
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
        read = BatchRead(_unchanged, object_class, resolve, arguments)
        return complete and _FastField(response_key, None, complete, (read,))

    def _complete_unbatched(
        self, executor: Executor[Any], type_: GraphQLOutputType, details: FieldDetailsList
    ) -> CompleteColumn | None:
        """Return how values are completed that contain no batch-resolved field."""
        inner, required = nullable(type_)
        if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            return _complete_leaves(inner, required=required)
        if isinstance(inner, GraphQLUnionType):
            return self._complete_union(executor, inner, details, required=required)
        if isinstance(inner, GraphQLList):
            complete_entries = self._complete_unbatched(executor, inner.of_type, details)
            return complete_entries and complete_lists(complete_entries, required=required)
        below = self.fast_plan(executor, inner, details)
        return None if below is None or below.batch_reads else below.complete(required=required)

    def _complete_union(
        self,
        executor: Executor[Any],
        type_: GraphQLUnionType,
        details: FieldDetailsList,
        *,
        required: bool,
    ) -> CompleteColumn | None:
        members: dict[type, CompleteColumn] = {}
        for member in type_.types:
            object_class = _object_class(member)
            complete = self._complete_unbatched(executor, GraphQLNonNull(member), details)
            if object_class is None or complete is None:
                return None
            members[object_class] = complete
        return complete_union(members, required=required)


def _builder(template: dict[str, Value], fast: Sequence[_FastField]) -> BuildObjects:
    direct = [
        (field.response_key, field.get, field.complete) for field in fast if field.get is not None
    ]
    batched = [(field.response_key, field.complete) for field in fast if field.get is None]
    owner_getters = {get.owner: attrgetter(get.owner) for _, get, _ in direct if get.owner}

    def build(sources: Column, pending: list[PendingField]) -> list[dict[str, Value]]:
        responses = [template.copy() for _ in sources]
        owners = {path: [*map(get, sources)] for path, get in owner_getters.items()}
        for key, (owner, get), complete in direct:
            values = map(get, owners[owner] if owner else sources)
            fill(responses, key, complete([*values], pending))
        pending.extend(PendingField(responses, key, complete) for key, complete in batched)
        return responses

    return build


def _batch_reads(fast: Collection[_FastField]) -> tuple[BatchRead, ...]:
    """Return the reads in the order of the pending fields: an object's own come last."""
    below = [read for field in fast if field.get is not None for read in field.batch_reads]
    return (*below, *(read for field in fast if field.get is None for read in field.batch_reads))


def _complete_leaves(
    type_: GraphQLScalarType | GraphQLEnumType, *, required: bool
) -> CompleteColumn:
    serialize = leaf_serializer(type_, required=required)
    return lambda values, _: serialize(values)


def _object_class(type_: GraphQLObjectType) -> type | None:
    """Return the class of a type's objects, if its instances need no further check."""
    definition: StrawberryObjectDefinition | None = type_.extensions.get(
        GraphQLCoreConverter.DEFINITION_BACKREF
    )
    if definition is None or type_.is_type_of is not None:
        return None
    object_class = definition.origin
    is_special = hasattr(object_class, "__await__") or issubclass(object_class, Exception)
    return None if is_special else object_class


def nullable(type_: GraphQLOutputType) -> tuple[GraphQLOutputType, bool]:
    """Return the type without non-null, and whether it was non-null."""
    return (type_.of_type, True) if isinstance(type_, GraphQLNonNull) else (type_, False)


def _within(get: Getter, sources_of: Callable[[Column], Column]) -> Callable[[Column], Column]:
    return lambda entries: sources_of(get.values(entries))


def _unchanged(entries: Column) -> Column:
    return entries

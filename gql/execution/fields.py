"""How a field declares where its value comes from, so that the fast path can read it directly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

import strawberry
from graphql import (
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLString,
    get_named_type,
    get_nullable_type,
    is_interface_type,
    is_union_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryMaybe
from strawberry.types.field import StrawberryField

if TYPE_CHECKING:
    from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema

BatchResolver: TypeAlias = Callable[..., Awaitable[Sequence[Any]]]
"""Takes the context, the objects and the field's arguments. Returns a value per object, in order.

If it raises, the field's own resolver is called for each object and reports the error.
"""

_PATH = "path"
_BATCH_RESOLVER = "batch_resolver"
_ARGUMENT_TYPES = {GraphQLString, GraphQLID, GraphQLInt, GraphQLFloat, GraphQLBoolean}


def attribute(path: str, *, description: str) -> Any:  # ruff: ignore[any-type] - a field of any type
    """Declare a field whose value is an attribute of the object. The path may contain dots."""
    get = attrgetter(path)

    def value(self: object) -> Any:  # ruff: ignore[any-type] - as above
        return get(self)

    return strawberry.field(resolver=value, description=description, metadata={_PATH: path})


def batch_resolver(resolve: BatchResolver) -> dict[Any, Any]:
    """Return the ``metadata`` of a field that can be resolved for a whole list at once."""
    return {_BATCH_RESOLVER: resolve}


def batch_resolver_of(field: StrawberryField) -> BatchResolver | None:
    resolve: BatchResolver | None = field.metadata.get(_BATCH_RESOLVER)
    return resolve


def strawberry_field(definition: GraphQLField) -> StrawberryField | None:
    """Return the field that Strawberry made a graphql-core field from."""
    field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return field if isinstance(field, StrawberryField) else None


class Getter(NamedTuple):
    """Reads a field's value from an object, or from an object within it.

    ``owner`` is the path to the object within, and empty for the object itself. Fields with the
    same owner share the steps to it.
    """

    owner: str
    get: Callable[[Any], Any]

    def values(self, sources: Sequence[Any]) -> list[Any]:
        owners = map(attrgetter(self.owner), sources) if self.owner else sources
        return [*map(self.get, owners)]


def getter_of(field: StrawberryField) -> Getter | None:
    """Return how to take the field's value from an object, if that is all it takes."""
    resolver = field.base_resolver
    if resolver is None:
        return Getter("", attrgetter(field.python_name))
    path: str | None = field.metadata.get(_PATH)
    if path is not None:
        owner, _, name = path.rpartition(".")
        return Getter(owner, attrgetter(name))
    if _reason_for_resolver(field) is not None:
        return None
    return Getter("", cast("Callable[[Any], Any]", resolver.wrapped_func))


def _reason_for_resolver(field: StrawberryField) -> str | None:
    """Return why the resolver cannot be called with the object alone, or None if it can."""
    resolver = field.base_resolver
    if resolver is None:
        return None
    if field.is_async:
        return "async resolver"
    if resolver.info_parameter or resolver.parent_parameter or resolver.root_parameter:
        return "resolver takes info, parent or root"
    if resolver.arguments:
        return "takes arguments"
    return None if resolver.self_parameter else "resolver takes no self"


def reason_off_fast_path(definition: GraphQLField) -> str | None:
    """Return why a field of a list's objects needs the stock executor, or None if it does not."""
    field = strawberry_field(definition)
    if field is None:
        return "not a field of Strawberry"
    if field.extensions:
        return "has field extensions"
    reason_for_type = _reason_for_abstract_type(get_named_type(definition.type))
    if reason_for_type is not None:
        return reason_for_type
    return None if batch_resolver_of(field) is not None else _reason_for_resolver(field)


def _reason_for_abstract_type(type_: GraphQLNamedType) -> str | None:
    if is_interface_type(type_):
        return "type is an interface"
    if is_union_type(type_) and any(member.is_type_of for member in type_.types):
        return "type is a union with a member that implements an interface"
    return None


def check_batch_resolved_fields(schema: GraphQLSchema) -> None:
    """Raise TypeError if a batch-resolved field has an argument that Strawberry would convert.

    A batch resolver receives arguments as graphql-core parsed them. Strawberry's conversion of
    names, enums, input objects, custom scalars, lists and ``Maybe`` is skipped.
    """
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType):
            continue
        for name, definition in type_.fields.items():
            field = strawberry_field(definition)
            if field is None or batch_resolver_of(field) is None:
                continue
            for argument in field.arguments:
                graphql_argument = definition.args.get(argument.python_name)
                if (
                    graphql_argument is None
                    or get_nullable_type(graphql_argument.type) not in _ARGUMENT_TYPES
                    or isinstance(argument.type, StrawberryMaybe)
                ):
                    raise TypeError(
                        f"{type_.name}.{name} has a batch resolver, which cannot take the argument"
                        f" {argument.python_name}: only String, ID, Int, Float and Boolean are"
                        " supported, under the same name in Python and GraphQL. Convert it in an"
                        " ordinary resolver instead."
                    )

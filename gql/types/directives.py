"""Shows in the schema which scopes a field needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType
from strawberry.schema_directive import Location

from gql.access.field_scopes import FIELD_SCOPES

if TYPE_CHECKING:
    from graphql import GraphQLSchema


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="The caller needs all scopes of one of these lists.",
)
class RequiresScopes:
    scopes: list[list[str]]


def add_required_scopes(schema: GraphQLSchema) -> None:
    """Add the directive to every field that needs a scope.

    Raises LookupError if fields have no entry, because access to a new field must be decided.
    """
    missing = []
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            continue
        if type_.name.startswith("__"):
            continue
        for name, field in type_.fields.items():
            scopes = FIELD_SCOPES.get(f"{type_.name}.{name}")
            if scopes is None:
                missing.append(f"{type_.name}.{name}")
            elif scopes:
                definition = field.extensions["strawberry-definition"]
                directive = RequiresScopes(scopes=[[scope] for scope in sorted(scopes)])
                definition.directives = [*definition.directives, directive]
    if missing:
        raise LookupError(
            f"Add {', '.join(missing)} to gql/access/field_scopes.py: to _SHOWN if everybody who"
            " sees the object may see the field, otherwise to the scopes that allow it."
        )

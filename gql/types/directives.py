"""Shows in the schema which scopes a field needs, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type
from strawberry.schema_directive import Location

from gql.access.field_scopes import FIELD_SCOPES
from gql.documents.field_costs import (
    LIST_SIZES,
    SIZED_FIELDS,
    WEIGHTS,
    check_field_costs,
    page_size_of,
)

if TYPE_CHECKING:
    from graphql import GraphQLSchema


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="The caller needs all scopes of one of these lists.",
)
class RequiresScopes:
    scopes: list[list[str]]


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="Points of this field for each object that it is selected on. A field without it"
    " costs 1, a scalar too.",
)
class Cost:
    weight: str


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="The most entries that the field's list has or, for a page, each of the"
    " `sizedFields`. `slicingArguments` reduce it; without them a page has `assumedSize`. An entry"
    " costs 1 plus what is selected on it.",
)
class ListSize:
    assumed_size: int
    slicing_arguments: list[str] | None = strawberry.UNSET
    sized_fields: list[str] | None = strawberry.UNSET
    require_one_slicing_argument: bool | None = strawberry.UNSET


def add_costs(schema: GraphQLSchema) -> None:
    """Add ``@cost`` and ``@listSize``, in the names of IBM's cost specification.

    Raises LookupError as ``check_field_costs`` does.
    """
    check_field_costs(schema)
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_.name.startswith("__"):
            continue
        for name, field in type_.fields.items():
            coordinate = f"{type_.name}.{name}"
            directives: list[object] = []
            if coordinate in WEIGHTS:
                directives.append(Cost(weight=str(WEIGHTS[coordinate])))
            page = page_size_of(field)
            if coordinate in LIST_SIZES:
                directives.append(ListSize(assumed_size=LIST_SIZES[coordinate]))
            elif page is not None:
                sized_fields = SIZED_FIELDS & get_named_type(field.type).fields.keys()
                directives.append(
                    ListSize(
                        assumed_size=page.default,
                        slicing_arguments=list(page.arguments),
                        sized_fields=sorted(sized_fields),
                        require_one_slicing_argument=False,
                    )
                )
            if directives:
                definition = field.extensions["strawberry-definition"]
                definition.directives = [*definition.directives, *directives]


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

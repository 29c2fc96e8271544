"""Which fields are on the fast path, and which batch resolvers a schema accepts."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import pytest
import strawberry
from graphql import GraphQLObjectType
from strawberry.schema.config import StrawberryConfig

from gql.execution.fields import batch_resolver, check_batch_resolved_fields, reason_off_fast_path
from gql.scalars import SCALARS
from gql.schema import schema

if TYPE_CHECKING:
    from graphql import GraphQLSchema

# A list that selects one of these fields is completed by the stock executor. Before you add a
# field here, see "How to add a field" in gql/execution/README.md.
OFF_FAST_PATH = {
    "Order.workflow": "async resolver",
    "Customer.orders": "async resolver",
    "OrderConnection.totalCount": "async resolver",
    "OrderConnection.stateCounts": "async resolver",
    "OrderEvent.order": "async resolver",
    "OrderWorkflow.step": "async resolver",
    "CustomerConnection.totalCount": "async resolver",
    "EventConnection.totalCount": "async resolver",
    "WorkflowPage.totalCount": "async resolver",
    "WorkflowSummary.order": "async resolver",
    "CommandApplied.order": "async resolver",
    "CommandPending.order": "async resolver",
    "CommandRefused.order": "async resolver",
}


def test_the_fields_off_the_fast_path_are_known() -> None:
    found = {
        f"{type_.name}.{name}": reason
        for type_ in _object_types()
        for name, definition in type_.fields.items()
        if (reason := reason_off_fast_path(definition))
    }
    assert found == OFF_FAST_PATH, (
        "give a new field a batch resolver, or add it to OFF_FAST_PATH: see gql/execution/README.md"
    )


def _object_types() -> list[GraphQLObjectType]:
    """Return the types of objects that can be in a list: all but the root types."""
    core = schema.graphql_schema
    roots = {core.query_type, core.mutation_type, core.subscription_type}
    return [
        type_
        for name, type_ in core.type_map.items()
        if isinstance(type_, GraphQLObjectType) and type_ not in roots and name[:2] != "__"
    ]


class Color(Enum):
    RED = "red"


strawberry.enum(Color)


@strawberry.input
class Range:
    start: int


def schema_with_argument(type_: object) -> GraphQLSchema:
    """Build a schema whose only field has a batch resolver and an argument of this type."""

    async def value(self: object, argument: Any) -> str:  # ruff: ignore[unused-async, unused-function-argument] - never called
        return ""

    value.__annotations__ = {"argument": type_, "return": str}
    field = strawberry.field(resolver=value, metadata=batch_resolver(value))
    query = strawberry.type(type("Query", (), {"value": field}))
    return strawberry.Schema(query, config=StrawberryConfig(scalar_map=SCALARS))._schema  # ruff: ignore[private-member-access] - Strawberry has no public name for it


@pytest.mark.parametrize("type_", [int, float, bool, str, str | None, strawberry.ID])
def test_a_batch_resolver_may_take_built_in_scalars(type_: object) -> None:
    check_batch_resolved_fields(schema_with_argument(type_))


@pytest.mark.parametrize(
    "type_",
    [
        Color,
        Range | None,
        datetime,
        strawberry.Maybe[int | None],  # type: ignore[misc] # evaluated at run time
        list[str],
        Annotated[int, strawberry.argument(name="other")],
    ],
)
def test_a_batch_resolver_with_an_argument_that_needs_conversion_is_refused(type_: object) -> None:
    with pytest.raises(TypeError, match=r"Query\.value .* argument argument:"):
        check_batch_resolved_fields(schema_with_argument(type_))

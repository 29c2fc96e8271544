"""The schema, and what is done around every operation of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from gql.errors import finish_errors
from gql.mutations import Mutation
from gql.queries import Query
from gql.scalars import SCALARS
from gql.subscriptions import Subscription

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import GraphQLError
    from strawberry.types import ExecutionContext

    from gql.context import Context


class Operation(SchemaExtension):
    """Gives each operation a context of its own, and says in its answer what was missing."""

    def on_operation(self) -> Iterator[None]:
        """Begin afresh; leave the operation's name for the request's log line."""
        execution = self.execution_context
        context: Context | None = execution.context
        if context is None:  # the schema alone, as in an introspection without a server
            yield
            return
        execution.context = context.for_operation()
        yield
        context.request.state.operation_name = execution.operation_name

    def on_execute(self) -> Iterator[None]:
        """Note that the document is valid: what is wrong from here on is a value."""
        if self.execution_context.context is not None:
            self.execution_context.context.executing = True
        yield

    def get_results(self) -> dict[str, Any]:
        """Name what did not answer."""
        context: Context | None = self.execution_context.context
        if context is None or not context.missing:
            return {}
        return {"degraded": sorted(context.missing)}


class OrderSchema(strawberry.Schema):
    """The stock schema would log a client's typing error with a traceback."""

    def process_errors(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Give errors their codes, and mask and log what is the server's own."""
        context = execution_context.context if execution_context else None
        finish_errors(errors, executing=bool(context and context.executing))


schema = OrderSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    extensions=[Operation],
    config=StrawberryConfig(scalar_map=SCALARS),
)

"""The schema, and what is done around every operation of it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import graphql
import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionResult, PreExecutionError

from gql.documents import ALL_KINDS, Refused
from gql.errors import ErrorCode, RequestError, finish_errors, masked_error
from gql.execution import PlainExecutor
from gql.mutations import Mutation
from gql.order_reader import missing_of
from gql.queries import Query
from gql.scalars import SCALARS
from gql.subscriptions import Subscription

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection, Iterable, Iterator

    from graphql import GraphQLError
    from strawberry.schema.schema import StreamResult
    from strawberry.types import ExecutionContext
    from strawberry.types.graphql import OperationType

    from gql.context import Context
    from gql.documents import Prepared


class Operation(SchemaExtension):
    """Executes what was prepared, and says in the answer what it cost and what was missing."""

    def on_parse(self) -> Iterator[None]:
        """Take the document, parsed long ago."""
        if prepared := self._prepared:
            self.execution_context.graphql_document = prepared.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Leave out what was done when the document was met first."""
        if self._prepared:
            self.execution_context.pre_execution_errors = []
        yield

    def on_execute(self) -> Iterator[None]:
        """Note that the document is valid: what is wrong from here on is a value."""
        if self.execution_context.context is not None:
            self.execution_context.context.executing = True
        yield

    def get_results(self) -> dict[str, Any]:
        """Tell the cost, but not with each event of a stream; and name what did not answer."""
        context: Context | None = self.execution_context.context
        if context is None:
            return {}
        results: dict[str, Any] = {}
        if context.prepared and not context.is_streamed:
            results["cost"] = context.prepared.cost
        if context.missing:
            results["degraded"] = sorted(context.missing)
        return results

    @property
    def _prepared(self) -> Prepared | None:
        context: Context | None = self.execution_context.context
        return context.prepared if context else None


class OrderSchema(strawberry.Schema):
    """Finds documents to be right before it executes them, for all transports alike.

    Without a context it is the stock schema, as for an introspection without a server.
    """

    async def execute(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - Strawberry's
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Context | None = None,
        root_value: object = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Answer a query or mutation within the time there is, or refuse it."""
        stock = partial(
            super().execute,
            query,
            variable_values,
            root_value=root_value,
            operation_name=operation_name,
            operation_extensions=operation_extensions,
        )
        if context_value is None:
            return await stock()
        services = context_value.services
        kinds = _kinds(allowed_operation_types) - {graphql.OperationType.SUBSCRIPTION}
        try:
            with services.admission.one():
                context = _prepare(context_value, query, operation_name, variable_values, kinds)
                return await _in_time(context, stock(context_value=context))
        except Refused as refused:
            return _refusal(refused, context_value)

    async def stream(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - Strawberry's
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Context | None = None,
        root_value: object = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> StreamResult:
        """Begin a subscription; a stream of one result for all else."""
        if context_value is None:
            context = None
        else:
            kinds = _kinds(allowed_operation_types)
            try:
                context = _prepare(context_value, query, operation_name, variable_values, kinds)
            except Refused as refused:
                return _stream_of(_refusal(refused, context_value))
            if not context.is_streamed:
                return _stream_of(
                    self.execute(query, variable_values, context_value, root_value, operation_name)
                )
        return await super().stream(
            query, variable_values, context, root_value, operation_name, operation_extensions
        )

    @property
    def graphql_schema(self) -> graphql.GraphQLSchema:
        """The schema as graphql-core knows it."""
        return self._schema

    def process_errors(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Give errors their codes, and mask and log what is the server's own."""
        context: Context | None = execution_context.context if execution_context else None
        if context is not None:
            context.missing.update(missing_of(errors))
        finish_errors(
            errors,
            executing=context is not None and context.executing,
            suggesting=context is None or context.services.settings.allows_introspection,
        )


def _prepare(
    context: Context,
    query: str | None,
    operation_name: str | None,
    variables: dict[str, Any] | None,
    kinds: Collection[graphql.OperationType],
) -> Context:
    documents = context.services.documents
    try:
        prepared = documents.prepare(query or "", operation_name, variables, kinds)
    except Refused:
        raise
    except Exception as cause:  # of any other, the client gets an id
        raise Refused([masked_error(cause, "the document")]) from cause
    context.request.state.operation_name = prepared.name  # for the request's log line
    return context.for_operation(prepared)


def _kinds(allowed: Iterable[OperationType] | None) -> frozenset[graphql.OperationType]:
    if allowed is None:
        return ALL_KINDS
    return frozenset(graphql.OperationType(kind.value) for kind in allowed)


def _refusal(refused: Refused, context: Context) -> ExecutionResult:
    suggesting = context.services.settings.allows_introspection
    finish_errors(refused.errors, executing=False, suggesting=suggesting)
    return PreExecutionError(data=None, errors=refused.errors)


async def _in_time(context: Context, answer: Awaitable[ExecutionResult]) -> ExecutionResult:
    try:
        async with asyncio.timeout(context.services.settings.request_timeout):
            return await answer
    except TimeoutError:
        raise Refused([_timed_out(context)]) from None
    finally:
        context.loaders.close()


def _timed_out(context: Context) -> RequestError:
    message = "This took too long and was given up."
    prepared = context.prepared
    if prepared and prepared.operation.operation is graphql.OperationType.MUTATION:
        message += (
            " What it was to change may have been done, or not: sent again with the same ids, it is"
            " done once."
        )
    return RequestError(ErrorCode.REQUEST_TIMEOUT, message)


async def _stream_of(result: ExecutionResult | Awaitable[ExecutionResult]) -> StreamResult:
    yield result if isinstance(result, ExecutionResult) else await result


schema = OrderSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    extensions=[Operation],
    execution_context_class=PlainExecutor,
    config=StrawberryConfig(scalar_map=SCALARS),
)

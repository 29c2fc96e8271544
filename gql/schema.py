"""The schema, and the steps around the execution of every operation."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import graphql
import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionResult, PreExecutionError

from gql.documents.preparer import ALL_OPERATION_TYPES
from gql.errors import (
    ErrorCode,
    RequestError,
    RequestRejected,
    finish_errors,
    masked_error,
    unavailable_sources,
)
from gql.execution.executor import FastPathExecutor
from gql.execution.fields import check_batch_resolved_fields
from gql.mutations import Mutation
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
    from gql.documents.preparer import PreparedDocument


class PreparedOperation(SchemaExtension):
    """Skips parsing and validation, and adds ``cost`` and ``degraded`` to the response.

    The document was parsed and validated before, by ``DocumentPreparer``.
    """

    def on_parse(self) -> Iterator[None]:
        if prepared := self._prepared:
            self.execution_context.graphql_document = prepared.document
        yield

    def on_validate(self) -> Iterator[None]:
        if self._prepared:
            self.execution_context.pre_execution_errors = []
        yield

    def on_execute(self) -> Iterator[None]:
        if self.execution_context.context is not None:
            self.execution_context.context.executing = True
        yield

    def get_results(self) -> dict[str, Any]:
        """Return the extensions of the response. An event of a subscription has no cost."""
        context: Context | None = self.execution_context.context
        if context is None:
            return {}
        results: dict[str, Any] = {}
        if context.prepared and not context.is_subscription:
            results["cost"] = context.prepared.cost
        if context.unavailable:
            results["degraded"] = sorted(context.unavailable)
        return results

    @property
    def _prepared(self) -> PreparedDocument | None:
        context: Context | None = self.execution_context.context
        return context.prepared if context else None


class OrderSchema(strawberry.Schema):
    """Prepares every document before executing it, whatever the transport.

    Without a context, as for introspection without a server, it behaves like Strawberry's schema.
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
        """Execute a query or mutation within the request timeout and the request limit."""
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
        allowed = _operation_types(allowed_operation_types) - {graphql.OperationType.SUBSCRIPTION}
        try:
            with services.admission.admit():
                context = _prepare(context_value, query, operation_name, variable_values, allowed)
                return await _within_timeout(context, stock(context_value=context))
        except RequestRejected as rejected:
            return _rejection(rejected, context_value)

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
        """Start a subscription. Any other operation becomes a stream of one result."""
        if context_value is None:
            context = None
        else:
            allowed = _operation_types(allowed_operation_types)
            try:
                context = _prepare(context_value, query, operation_name, variable_values, allowed)
            except RequestRejected as rejected:
                return _stream_of(_rejection(rejected, context_value))
            if not context.is_subscription:
                return _stream_of(
                    self.execute(query, variable_values, context_value, root_value, operation_name)
                )
        return await super().stream(
            query, variable_values, context, root_value, operation_name, operation_extensions
        )

    @property
    def graphql_schema(self) -> graphql.GraphQLSchema:
        return self._schema

    def process_errors(  # ruff: ignore[no-self-use] - Strawberry calls it so
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Set codes, mask internal errors and log them."""
        context: Context | None = execution_context.context if execution_context else None
        if context is not None:
            context.unavailable.update(unavailable_sources(errors))
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
    allowed_types: Collection[graphql.OperationType],
) -> Context:
    preparer = context.services.document_preparer
    try:
        prepared = preparer.prepare(query or "", operation_name, variables, allowed_types)
    except RequestRejected:
        raise
    except Exception as cause:  # masked: the client gets an ID
        raise RequestRejected([masked_error(cause, "the document")]) from cause
    context.request.state.operation_name = prepared.name  # for the request's log line
    return context.for_operation(prepared)


def _operation_types(types: Iterable[OperationType] | None) -> frozenset[graphql.OperationType]:
    if types is None:
        return ALL_OPERATION_TYPES
    return frozenset(graphql.OperationType(kind.value) for kind in types)


def _rejection(rejected: RequestRejected, context: Context) -> ExecutionResult:
    suggesting = context.services.settings.allows_introspection
    finish_errors(rejected.errors, executing=False, suggesting=suggesting)
    return PreExecutionError(data=None, errors=rejected.errors)


async def _within_timeout(context: Context, answer: Awaitable[ExecutionResult]) -> ExecutionResult:
    try:
        async with asyncio.timeout(context.services.settings.request_timeout):
            return await answer
    except TimeoutError:
        raise RequestRejected([_timed_out(context)]) from None
    finally:
        context.loaders.close()


def _timed_out(context: Context) -> RequestError:
    message = "The request timed out and was stopped."
    prepared = context.prepared
    if prepared and prepared.operation.operation is graphql.OperationType.MUTATION:
        message += (
            " Its change may have been made. Retry with the same IDs; the change is made once."
        )
    return RequestError(ErrorCode.REQUEST_TIMEOUT, message)


async def _stream_of(result: ExecutionResult | Awaitable[ExecutionResult]) -> StreamResult:
    yield result if isinstance(result, ExecutionResult) else await result


schema = OrderSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    extensions=[PreparedOperation],
    execution_context_class=FastPathExecutor,
    config=StrawberryConfig(scalar_map=SCALARS),
)
check_batch_resolved_fields(schema.graphql_schema)

"""The schema, and the steps around the execution of every operation."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, cast

import graphql
import orjson
import strawberry
from graphql import ExecutionResult as CoreResult
from graphql import located_error
from graphql.utilities.print_schema import print_schema_definition
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionResult, PreExecutionError

from gql.access.field_scopes import check_scopes
from gql.access.rate_limits import REJECTED_DOCUMENT_POINTS
from gql.documents.preparer import ALL_OPERATION_TYPES
from gql.errors import (
    ErrorCode,
    RequestError,
    RequestRejected,
    bad_input,
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
from gql.types.directives import add_costs, add_required_scopes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Collection, Iterable

    from graphql import GraphQLError
    from strawberry.types.graphql import OperationType

    from gql.context import Context


_DESCRIPTION = """\
Orders of a shop. Each one runs as a durable workflow and is recorded in a database.

- A query reads both. If one of them is unavailable, the other one answers, and
  `extensions.degraded` names what is missing.
- A mutation can be repeated with the same IDs and has its effect once. Its expected failures are
  members of its result, with a `code`. The top-level `errors` are for invalid requests, exceeded
  limits and unavailable services.
- A subscription resumes after the last event that the client has: `orderEvents` with
  `afterSequence`, `orderFeed` with `after`.
- Connections take `first` and `after`, or `last` and `before`.
"""
_MAX_STREAM_VARIABLES = 16_384
"""Bytes of JSON. In memory, a list of short strings is 16 times as large."""
_NEEDS_CONTEXT = "The schema can be executed only with a gql.context.Context."


class OrderSchema(strawberry.Schema):
    """Prepares every document, then hands it to graphql-core, whatever the transport.

    Strawberry's own ``execute`` and ``stream`` would parse and validate it again, and run hooks of
    extensions. They took a third of the CPU time of a small query. Extensions of Strawberry
    therefore cannot be added to this schema.
    """

    middleware: graphql.MiddlewareManager | None = None
    """Called for every value, as a tracer needs it. It turns the fast path off."""

    def __init__(self, query: type, mutation: type, subscription: type) -> None:
        super().__init__(
            query,
            mutation,
            subscription,
            execution_context_class=FastPathExecutor,
            config=StrawberryConfig(scalar_map=SCALARS),
        )
        self._schema.description = _DESCRIPTION.strip()
        check_batch_resolved_fields(self._schema)
        add_required_scopes(self._schema)
        add_costs(self._schema)

    def as_str(self) -> str:
        """Return the SDL. Strawberry's printer leaves out the description of the schema."""
        return f"{print_schema_definition(self._schema)}\n\n{super().as_str()}"

    async def execute(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - Strawberry's
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Context | None = None,
        root_value: object = None,  # ruff: ignore[unused-method-argument] - Strawberry's signature
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,  # ruff: ignore[unused-method-argument] - Strawberry's signature
    ) -> ExecutionResult:
        """Execute a query or mutation within the request timeout and the request limit."""
        if context_value is None:
            raise TypeError(_NEEDS_CONTEXT)
        services = context_value.services
        allowed = _operation_types(allowed_operation_types) - {graphql.OperationType.SUBSCRIPTION}
        try:
            with services.admission.admit():
                context = _prepare(context_value, query, operation_name, variable_values, allowed)
                _spend(context)
                return await _within_timeout(context, self._execute(context, variable_values))
        except RequestRejected as rejected:
            return _rejection(rejected, context_value)

    async def stream(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - Strawberry's
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Context | None = None,
        root_value: object = None,  # ruff: ignore[unused-method-argument] - Strawberry's signature
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,  # ruff: ignore[unused-method-argument] - Strawberry's signature
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> AsyncGenerator[ExecutionResult]:
        """Start a subscription. Any other operation becomes a stream of one result."""
        if context_value is None:
            raise TypeError(_NEEDS_CONTEXT)
        allowed = _operation_types(allowed_operation_types)
        try:
            return self.open_stream(query, variable_values, context_value, operation_name, allowed)
        except RequestRejected as rejected:
            return _stream_of(PreExecutionError(data=None, errors=rejected.errors))

    def open_stream(
        self,
        query: str | None,
        variables: dict[str, Any] | None,
        context: Context,
        operation_name: str | None,
        allowed: Collection[graphql.OperationType] = ALL_OPERATION_TYPES,
    ) -> AsyncGenerator[ExecutionResult]:
        """Start a subscription as ``stream`` does, but raise RequestRejected if it cannot start."""
        try:
            prepared = _prepare(context, query, operation_name, variables, allowed)
            if not prepared.is_subscription:
                answer = self.execute(query, variables, context, None, operation_name)
                return _stream_of(answer)
            _check_stream(prepared, variables)
            _spend(prepared)
        except RequestRejected as rejected:
            _finish_errors(rejected.errors, context, executing=False)
            raise
        return self._subscribe(prepared, variables)

    async def _execute(self, context: Context, variables: dict[str, Any] | None) -> ExecutionResult:
        result = graphql.execute(self._schema, **self._execution_arguments(context, variables))
        return _finish(result if isinstance(result, CoreResult) else await result, context)

    async def _subscribe(
        self, context: Context, variables: dict[str, Any] | None
    ) -> AsyncGenerator[ExecutionResult]:
        """Yield a result per event, and count the stream until it ends."""
        try:
            with context.services.caller_limits.stream(context.principal):
                async with aclosing(self._results(context, variables)) as results:
                    async for result in results:
                        yield result  # ruff: ignore[yield-in-context-manager-in-async-generator] - both handlers close their streams
        except RequestRejected as rejected:
            yield _rejection(rejected, context)

    async def _results(
        self, context: Context, variables: dict[str, Any] | None
    ) -> AsyncGenerator[ExecutionResult]:
        """Yield a result per event. An exception of the stream becomes its last result."""
        source = graphql.subscribe(self._schema, **self._execution_arguments(context, variables))
        if isawaitable(source):
            source = await source
        if isinstance(source, CoreResult):
            yield _finish(source, context, started=False)
            return
        try:
            async with aclosing(cast("AsyncGenerator[CoreResult]", source)) as results:
                async for result in results:
                    yield _finish(result, context)  # ruff: ignore[yield-in-context-manager-in-async-generator] - both handlers close their streams
        except Exception as cause:  # ruff: ignore[blind-except] - masked, unless meant for the client
            yield _finish(CoreResult(None, [located_error(cause)]), context)

    def _execution_arguments(
        self, context: Context, variables: dict[str, Any] | None
    ) -> dict[str, Any]:
        assert context.prepared is not None  # ruff: ignore[assert] - by _prepare
        return {
            "document": context.prepared.document,
            "operation_name": context.prepared.name,
            "variable_values": variables,
            "context_value": context,
            "executor_class": FastPathExecutor,
            "is_awaitable": optimized_is_awaitable,
            "middleware": self.middleware,
        }

    @property
    def graphql_schema(self) -> graphql.GraphQLSchema:
        return self._schema


def is_subscription(
    query: str | None,
    variables: dict[str, Any] | None,
    context: Context,
    operation_name: str | None,
) -> bool:
    """Raises RequestRejected if the document is rejected."""
    try:
        prepared = _prepare(context, query, operation_name, variables, ALL_OPERATION_TYPES)
    except RequestRejected as rejected:
        _finish_errors(rejected.errors, context, executing=False)
        raise
    return prepared.is_subscription


def _finish(result: CoreResult, context: Context, *, started: bool = True) -> ExecutionResult:
    """Finish the errors, and add the extensions. An event has no cost of its own.

    If execution never began, the result is a PreExecutionError: a request error, in the terms of
    the GraphQL specification.
    """
    if result.errors:
        context.unavailable.update(unavailable_sources(result.errors))
        _finish_errors(result.errors, context, executing=True)
    extensions: dict[str, Any] = {}
    if context.prepared and not context.is_subscription:
        extensions["cost"] = context.prepared.cost
        if context.points_left is not None:
            extensions["pointsLeft"] = context.points_left
    if context.unavailable:
        extensions["degraded"] = sorted(context.unavailable)
        context.services.admission.observe(context.unavailable)
    # graphql-core returns ordinary errors for a variable of the wrong type. They have no path,
    # unlike the error of a field that nulled the data.
    began = started and (
        result.data is not None or any(error.path for error in result.errors or ())
    )
    kind = ExecutionResult if began else PreExecutionError
    return kind(result.data, result.errors, extensions)


def _finish_errors(errors: list[GraphQLError], context: Context, *, executing: bool) -> None:
    suggesting = context.services.settings.allows_introspection
    finish_errors(errors, executing=executing, suggesting=suggesting)


def _prepare(
    context: Context,
    query: str | None,
    operation_name: str | None,
    variables: dict[str, Any] | None,
    allowed_types: Collection[graphql.OperationType],
) -> Context:
    preparer, limits = context.services.document_preparer, context.services.caller_limits
    limits.check_debt(context.principal)
    try:
        prepared = preparer.prepare(query or "", operation_name, variables, allowed_types)
        limits.charge_document(context.principal, prepared.new_tokens)
        check_scopes(prepared.restricted_fields, context.principal.scopes)
    except RequestRejected:
        limits.charge_document(context.principal, REJECTED_DOCUMENT_POINTS)
        raise
    except Exception as cause:  # masked: the client gets an ID
        raise RequestRejected([masked_error(cause, "the document")]) from cause
    context.request.state.operation_name = prepared.name  # for the request's log line
    return context.for_operation(prepared)


def _spend(context: Context) -> None:
    """Take the cost from the caller's points. Raises RequestRejected."""
    assert context.prepared is not None  # ruff: ignore[assert] - by _prepare
    limits = context.services.caller_limits
    context.points_left = limits.spend(context.principal, context.prepared.cost)


def _check_stream(context: Context, variables: dict[str, Any] | None) -> None:
    """Raise RequestRejected if the caller has too many streams, or this one would keep too much."""
    context.services.caller_limits.check_streams(context.principal)
    if variables and len(orjson.dumps(variables)) > _MAX_STREAM_VARIABLES:
        message = f"The variables of a subscription must not exceed {_MAX_STREAM_VARIABLES} bytes."
        raise RequestRejected([bad_input(message)])


def _operation_types(types: Iterable[OperationType] | None) -> frozenset[graphql.OperationType]:
    if types is None:
        return ALL_OPERATION_TYPES
    return frozenset(graphql.OperationType(kind.value) for kind in types)


def _rejection(rejected: RequestRejected, context: Context) -> ExecutionResult:
    _finish_errors(rejected.errors, context, executing=False)
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


async def _stream_of(
    result: ExecutionResult | Awaitable[ExecutionResult],
) -> AsyncGenerator[ExecutionResult]:
    yield result if isinstance(result, ExecutionResult) else await result


schema = OrderSchema(query=Query, mutation=Mutation, subscription=Subscription)

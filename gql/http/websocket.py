"""The graphql-transport-ws protocol, for clients that send invalid frames or disconnect."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, aclosing, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from graphql import OperationType
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)

from gql.access.principal import AccessUnavailable, Unauthenticated
from gql.access.validity import wait_until_invalid
from gql.context import Context
from gql.errors import ErrorCode, RequestError, RequestRejected
from gql.http.authentication import note_refusal, token_of_socket
from gql.streams.errors import TRY_AGAIN_LATER, StreamInterrupted, interruption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLError
    from strawberry.schema.schema import StreamResult
    from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import Operation
    from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
        ConnectionInitMessage,
        Message,
        SubscribeMessage,
    )

    from gql.documents.preparer import DocumentPreparer


FORBIDDEN = 4403
"""Clients reconnect after this code, unlike after 4401. They should do so with a new token."""

_STRING_MEMBERS = ("query", "documentId", "operationName")
_OBJECT_MEMBERS = ("variables", "extensions")


class WebSocketAdapter(ASGIWebSocketAdapter):
    """Ignores what running operations send after the connection is closed."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            await super().send_json(message)

    async def close(self, code: int, reason: str) -> None:
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            with suppress(WebSocketDisconnect):  # the client or the server closed it first
                await super().close(code, reason)


class TransportWSHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Strawberry's handler, except for tokens, malformed frames, request errors and disconnects."""

    _token_watch: asyncio.Task[None] | None = None

    @cached_property
    def _counted(self) -> ExitStack:
        """Ends the count of this WebSocket among those of its caller."""
        return ExitStack()

    async def handle_message(self, message: Message) -> None:
        """Close with 4400 for a malformed message, on which Strawberry's handler would crash."""
        if _is_well_formed(message):
            await super().handle_message(message)
            # Strawberry's loop refers to a message until the next one arrives.
            cast("dict[str, Any]", message).clear()
        else:
            await self.handle_invalid_message("Not a valid graphql-transport-ws message")

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Close with 4403 without a valid token: clients then reconnect with a new one."""
        payload: object = message.get("payload", {})
        if not isinstance(payload, dict) or self.connection_init_received:
            await super().handle_connection_init(message)  # which closes the connection
            return
        context = self.context
        try:
            token = token_of_socket(context.request, payload)
            context.principal = await context.services.authenticator.authenticate(token)
        except Unauthenticated as error:
            note_refusal(context.request, error)
            await self.websocket.close(FORBIDDEN, str(error))
            return
        except AccessUnavailable as error:
            note_refusal(context.request, error)
            await self.websocket.close(TRY_AGAIN_LATER, str(error))
            return
        try:
            stream = context.services.caller_limits.stream(context.principal)
            self._counted.enter_context(stream)
        except RequestRejected as rejected:
            await self.websocket.close(TRY_AGAIN_LATER, rejected.errors[0].message)
            return
        await super().handle_connection_init(message)
        if token is not None:
            self._token_watch = asyncio.create_task(self._close_when_invalid(token))

    async def shutdown(self) -> None:
        if self._token_watch is not None:
            self._token_watch.cancel()
        self._counted.close()
        await super().shutdown()

    async def _close_when_invalid(self, token: str) -> None:
        context = self.context
        reason = await wait_until_invalid(context.services.authenticator, token, context.principal)
        note_refusal(context.request, reason)
        await self.websocket.close(FORBIDDEN, str(reason))

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Resolve a trusted document, and report errors without closing the connection."""
        operation_id = message["id"]
        if self.connection_acknowledged and operation_id not in self.operations:
            payload: Mapping[str, Any] = message["payload"]
            try:
                self._check_operation_limit()
                query = self._preparer.trusted.find(payload, payload.get("query"))
            except RequestError as error:
                await self.send_message({
                    "id": operation_id,
                    "type": "error",
                    "payload": [error.formatted],
                })
                return
            if query is None:
                await self.handle_invalid_message("The payload needs a query or a documentId")
                return
            message["payload"]["query"] = query
        await super().handle_subscribe(message)

    async def cleanup_operation(self, operation_id: str) -> None:
        """Cancel an operation, but let a mutation run to its end, unobserved."""
        operation = self.operations.get(operation_id)
        if operation is not None and self._is_mutation(operation):
            operation.completed = True  # its result is not sent
            del self.operations[operation_id]
            return
        await super().cleanup_operation(operation_id)

    async def handle_task_exception(self, error: Exception) -> None:
        """Log the error, unless the client has only disconnected."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    @property
    def _preparer(self) -> DocumentPreparer:
        return self.context.services.document_preparer

    def _check_operation_limit(self) -> None:
        limit = self.max_subscriptions_per_connection
        if limit is not None and len(self.operations) >= limit:
            raise RequestError(
                ErrorCode.TOO_MANY_SUBSCRIPTIONS,
                f"This connection is at its limit of {limit} operations. Open another connection.",
            )

    def _is_mutation(self, operation: Operation[Context, None]) -> bool:
        try:
            prepared = self._preparer.prepare(
                operation.query, operation.operation_name, operation.variables
            )
        except RequestRejected:
            return False
        return prepared.operation.operation is OperationType.MUTATION

    async def _send_result_stream(
        self, operation: Operation[Context, None], result_source: StreamResult
    ) -> None:
        try:
            async with aclosing(_until_interruption(result_source)) as results:
                await super()._send_result_stream(operation, results)
        except StreamInterrupted as error:
            # No "complete" frame: the client must reconnect and resume.
            operation.completed = True
            self.operations.pop(operation.id, None)
            await self.websocket.close(error.close_code, error.message)

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:  # ruff: ignore[unused-static-method-argument]
        """Return None: an error in one operation must not close the connection of the others."""
        return None


async def _until_interruption(results: StreamResult) -> StreamResult:
    async for result in results:
        if error := interruption(result):
            raise error
        yield result


def _is_well_formed(message: object) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] in {"subscribe", "complete"} and not isinstance(message.get("id"), str):
        return False
    if message["type"] != "subscribe":
        return True
    payload = message.get("payload")
    return (
        isinstance(payload, dict)
        and all(isinstance(payload.get(name), str | None) for name in _STRING_MEMBERS)
        and all(isinstance(payload.get(name), dict | None) for name in _OBJECT_MEMBERS)
    )

"""graphql-transport-ws, with clients in mind that make mistakes, and ones that go away."""

from __future__ import annotations

from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

from graphql import OperationType
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from gql.context import Context
from gql.errors import ErrorCode, RequestError, RequestRejected
from gql.http.request_errors import is_request_error
from gql.streams.interruption import StreamInterrupted, interruption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLError
    from strawberry.schema.schema import StreamResult
    from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import Operation
    from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
        Message,
        SubscribeMessage,
    )

    from gql.documents.prepare import Documents


_TEXTS = ("query", "documentId", "operationName")
_OBJECTS = ("variables", "extensions")


class SocketAdapter(ASGIWebSocketAdapter):
    """Closes once. What other operations still had to say then is not an error."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a frame, unless a close frame has been sent."""
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            await super().send_json(message)

    async def close(self, code: int, reason: str) -> None:
        """Close, unless it is closed."""
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            with suppress(WebSocketDisconnect):  # the client, or the server, was quicker
                await super().close(code, reason)


class TransportHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """The stock handler crashes over a frame that is JSON and still no message of the protocol."""

    async def handle_message(self, message: Message) -> None:
        """Close with 4400, as the protocol has it, over a frame of the wrong shape."""
        if _is_well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Not a message of graphql-transport-ws")

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Find the document that is meant, and refuse an operation by a code; the others go on."""
        operation_id = message["id"]
        if self.connection_acknowledged and operation_id not in self.operations:
            payload: Mapping[str, Any] = message["payload"]
            try:
                self._check_room()
                query = self._documents.trusted.find(payload, payload.get("query"))
            except RequestError as error:
                await self.send_message({
                    "id": operation_id,
                    "type": "error",
                    "payload": [error.formatted],
                })
                return
            if query is None:
                await self.handle_invalid_message("The payload has no document")
                return
            message["payload"]["query"] = query
        await super().handle_subscribe(message)

    async def cleanup_operation(self, operation_id: str) -> None:
        """Give up an operation, but have a mutation end: what it has begun is stored."""
        operation = self.operations.get(operation_id)
        if operation is not None and self._is_mutation(operation):
            operation.completed = True  # and told to nobody
            del self.operations[operation_id]
            return
        await super().cleanup_operation(operation_id)

    async def handle_task_exception(self, error: Exception) -> None:
        """Log what went wrong. A client that went away is none of it."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    @property
    def _documents(self) -> Documents:
        return self.context.services.documents

    def _check_room(self) -> None:
        limit = self.max_subscriptions_per_connection
        if limit is not None and len(self.operations) >= limit:
            raise RequestError(
                ErrorCode.TOO_MANY_SUBSCRIPTIONS,
                f"This connection has {limit} operations under way. Open another one.",
            )

    def _is_mutation(self, operation: Operation[Context, None]) -> bool:
        try:
            prepared = self._documents.prepare(
                operation.query, operation.operation_name, operation.variables
            )
        except RequestRejected:
            return False
        return prepared.operation.operation is OperationType.MUTATION

    async def _send_result_stream(
        self, operation: Operation[Context, None], result_source: StreamResult
    ) -> None:
        try:
            async with aclosing(self._told_apart(result_source)) as results:
                await super()._send_result_stream(operation, results)
        except StreamInterrupted as error:
            # It is not complete: the client shall come back for the rest.
            operation.completed = True
            self.operations.pop(operation.id, None)
            await self.websocket.close(error.close_code, error.message)

    async def _told_apart(self, results: StreamResult) -> StreamResult:
        """Mark a refusal as what it is, an ``error`` frame, and raise what interrupts a stream."""
        async for result in results:
            if error := interruption(result):
                raise error
            if not isinstance(result, ExecutionResult):
                yield result
                continue
            self.context.services.admission.note(result)
            refused = is_request_error(result)
            yield PreExecutionError(data=None, errors=result.errors) if refused else result

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:  # ruff: ignore[unused-static-method-argument]
        """Close nothing: a syntax error in one operation is none of the others' business."""
        return None


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
        and all(isinstance(payload.get(name), str | None) for name in _TEXTS)
        and all(isinstance(payload.get(name), dict | None) for name in _OBJECTS)
    )

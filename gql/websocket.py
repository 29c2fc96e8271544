"""graphql-transport-ws, with clients in mind that make mistakes, and ones that go away."""

from __future__ import annotations

from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)

from gql.context import Context
from gql.errors import ErrorCode, RequestError
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
        """Refuse one operation too many by a code; the others go on."""
        limit = self.max_subscriptions_per_connection
        operation_id = message["id"]
        if (
            self.connection_acknowledged
            and operation_id not in self.operations
            and limit is not None
            and len(self.operations) >= limit
        ):
            error = RequestError(
                ErrorCode.TOO_MANY_SUBSCRIPTIONS,
                f"This connection has {limit} operations under way. Open another one.",
            )
            await self.send_message({
                "id": operation_id,
                "type": "error",
                "payload": [error.formatted],
            })
            return
        await super().handle_subscribe(message)

    async def handle_task_exception(self, error: Exception) -> None:
        """Log what went wrong. A client that went away is none of it."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    async def _send_result_stream(
        self, operation: Operation[Context, None], result_source: StreamResult
    ) -> None:
        try:
            async with aclosing(_until_interrupted(result_source)) as results:
                await super()._send_result_stream(operation, results)
        except StreamInterrupted as error:
            # It is not complete: the client shall come back for the rest.
            operation.completed = True
            self.operations.pop(operation.id, None)
            await self.websocket.close(error.close_code, error.message)

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:  # ruff: ignore[unused-static-method-argument]
        """Close nothing: a syntax error in one operation is none of the others' business."""
        return None


async def _until_interrupted(results: StreamResult) -> StreamResult:
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
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )

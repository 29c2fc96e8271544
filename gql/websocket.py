"""graphql-transport-ws, with clients in mind that make mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)

from gql.context import Context

if TYPE_CHECKING:
    from graphql import GraphQLError
    from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message


class TransportHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """The stock handler crashes over a frame that is JSON and still no message of the protocol."""

    async def handle_message(self, message: Message) -> None:
        """Close with 4400, as the protocol has it, over a frame of the wrong shape."""
        if _is_well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Not a message of graphql-transport-ws")

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
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )

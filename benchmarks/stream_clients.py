"""Clients of the streams benchmark: their operations and the events they receive."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import connect as connect_socket
from websockets.typing import Subprotocol

if TYPE_CHECKING:
    import httpx

START = "mutation ($input: StartOrderInput!) { startOrder(input: $input) { __typename } }"
APPROVE = "mutation ($input: ApproveOrderInput!) { approveOrder(input: $input) { __typename } }"
CUSTOMER = (
    "mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { __typename } }"
)
STATE = "query ($id: ID!) { order(id: $id) { state sequence } }"
EVENTS_OF = """
subscription ($id: ID!) { orderEvents(orderId: $id) { sequence type state message at } }
"""


@dataclass(frozen=True)
class ReceivedEvent:
    """An event received by one client. ``at`` is in seconds since the epoch."""

    order_id: str
    sequence: int
    at: float


def authorization(token: str) -> dict[str, str]:
    """Return the header of a request, which is also the payload of ``connection_init``."""
    return {"authorization": f"Bearer {token}"}


class Subscription:
    """A WebSocket of its own with one subscription to an order's events."""

    def __init__(self, url: str, order_id: str, token: str) -> None:
        self._connecting = connect_socket(
            url, subprotocols=[Subprotocol("graphql-transport-ws")], compression=None
        )
        self._order_id = order_id
        self._token = token

    async def __aenter__(self) -> Any:  # ruff: ignore[any-type] - the type of a client socket is not exported
        socket = await self._connecting.__aenter__()
        await socket.send(
            json.dumps({"type": "connection_init", "payload": authorization(self._token)})
        )
        await socket.recv()
        payload = {"query": EVENTS_OF, "variables": {"id": self._order_id}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        return socket

    async def __aexit__(self, *error: object) -> None:
        await self._connecting.__aexit__(None, None, None)


async def receive_events(url: str, order_id: str, token: str) -> list[ReceivedEvent]:
    """Return all events of one order, received over a WebSocket of its own."""
    received: list[ReceivedEvent] = []
    async with Subscription(url, order_id, token) as socket:
        async for frame in socket:
            at = time.time()
            message = json.loads(frame)
            if message["type"] == "complete":
                return received
            if message["type"] == "error":
                raise RuntimeError(f"{order_id}: {message}")
            sequence = message["payload"]["data"]["orderEvents"]["sequence"]
            received.append(ReceivedEvent(order_id, sequence, at))
    raise RuntimeError(f"the socket of {order_id} was closed: {socket.close_code}")


async def send(
    http: httpx.AsyncClient, query: str, input_: dict[str, Any] | None, **variables: object
) -> Any:  # ruff: ignore[any-type] - depends on the query
    """Return the only field of the response.

    ``input_`` is the variable ``$input``; without it the variables are keyword arguments.
    """
    body = {"query": query, "variables": variables if input_ is None else {"input": input_}}
    response = (await http.post("/graphql", json=body)).json()
    [value] = response["data"].values()
    return value


def customer_input() -> dict[str, Any]:
    return {"id": "bench", "name": "Ada Lovelace", "email": "ada@example.org"}


def order_input(order_id: str) -> dict[str, Any]:
    """Return an order whose review has no time limit."""
    return {
        "id": order_id,
        "customerId": "bench",
        "items": [{"sku": "TEAPOT", "quantity": 2, "unitPrice": "24.90"}],
        "currency": "USD",
        "shippingAddress": {"street": "1 Main St", "city": "Springfield", "country": "US"},
        "policy": {"reviewTimeout": None},
    }

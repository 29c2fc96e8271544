"""What the clients of the streams' benchmark send, and when they see what."""

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
class Seen:
    """When one client learnt of one event, by this machine's clock."""

    order_id: str
    sequence: int
    at: float


class Subscription:
    """A socket of its own, that follows one order."""

    def __init__(self, url: str, order_id: str) -> None:
        """Nothing is connected yet."""
        self._connecting = connect_socket(
            url, subprotocols=[Subprotocol("graphql-transport-ws")], compression=None
        )
        self._order_id = order_id

    async def __aenter__(self) -> Any:  # ruff: ignore[any-type] - the socket's own type says no more
        """Connect, and subscribe."""
        socket = await self._connecting.__aenter__()
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        payload = {"query": EVENTS_OF, "variables": {"id": self._order_id}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        return socket

    async def __aexit__(self, *error: object) -> None:
        """Leave."""
        await self._connecting.__aexit__(None, None, None)


async def subscriber(url: str, order_id: str) -> list[Seen]:
    """Follow one order to its end."""
    seen: list[Seen] = []
    async with Subscription(url, order_id) as socket:
        async for frame in socket:
            at = time.time()
            message = json.loads(frame)
            if message["type"] == "complete":
                return seen
            if message["type"] == "error":
                raise RuntimeError(f"{order_id}: {message}")
            seen.append(Seen(order_id, message["payload"]["data"]["orderEvents"]["sequence"], at))
    raise RuntimeError(f"the socket of {order_id} was closed: {socket.close_code}")


async def send(
    http: httpx.AsyncClient, query: str, given: dict[str, Any] | None, **variables: object
) -> Any:  # ruff: ignore[any-type] - whatever was asked for
    """Return the one field of the answer."""
    body = {"query": query, "variables": variables if given is None else {"input": given}}
    answer = (await http.post("/graphql", json=body)).json()
    [value] = answer["data"].values()
    return value


def a_customer() -> dict[str, Any]:
    """Make the customer that all orders name."""
    return {"id": "bench", "name": "Ada Lovelace", "email": "ada@example.org"}


def an_order(order_id: str) -> dict[str, Any]:
    """Make an order that waits for its review without limit."""
    return {
        "id": order_id,
        "customerId": "bench",
        "items": [{"sku": "TEAPOT", "quantity": 2, "unitPrice": "24.90"}],
        "shippingAddress": {"street": "1 Main St", "city": "Springfield"},
        "policy": {"reviewTimeout": None},
    }

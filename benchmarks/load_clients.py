"""Clients that start, read and command orders, and record every response."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx

from benchmarks.stream_clients import APPROVE, CUSTOMER, START, customer_input, order_input

CANCEL = "mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }"
ADDRESS = "mutation ($input: UpdateAddressInput!) { updateAddress(input: $input) { __typename } }"
ORDER = """
query ($id: ID!) {
  order(id: $id) { __typename id state sequence payment { status } events { nodes { type } } }
}
"""
ORDERS = """
{ orders(first: 20) { __typename nodes { id state customer { name } payment { status } } } }
"""
EVENTS = "subscription ($id: ID!) { orderEvents(orderId: $id) { sequence state } }"


@dataclass(frozen=True)
class Answer:
    """The response to one request.

    ``outcome`` is the type of the result, or the HTTP status and error codes. ``is_valid`` means a
    complete result or a well-formed refusal.
    """

    kind: str
    outcome: str
    seconds: float
    is_valid: bool

    @property
    def is_refusal(self) -> bool:
        return self.outcome.startswith("429")

    @property
    def is_final(self) -> bool:
        """Whether a retry would get the same answer."""
        return not self.is_refusal and "SERVICE_UNAVAILABLE" not in self.outcome


@dataclass
class Clients:
    """All clients of one run, sharing one HTTP client that has a connection for each."""

    http: httpx.AsyncClient
    answers: list[Answer] = field(default_factory=list)
    started: list[str] = field(default_factory=list)

    async def prepare(self) -> None:
        """Create the customer that the orders refer to."""
        await self._send("createCustomer", CUSTOMER, {"input": customer_input()})

    async def round(self, number: int) -> None:
        """Start one order, read and change it, then approve it or, every fourth time, cancel it."""
        order_id = f"load-{uuid4()}"
        await self.request("startOrder", START, {"input": order_input(order_id)})
        self.started.append(order_id)
        stream = None
        if number % 16 == 0:
            stream = asyncio.create_task(self._follow(order_id))
        await self.request("order", ORDER, {"id": order_id})
        await self.request("orders", ORDERS, {})
        new_address = {"street": "2 Side St", "city": "Shelbyville", "country": "US"}
        await self._command("updateAddress", ADDRESS, order_id, address=new_address)
        await self.request("order", ORDER, {"id": order_id})
        if number % 4 == 0:
            await self._command("cancelOrder", CANCEL, order_id)
        else:
            await self._command("approveOrder", APPROVE, order_id)
        await self.request("orders", ORDERS, {})
        await self.request("order", ORDER, {"id": order_id})
        if stream is not None:
            await stream

    async def read(self) -> None:
        """Read the latest orders and the last order that was started here."""
        await self.request("orders", ORDERS, {})
        for order_id in self.started[-1:]:
            await self.request("order", ORDER, {"id": order_id})

    async def request(self, kind: str, query: str, variables: dict[str, Any]) -> None:
        """Send a request, and repeat it while it is refused or a source is unavailable."""
        while True:
            answer, wait = await self._send(kind, query, variables)
            if answer.is_final:
                return
            await asyncio.sleep(wait)

    async def _command(self, kind: str, query: str, order_id: str, **fields: object) -> None:
        command = {"orderId": order_id, "commandId": kind, **fields}
        await self.request(kind, query, {"input": command})

    async def _follow(self, order_id: str) -> None:
        """Receive the events of an order as server-sent events until it ends."""
        began = time.perf_counter()
        body = {"query": EVENTS, "variables": {"id": order_id}}
        headers = {"accept": "text/event-stream"}
        text = ""
        with suppress(httpx.TransportError):  # recorded below as incomplete
            response = await self.http.post("/graphql", json=body, headers=headers)
            text = response.text
        complete = "event: complete" in text and '"errors"' not in text
        outcome = "complete" if complete else f"interrupted: {text[-200:]}"
        self._record("orderEvents", outcome, began, is_valid=complete)

    async def _send(self, kind: str, query: str, variables: dict[str, Any]) -> tuple[Answer, float]:
        began = time.perf_counter()
        try:
            response = await self.http.post(
                "/graphql", json={"query": query, "variables": variables}
            )
        except httpx.TransportError as error:
            return self._record(kind, type(error).__name__, began, is_valid=False), 0.0
        retry_after = response.headers.get("retry-after", "")
        outcome, is_valid = _outcome(response)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            is_valid = retry_after.isdecimal() and outcome == "429 TOO_MANY_REQUESTS"
        answer = self._record(kind, outcome, began, is_valid=is_valid)
        return answer, float(retry_after) if retry_after.isdecimal() else 1.0

    def _record(self, kind: str, outcome: str, began: float, *, is_valid: bool) -> Answer:
        answer = Answer(kind, outcome, time.perf_counter() - began, is_valid)
        self.answers.append(answer)
        return answer


def _outcome(response: httpx.Response) -> tuple[str, bool]:
    """Return the outcome of a response, and whether it is a valid result."""
    body = response.json()
    errors = body.get("errors")
    if errors:
        codes = sorted({error["extensions"]["code"] for error in errors})
        return f"{response.status_code} {' '.join(codes)}", False
    [value] = body["data"].values()
    name: str = "null" if value is None else value["__typename"]
    degraded = body["extensions"].get("degraded")
    if degraded:
        # A partial response is valid: it says which source is missing.
        return f"{name}, without {' and '.join(degraded)}", True
    return name, value is not None

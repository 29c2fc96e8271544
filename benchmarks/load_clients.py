"""Clients that start orders, look at them and command them, and note each answer they get."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx

from benchmarks.stream_clients import APPROVE, CUSTOMER, START, a_customer, an_order

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
    """What came of one request: the type of its result, or its status and code."""

    kind: str
    outcome: str
    seconds: float
    is_proper: bool

    @property
    def is_refusal(self) -> bool:
        """Whether the server had no room."""
        return self.outcome.startswith("429")

    @property
    def is_final(self) -> bool:
        """Whether there is nothing to be had by coming again."""
        return not self.is_refusal and "SERVICE_UNAVAILABLE" not in self.outcome


@dataclass
class Clients:
    """All clients of one run, over one HTTP client that keeps a connection for each."""

    http: httpx.AsyncClient
    answers: list[Answer] = field(default_factory=list)
    started: list[str] = field(default_factory=list)

    async def prepare(self) -> None:
        """Make the customer that the orders name."""
        await self._send("createCustomer", CUSTOMER, {"input": a_customer()})

    async def round(self, number: int) -> None:
        """Take one order from its start to its approval, or to its end in every fourth round."""
        order_id = f"load-{uuid4()}"
        await self.ask("startOrder", START, {"input": an_order(order_id)})
        self.started.append(order_id)
        following = None
        if number % 16 == 0:
            following = asyncio.create_task(self._follow(order_id))
        await self.ask("order", ORDER, {"id": order_id})
        await self.ask("orders", ORDERS, {})
        moved = {"street": "2 Side St", "city": "Shelbyville"}
        await self._command("updateAddress", ADDRESS, order_id, address=moved)
        await self.ask("order", ORDER, {"id": order_id})
        if number % 4 == 0:
            await self._command("cancelOrder", CANCEL, order_id)
        else:
            await self._command("approveOrder", APPROVE, order_id)
        await self.ask("orders", ORDERS, {})
        await self.ask("order", ORDER, {"id": order_id})
        if following is not None:
            await following

    async def look(self) -> None:
        """Look at the latest orders, and at the last one that was started here."""
        await self.ask("orders", ORDERS, {})
        for order_id in self.started[-1:]:
            await self.ask("order", ORDER, {"id": order_id})

    async def ask(self, kind: str, query: str, variables: dict[str, Any]) -> None:
        """Send a request, and again where that is what its answer says, with the same ids."""
        while True:
            answer, wait = await self._send(kind, query, variables)
            if answer.is_final:
                return
            await asyncio.sleep(wait)

    async def _command(self, kind: str, query: str, order_id: str, **given: object) -> None:
        command = {"orderId": order_id, "commandId": kind, **given}
        await self.ask(kind, query, {"input": command})

    async def _follow(self, order_id: str) -> None:
        """Follow an order by server-sent events to its end."""
        began = time.perf_counter()
        body = {"query": EVENTS, "variables": {"id": order_id}}
        headers = {"accept": "text/event-stream"}
        text = ""
        with suppress(httpx.TransportError):  # it is noted as what it is: not complete
            response = await self.http.post("/graphql", json=body, headers=headers)
            text = response.text
        complete = "event: complete" in text and '"errors"' not in text
        outcome = "complete" if complete else f"broke off: {text[-200:]}"
        self._note("orderEvents", outcome, began, is_proper=complete)

    async def _send(self, kind: str, query: str, variables: dict[str, Any]) -> tuple[Answer, float]:
        began = time.perf_counter()
        try:
            response = await self.http.post(
                "/graphql", json={"query": query, "variables": variables}
            )
        except httpx.TransportError as error:
            return self._note(kind, type(error).__name__, began, is_proper=False), 0.0
        retry_after = response.headers.get("retry-after", "")
        outcome, is_proper = _outcome(response)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            is_proper = retry_after.isdecimal() and outcome == "429 TOO_MANY_REQUESTS"
        answer = self._note(kind, outcome, began, is_proper=is_proper)
        return answer, float(retry_after) if retry_after.isdecimal() else 1.0

    def _note(self, kind: str, outcome: str, began: float, *, is_proper: bool) -> Answer:
        answer = Answer(kind, outcome, time.perf_counter() - began, is_proper)
        self.answers.append(answer)
        return answer


def _outcome(response: httpx.Response) -> tuple[str, bool]:
    """Name an answer, and tell whether it is a whole one."""
    body = response.json()
    errors = body.get("errors")
    if errors:
        codes = sorted({error["extensions"]["code"] for error in errors})
        return f"{response.status_code} {' '.join(codes)}", False
    [value] = body["data"].values()
    name: str = "null" if value is None else value["__typename"]
    degraded = body["extensions"].get("degraded")
    if degraded:
        # What one of the sources knows is an answer, and says so.
        return f"{name}, without {' and '.join(degraded)}", True
    return name, value is not None

"""Whole orders through the API, beside a bare Temporal workflow of the same steps.

``python -m benchmarks.orders`` runs both in turn on one embedded stack, so that whatever else the
machine does meets both, and prints medians and ratios.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import httpx
from rich.console import Console
from rich.table import Table
from temporalio.api.enums.v1 import EventType

from benchmarks.bare_workflow import ORDER_QUEUE, SHIPPING_QUEUE, BareOrder
from benchmarks.processor_time import seconds_of_parts
from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import passing_folder, running_stack
from cli.stack.plan import passing_plan
from cli.stack.processes import Program
from orchestration.client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
    from pathlib import Path

    from temporalio.client import Client

    from cli.stack.embedded_stack import Stack

ROUNDS = 5
ORDERS_A_ROUND = 120
AT_ONCE = 30
ALONE = 30

T = TypeVar("T")

_START = """
mutation ($input: StartOrderInput!) { startOrder(input: $input) { __typename } }
"""
_APPROVE = """
mutation ($input: ApproveOrderInput!) { approveOrder(input: $input) { __typename } }
"""
_CUSTOMER = """
mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { __typename } }
"""


class Api:
    """Takes an order through the API; its end is waited for as the bare one's is."""

    def __init__(self, http: httpx.AsyncClient, client: Client) -> None:
        """Speak to the API by ``http``; ``client`` only waits for ends."""
        self._http = http
        self._client = client

    async def start(self) -> str:
        """Start one."""
        order_id = f"bench-{uuid4()}"
        await self._send(_START, "OrderStarted", _order(order_id))
        return order_id

    async def finish(self, order_id: str) -> None:
        """Approve it and wait until it is COMPLETED."""
        await self._send(_APPROVE, None, {"orderId": order_id, "commandId": "go"})
        result = await self._client.get_workflow_handle(order_id).result()
        if result["state"] != "COMPLETED":
            raise RuntimeError(f"{order_id} ended {result}")

    async def customer(self) -> None:
        """Make the customer that the orders name."""
        given = {"id": "bench", "name": "Ada Lovelace", "email": "ada@example.org"}
        await self._send(_CUSTOMER, "CustomerSaved", given)

    async def _send(self, query: str, expected: str | None, given: dict[str, Any]) -> None:
        answer = await self._http.post(
            "/graphql", json={"query": query, "variables": {"input": given}}
        )
        [value] = answer.json()["data"].values()
        # An approval may be pending where the machine is busy: it is stored, and will be applied.
        if value["__typename"] not in ({expected} if expected else _STORED):
            raise RuntimeError(f"unexpected answer: {value}")


_STORED = {"CommandApplied", "CommandPending"}


class Bare:
    """Takes a bare workflow through the same."""

    def __init__(self, client: Client) -> None:
        """Speak to Temporal."""
        self._client = client

    async def start(self) -> str:
        """Start one."""
        order_id = f"bare-{uuid4()}"
        await self._client.start_workflow(
            BareOrder.run, order_id, id=order_id, task_queue=ORDER_QUEUE
        )
        return order_id

    async def finish(self, order_id: str) -> None:
        """Approve it and wait for its end."""
        handle = self._client.get_workflow_handle(order_id)
        await handle.signal(BareOrder.approve)
        await handle.result()


def _order(order_id: str) -> dict[str, Any]:
    return {
        "id": order_id,
        "customerId": "bench",
        "items": [{"sku": "TEAPOT", "quantity": 2, "unitPrice": "24.90"}],
        "shippingAddress": {"street": "1 Main St", "city": "Springfield"},
    }


async def _each(some: Iterable[Awaitable[T]]) -> list[T]:
    """Await all of them, so many at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(awaitable: Awaitable[T]) -> T:
        async with room:
            return await awaitable

    return await asyncio.gather(*map(one, some))


@dataclass
class Figures:
    """What came of the orders of one side; times in ms."""

    side: Api | Bare
    rates: list[float] = field(default_factory=list)
    costs: list[dict[str, float]] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    starts_alone: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    async def many(self) -> None:
        """Take many orders from start to end, so many at a time."""
        before, began = seconds_of_parts(), time.perf_counter()
        await _each(self._order(self.starts) for _ in range(ORDERS_A_ROUND))
        self.rates.append(ORDERS_A_ROUND / (time.perf_counter() - began))
        self.costs.append({
            part: (seconds - before[part]) * 1000 / ORDERS_A_ROUND
            for part, seconds in seconds_of_parts().items()
        })

    async def only_start(self) -> None:
        """Start as many; take them to their ends when all have been started."""
        ids = await _each(self._start(self.starts_alone) for _ in range(ORDERS_A_ROUND))
        await _each(self.side.finish(order_id) for order_id in ids)

    async def one(self) -> None:
        """Take one order from start to end, with the machine for itself."""
        began = time.perf_counter()
        self.ids.append(await self._order([]))
        self.alone.append((time.perf_counter() - began) * 1000)

    def cost(self, part: str) -> float:
        """Return the median of the rounds' milliseconds of a part an order."""
        return statistics.median(cost[part] for cost in self.costs)

    async def _order(self, starts: list[float]) -> str:
        order_id = await self._start(starts)
        await self.side.finish(order_id)
        return order_id

    async def _start(self, starts: list[float]) -> str:
        began = time.perf_counter()
        order_id = await self.side.start()
        starts.append((time.perf_counter() - began) * 1000)
        return order_id


_COUNTED = {
    "workflow tasks": EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    "activities": EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
}


async def _history(client: Client, order_ids: list[str], child: str) -> dict[str, float]:
    """Return the mean numbers of events an order, parent and child, of all kinds and of some."""
    events = [
        event.event_type
        for order_id in order_ids
        for workflow_id in (order_id, f"{order_id}/{child}")
        for event in (await client.get_workflow_handle(workflow_id).fetch_history()).events
    ]
    numbers = {"events": len(events)} | {name: events.count(of) for name, of in _COUNTED.items()}
    return {name: number / len(order_ids) for name, number in numbers.items()}


@asynccontextmanager
async def _bare_workers(stack: Stack, folder: Path) -> AsyncGenerator[None]:
    for queue in (ORDER_QUEUE, SHIPPING_QUEUE):
        await stack.parts.start(
            Program(
                name=f"The {queue} worker",
                arguments=[
                    *(sys.executable, "-m", "benchmarks.bare_worker"),
                    *(stack.configuration.orchestration.temporal_address, queue),
                ],
                environment=dict(os.environ),
                log=folder / f"{queue}.log",
            )
        )
    yield


async def measure() -> None:
    """Measure both in turn, and print a row a figure."""
    with passing_folder() as folder:
        plan = passing_plan(load_configuration(file=None), os.environ, folder)
        async with running_stack(plan) as stack, _bare_workers(stack, folder):
            client = await connect(stack.configuration.orchestration)
            async with httpx.AsyncClient(
                base_url=stack.api_url, timeout=60, limits=httpx.Limits(max_connections=AT_ONCE)
            ) as http:
                await stack.parts.during(_measure(Api(http, client), Bare(client), client))


async def _measure(api: Api, bare: Bare, client: Client) -> None:
    await api.customer()
    sides = ours, theirs = Figures(api), Figures(bare)
    for warm_up in (Figures(api), Figures(bare)):
        await _each(warm_up.one() for _ in range(AT_ONCE))
    for measured, rounds in (
        (Figures.many, ROUNDS),
        (Figures.only_start, ROUNDS),
        (Figures.one, ALONE),
    ):
        for _ in range(rounds):
            for side in sides:
                await measured(side)
    history = await _history(client, ours.ids, "shipping/1")
    bare_history = await _history(client, theirs.ids, "shipping")

    def medians(of: Callable[[Figures], list[float]]) -> list[float]:
        return [statistics.median(of(side)) for side in sides]

    _report({
        f"orders a second, {AT_ONCE} at a time": medians(lambda side: side.rates),
        "one order alone, ms": medians(lambda side: side.alone),
        f"start, ms, {AT_ONCE} starts at a time": medians(lambda side: side.starts_alone),
        f"start, ms, {AT_ONCE} orders at a time": medians(lambda side: side.starts),
        **{f"history: {kind} an order": [history[kind], bare_history[kind]] for kind in history},
        **{
            f"processor, ms an order: {part}": [side.cost(part) for side in sides]
            for part in ours.costs[0]
        },
    })


def _report(figures: dict[str, list[float]]) -> None:
    table = Table("figure", "through the API", "bare workflow", "ratio")
    for name, (ours, theirs) in figures.items():
        ratio = f"{ours / theirs:.2f}" if theirs else ""
        table.add_row(name, f"{ours:.1f}", f"{theirs:.1f}", ratio)
    Console(width=100).print(table)


if __name__ == "__main__":
    asyncio.run(measure())

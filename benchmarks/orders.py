"""Whole orders through the API, compared with a bare Temporal workflow with the same steps.

``python -m benchmarks.orders`` alternates between both on one embedded stack, so that other load on
the machine affects both. It prints medians and ratios.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import orjson
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.bare_workflow import ORDER_QUEUE, SHIPPING_QUEUE, BareOrder
from benchmarks.cpu_time import cpu_seconds_of_parts
from benchmarks.histories import counts
from benchmarks.pages_client import Connection, post
from benchmarks.server_metrics import ServerMetrics
from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import running_stack, temporary_folder
from cli.stack.plan import temporary_plan
from cli.stack.processes import Program
from orchestration.client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
    from pathlib import Path

    from temporalio.client import Client

    from cli.stack.embedded_stack import Stack

ROUNDS = 5
ORDERS_PER_ROUND = 120
CONCURRENCY = 30
ROUNDS_ALONE = 30

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
    """Runs orders through the API. Waits for their end in Temporal, as ``Bare`` does."""

    def __init__(self, connections: Sequence[Connection], client: Client) -> None:
        self._idle: asyncio.Queue[Connection] = asyncio.Queue()
        for connection in connections:
            self._idle.put_nowait(connection)
        self._client = client

    async def start(self) -> str:
        order_id = f"bench-{uuid4()}"
        await self._send(_START, "OrderStarted", _order_input(order_id))
        return order_id

    async def finish(self, order_id: str) -> None:
        """Approve the order and wait until it is COMPLETED."""
        await self._send(_APPROVE, None, {"orderId": order_id, "commandId": "go"})
        result = await self._client.get_workflow_handle(order_id).result()
        if result["state"] != "COMPLETED":
            raise RuntimeError(f"{order_id} ended {result}")

    async def create_customer(self) -> None:
        customer = {"id": "bench", "name": "Ada Lovelace", "email": "ada@example.org"}
        await self._send(_CUSTOMER, "CustomerSaved", customer)

    async def _send(self, query: str, expected: str | None, input_: dict[str, Any]) -> None:
        connection = await self._idle.get()
        try:
            body = await connection.send(post("/graphql", query=query, variables={"input": input_}))
        finally:
            self._idle.put_nowait(connection)
        [value] = orjson.loads(body)["data"].values()
        # On a busy machine an approval may be pending: it is stored and will be applied.
        if value["__typename"] not in ({expected} if expected else _STORED):
            raise RuntimeError(f"unexpected result: {value}")


_STORED = {"CommandApplied", "CommandPending"}


class Bare:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self) -> str:
        order_id = f"bare-{uuid4()}"
        await self._client.start_workflow(
            BareOrder.run, order_id, id=order_id, task_queue=ORDER_QUEUE
        )
        return order_id

    async def finish(self, order_id: str) -> None:
        handle = self._client.get_workflow_handle(order_id)
        await handle.signal(BareOrder.approve)
        await handle.result()


def _order_input(order_id: str) -> dict[str, Any]:
    return {
        "id": order_id,
        "customerId": "bench",
        "items": [{"sku": "TEAPOT", "quantity": 2, "unitPrice": "24.90"}],
        "currency": "USD",
        "shippingAddress": {"street": "1 Main St", "city": "Springfield", "country": "US"},
    }


async def _concurrently(awaitables: Iterable[Awaitable[T]]) -> list[T]:
    """Await all of them, CONCURRENCY at a time."""
    limit = asyncio.Semaphore(CONCURRENCY)

    async def limited(awaitable: Awaitable[T]) -> T:
        async with limit:
            return await awaitable

    return await asyncio.gather(*map(limited, awaitables))


@dataclass
class Figures:
    """Measurements of one side. Rates are orders per second, times are in ms."""

    side: Api | Bare
    metrics: ServerMetrics
    rates: list[float] = field(default_factory=list)
    cpu: list[dict[str, float]] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    starts: list[float] = field(default_factory=list)
    starts_alone: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    async def run_many(self) -> None:
        """Run ORDERS_PER_ROUND orders from start to end."""
        requests, before = self.metrics.read(), cpu_seconds_of_parts()
        began = time.perf_counter()
        await _concurrently(self._run(self.starts) for _ in range(ORDERS_PER_ROUND))
        self.rates.append(ORDERS_PER_ROUND / (time.perf_counter() - began))
        self.cpu.append({
            part: (seconds - before[part]) * 1000 / ORDERS_PER_ROUND
            for part, seconds in cpu_seconds_of_parts().items()
        })
        self.requests += self.metrics.read() - requests

    async def start_many(self) -> None:
        """Start ORDERS_PER_ROUND orders, and finish them when all have started."""
        ids = await _concurrently(self._start(self.starts_alone) for _ in range(ORDERS_PER_ROUND))
        await _concurrently(self.side.finish(order_id) for order_id in ids)

    async def run_alone(self) -> None:
        """Run one order while no other runs."""
        began = time.perf_counter()
        self.ids.append(await self._run([]))
        self.alone.append((time.perf_counter() - began) * 1000)

    def cpu_of(self, part: str) -> float:
        """Return the median CPU milliseconds per order that a part used."""
        return statistics.median(round_[part] for round_ in self.cpu)

    def requests_of(self, kind: str) -> float:
        """Return the requests of this kind that Temporal's server handled, per order."""
        return self.requests[kind] / (ORDERS_PER_ROUND * len(self.rates))

    async def _run(self, starts: list[float]) -> str:
        order_id = await self._start(starts)
        await self.side.finish(order_id)
        return order_id

    async def _start(self, starts: list[float]) -> str:
        began = time.perf_counter()
        order_id = await self.side.start()
        starts.append((time.perf_counter() - began) * 1000)
        return order_id


async def _history(client: Client, order_ids: list[str], child: str) -> dict[str, float]:
    """Return mean history events per order, of the parent and its child, in total and by type."""
    events = [
        event
        for order_id in order_ids
        for workflow_id in (order_id, f"{order_id}/{child}")
        for event in (await client.get_workflow_handle(workflow_id).fetch_history()).events
    ]
    return {name: count / len(order_ids) for name, count in counts(events).items()}


@asynccontextmanager
async def _bare_workers(stack: Stack, folder: Path) -> AsyncGenerator[None]:
    for queue in (ORDER_QUEUE, SHIPPING_QUEUE):
        await stack.processes.start(
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
    with temporary_folder() as folder:
        plan = temporary_plan(load_configuration(file=None), os.environ, folder)
        async with running_stack(plan) as stack, _bare_workers(stack, folder):
            client = await connect(stack.configuration.orchestration)
            async with AsyncExitStack() as opened:
                port = stack.configuration.api.port
                connections = [
                    await opened.enter_async_context(Connection(port)) for _ in range(CONCURRENCY)
                ]
                api, bare = Api(connections, client), Bare(client)
                server = stack.processes.named("Temporal").process.pid
                metrics = ServerMetrics(psutil.Process(server))
                await stack.processes.supervise(_measure(api, bare, client, metrics))


async def _measure(api: Api, bare: Bare, client: Client, metrics: ServerMetrics) -> None:
    await api.create_customer()
    sides = ours, theirs = Figures(api, metrics), Figures(bare, metrics)
    for warm_up in (Figures(api, metrics), Figures(bare, metrics)):
        await _concurrently(warm_up.run_alone() for _ in range(CONCURRENCY))
    for measured, rounds in (
        (Figures.run_many, ROUNDS),
        (Figures.start_many, ROUNDS),
        (Figures.run_alone, ROUNDS_ALONE),
    ):
        for _ in range(rounds):
            for side in sides:
                await measured(side)
    history = await _history(client, ours.ids, "shipping/1")
    bare_history = await _history(client, theirs.ids, "shipping")

    def medians(of: Callable[[Figures], list[float]]) -> list[float]:
        return [statistics.median(of(side)) for side in sides]

    _report({
        f"orders/s, {CONCURRENCY} at a time": medians(lambda side: side.rates),
        "one order alone, ms": medians(lambda side: side.alone),
        f"start, ms, {CONCURRENCY} starts at a time": medians(lambda side: side.starts_alone),
        f"start, ms, {CONCURRENCY} orders at a time": medians(lambda side: side.starts),
        **{f"history: {kind} per order": [history[kind], bare_history[kind]] for kind in history},
        **{
            f"Temporal: {kind} per order": [side.requests_of(kind) for side in sides]
            for kind in ours.requests
        },
        **{
            f"CPU, ms per order: {part}": [side.cpu_of(part) for side in sides]
            for part in ours.cpu[0]
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

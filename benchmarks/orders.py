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
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.bare_workflow import ORDER_QUEUE, SHIPPING_QUEUE, BareOrder
from cli.configuration import load_configuration
from cli.plan import passing_plan
from cli.processes import Program
from cli.stack import passing_folder, running_stack
from orchestration.client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from pathlib import Path

    from temporalio.client import Client

    from cli.stack import Stack

ROUNDS = 5
ORDERS_A_ROUND = 120
AT_ONCE = 30
ALONE = 10

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
        self.start_latencies: list[float] = []

    async def order(self) -> str:
        """Start, approve and wait until it is COMPLETED."""
        order_id = f"bench-{uuid4()}"
        began = time.perf_counter()
        await self._send(_START, "OrderStarted", _order(order_id))
        self.start_latencies.append(time.perf_counter() - began)
        await self._send(_APPROVE, None, {"orderId": order_id, "commandId": "go"})
        result = await self._client.get_workflow_handle(order_id).result()
        if result["state"] != "COMPLETED":
            raise RuntimeError(f"{order_id} ended {result}")
        return order_id

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
        self.start_latencies: list[float] = []

    async def order(self) -> str:
        """Start, approve and wait for the end."""
        order_id = f"bare-{uuid4()}"
        began = time.perf_counter()
        handle = await self._client.start_workflow(
            BareOrder.run, order_id, id=order_id, task_queue=ORDER_QUEUE
        )
        self.start_latencies.append(time.perf_counter() - began)
        await handle.signal(BareOrder.approve)
        await handle.result()
        return order_id


def _order(order_id: str) -> dict[str, Any]:
    return {
        "id": order_id,
        "customerId": "bench",
        "items": [{"sku": "TEAPOT", "quantity": 2, "unitPrice": "24.90"}],
        "shippingAddress": {"street": "1 Main St", "city": "Springfield"},
    }


async def _rate(order: Callable[[], Awaitable[str]]) -> float:
    some = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with some:
            await order()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(ORDERS_A_ROUND)))
    return ORDERS_A_ROUND / (time.perf_counter() - began)


async def _alone(order: Callable[[], Awaitable[str]]) -> float:
    times = []
    for _ in range(ALONE):
        began = time.perf_counter()
        await order()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


async def _events(client: Client, order_id: str, child: str) -> int:
    total = 0
    for workflow_id in (order_id, f"{order_id}/{child}"):
        total += len((await client.get_workflow_handle(workflow_id).fetch_history()).events)
    return total


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
    for warm_up in (api.order, bare.order):
        await asyncio.gather(*(warm_up() for _ in range(AT_ONCE)))
    api.start_latencies.clear()
    bare.start_latencies.clear()
    rates = [(await _rate(api.order), await _rate(bare.order)) for _ in range(ROUNDS)]
    latencies = [statistics.median(one.start_latencies) * 1000 for one in (api, bare)]
    alone = [await _alone(api.order) * 1000, await _alone(bare.order) * 1000]
    events = [
        await _events(client, await api.order(), "shipping/1"),
        await _events(client, await bare.order(), "shipping"),
    ]
    table = Table("figure", "through the API", "bare workflow", "ratio")
    api_rate, bare_rate = (statistics.median(column) for column in zip(*rates, strict=True))
    rows = {
        f"orders a second, {AT_ONCE} at a time": (api_rate, bare_rate),
        "one order alone, ms": (alone[0], alone[1]),
        f"start, p50 with {AT_ONCE} at a time, ms": (latencies[0], latencies[1]),
        "history events an order": (events[0], events[1]),
    }
    for name, (ours, theirs) in rows.items():
        table.add_row(name, f"{ours:.1f}", f"{theirs:.1f}", f"{ours / theirs:.2f}")
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(measure())

"""Event streams to 1,000 subscribers, compared with polling clients and with a bare fan-out.

``python -m benchmarks.streams`` runs 200 orders three times, at half the rate that the machine
reaches: with subscribers, with polling clients and with no clients. A trigger in Postgres records
when each event was committed. The subscribers are in this process. The API that serves them does
nothing else, and checks an API key.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import statistics
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.api_key import create_api_key
from benchmarks.commit_times import (
    EVENTS_BEFORE_REVIEW,
    commit_latencies,
    record_commit_times,
)
from benchmarks.cpu_time import cpu_seconds
from benchmarks.stream_clients import (
    APPROVE,
    CUSTOMER,
    START,
    STATE,
    ReceivedEvent,
    Subscription,
    authorization,
    customer_input,
    order_input,
    receive_events,
    send,
)
from benchmarks.stream_floor import fan_out
from cli.service.configuration import load_configuration
from cli.service.ports import free_ports
from cli.stack.embedded_stack import running_stack, temporary_folder
from cli.stack.plan import child_environment, temporary_plan
from cli.stack.processes import Program
from orchestration.client import connect
from persistence.engine import create_engine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from cli.stack.embedded_stack import Stack
    from cli.stack.plan import StackPlan
    from cli.stack.processes import ChildProcess

ORDERS = 200
SUBSCRIBERS = 1000
POLL_INTERVAL = 0.5  # seconds
CONCURRENCY = 30
WARM_UP_ORDERS = 60
EVENTS_PER_ORDER = 10
_LAST_STATE = "COMPLETED"


@dataclass
class Phase:
    """Measurements of one run of the orders. ``cpu`` is a share of one core."""

    name: str
    received: list[ReceivedEvent]
    seconds: float
    cpu: float
    workflow_queries: int
    history_events: float


class StreamBenchmark:
    """Runs orders through one API while clients observe them through another."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        observed: httpx.AsyncClient,
        client: Client,
        process: int,
        token: str,
    ) -> None:
        """``process`` is the ID of the process behind ``observed``, which checks ``token``."""
        self._http = http
        self._observed = observed
        self._client = client
        self._process = psutil.Process(process)
        self._token = token

    async def full_rate(self) -> float:
        """Return how many whole orders per second this machine completes without observers."""
        await send(self._http, CUSTOMER, customer_input())
        limit = asyncio.Semaphore(CONCURRENCY)

        async def run_order() -> None:
            async with limit:
                order_id = await self._start()
                await self._approve(order_id)
                await self._client.get_workflow_handle(order_id).result()

        await asyncio.gather(*(run_order() for _ in range(WARM_UP_ORDERS)))
        began = time.perf_counter()
        await asyncio.gather(*(run_order() for _ in range(WARM_UP_ORDERS)))
        return WARM_UP_ORDERS / (time.perf_counter() - began)

    async def phase(
        self, name: str, rate: float, observe: Callable[[list[str]], Awaitable[list[ReceivedEvent]]]
    ) -> Phase:
        """Start orders, observe them, and approve ``rate`` of them per second."""
        order_ids = await self._start_orders()
        observing = asyncio.ensure_future(observe(order_ids))
        await asyncio.sleep(10)  # until all subscriptions have started
        queries_before = await self._workflow_queries()
        cpu = cpu_seconds(self._process)
        began = time.perf_counter()
        approvals = []
        for number, order_id in enumerate(order_ids):
            await asyncio.sleep(began + number / rate - time.perf_counter())
            approvals.append(asyncio.create_task(self._approve(order_id)))
        await asyncio.gather(*approvals)
        for order_id in order_ids:
            await self._client.get_workflow_handle(order_id).result()
        seconds = time.perf_counter() - began
        cpu = cpu_seconds(self._process) - cpu
        queries = await self._workflow_queries() - queries_before
        received = await observing
        histories = [
            len((await self._client.get_workflow_handle(order_id).fetch_history()).events)
            for order_id in order_ids[::4]
        ]
        return Phase(name, received, seconds, cpu / seconds, queries, statistics.mean(histories))

    async def subscribed(self, order_ids: list[str]) -> list[ReceivedEvent]:
        """Observe the orders with SUBSCRIBERS subscribers, each with its own WebSocket."""
        url = str(self._observed.base_url).replace("http", "ws", 1) + "/graphql"
        per_order = SUBSCRIBERS // len(order_ids)
        received = await asyncio.gather(
            *(
                receive_events(url, order_id, self._token)
                for order_id in order_ids
                for _ in range(per_order)
            )
        )
        return list(itertools.chain.from_iterable(received))

    async def polled(self, order_ids: list[str]) -> list[ReceivedEvent]:
        """Observe each order with one client that polls it."""
        received = await asyncio.gather(*(self._poll(order_id) for order_id in order_ids))
        return list(itertools.chain.from_iterable(received))

    async def memory(self) -> float:
        """Return the memory per subscriber in bytes, while all orders wait for their review."""
        order_ids = await self._start_orders()
        url = str(self._observed.base_url).replace("http", "ws", 1) + "/graphql"
        before = self._process.memory_info().rss
        async with AsyncExitStack() as sockets:
            for order_id in itertools.islice(itertools.cycle(order_ids), SUBSCRIBERS):
                await sockets.enter_async_context(Subscription(url, order_id, self._token))
            await asyncio.sleep(10)
            after = self._process.memory_info().rss
        return (after - before) / SUBSCRIBERS

    async def _poll(self, order_id: str) -> list[ReceivedEvent]:
        received: list[ReceivedEvent] = []
        known = EVENTS_BEFORE_REVIEW
        while True:
            began = time.perf_counter()
            try:
                order = await send(self._observed, STATE, None, id=order_id)
            except (httpx.HTTPError, KeyError):
                order = None  # no response in time: poll again
            if order is not None:
                new = range(known + 1, order["sequence"] + 1)
                received += [ReceivedEvent(order_id, sequence, time.time()) for sequence in new]
                known = max(known, order["sequence"])
                if order["state"] == _LAST_STATE:
                    return received
            await asyncio.sleep(max(0.0, began + POLL_INTERVAL - time.perf_counter()))

    async def _workflow_queries(self) -> int:
        figures = (await self._observed.get("/figures")).json()
        queries: int = figures["workflow_queries"]
        return queries

    async def _start_orders(self) -> list[str]:
        limit = asyncio.Semaphore(CONCURRENCY)

        async def start() -> str:
            async with limit:
                return await self._start()

        return list(await asyncio.gather(*(start() for _ in range(ORDERS))))

    async def _start(self) -> str:
        order_id = f"bench-{uuid4()}"
        await send(self._http, START, order_input(order_id))
        return order_id

    async def _approve(self, order_id: str) -> None:
        await send(self._http, APPROVE, {"orderId": order_id})


async def _no_clients(_order_ids: list[str]) -> list[ReceivedEvent]:
    return await asyncio.sleep(0, [])


def _row(name: str, latencies: list[float]) -> list[str]:
    """Return the cells of a row; the latencies are sorted."""
    percentiles = [statistics.quantiles(latencies, n=100)[percent - 1] for percent in (50, 95, 99)]
    return [name, *(f"{value:.1f}" for value in [*percentiles, latencies[-1]])]


async def _start_observed_api(
    stack: Stack, plan: StackPlan, folder: Path
) -> tuple[ChildProcess, str]:
    [port] = free_ports(1)
    configuration = replace(
        stack.configuration, api=stack.configuration.api.model_copy(update={"port": port})
    )
    child = await stack.processes.start(
        Program(
            name="The observed API",
            arguments=[sys.executable, "-m", "benchmarks.stream_server"],
            environment=child_environment(plan, configuration),
            log=folder / "logs" / "stream-server.log",
        )
    )
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient() as http:

        async def ready() -> bool:
            try:
                return (await http.get(f"{url}/health/ready")).is_success
            except httpx.TransportError:
                return False

        await stack.processes.wait_ready(child, ready, 60)
    return child, url


async def measure() -> None:
    with temporary_folder() as folder:
        plan = temporary_plan(load_configuration(file=None), os.environ, folder)
        async with running_stack(plan) as stack:
            token = await create_api_key(stack.configuration.persistence)
            child, url = await _start_observed_api(stack, plan, folder)
            client = await connect(stack.configuration.orchestration)
            engine = create_engine(stack.configuration.persistence)
            await record_commit_times(engine)
            # Expire idle connections before the server does, so that no request meets a closed one.
            limits = httpx.Limits(max_connections=ORDERS, keepalive_expiry=2)
            async with (
                httpx.AsyncClient(base_url=stack.api_url, timeout=60, limits=limits) as http,
                httpx.AsyncClient(
                    base_url=url, timeout=60, limits=limits, headers=authorization(token)
                ) as observed,
            ):
                benchmark = StreamBenchmark(http, observed, client, child.process.pid, token)
                await stack.processes.supervise(_measure(benchmark, engine))
            await engine.dispose()


async def _measure(benchmark: StreamBenchmark, engine: AsyncEngine) -> None:
    rate = await benchmark.full_rate()
    memory = await benchmark.memory()  # first: later, freed memory would be reused
    subscribed = await benchmark.phase("1,000 subscribers", rate / 2, benchmark.subscribed)
    polled = await benchmark.phase(
        "one polling client per order, every 500 ms", rate / 2, benchmark.polled
    )
    unobserved = await benchmark.phase("no clients", rate / 2, _no_clients)
    floor = sorted(seconds * 1000 for seconds in await fan_out(SUBSCRIBERS))
    console = Console(width=120)
    latencies = Table("commit to client, ms", "p50", "p95", "p99", "max")
    for phase in (subscribed, polled):
        latencies.add_row(*_row(phase.name, await commit_latencies(engine, phase.received)))
    latencies.add_row(*_row("floor: one event in memory, 1,000 subscriptions", floor))
    console.print(latencies)
    costs = Table(
        "observed API", "orders/s", "CPU", "workflow queries/s", "history events per order"
    )
    for phase in (subscribed, polled, unobserved):
        costs.add_row(
            phase.name,
            f"{ORDERS / phase.seconds:.1f}",
            f"{phase.cpu:.0%}",
            f"{phase.workflow_queries / phase.seconds:.1f}",
            f"{phase.history_events:.1f}",
        )
    console.print(costs)
    console.print(f"full rate {rate:.1f} orders/s; {memory / 1024:.1f} kB per subscriber")
    expected = SUBSCRIBERS * EVENTS_PER_ORDER
    console.print(f"{len(subscribed.received)} of {expected} events reached the subscribers")


if __name__ == "__main__":
    asyncio.run(measure())  # uvloop cannot start Postgres as another user

"""A thousand subscribers over 200 orders, beside clients that poll, and beside the bare fan-out.

``python -m benchmarks.streams`` runs orders at half the rate that the machine reaches, three times:
watched, polled and alone. When an event was committed Postgres itself notes, by a trigger; the
subscribers are in this process, and the API that serves them does nothing else.
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

from benchmarks.commit_times import BEFORE_REVIEW, delays, note_commits
from benchmarks.processor_time import seconds_of
from benchmarks.stream_clients import (
    APPROVE,
    CUSTOMER,
    START,
    STATE,
    Seen,
    Subscription,
    a_customer,
    an_order,
    send,
    subscriber,
)
from benchmarks.stream_floor import fan_out
from cli.service.configuration import load_configuration
from cli.service.ports import free_ports
from cli.stack.embedded_stack import passing_folder, running_stack
from cli.stack.plan import children_environment, passing_plan
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
    from cli.stack.processes import Part

ORDERS = 200
SUBSCRIBERS = 1000
POLL_EVERY = 0.5
AT_ONCE = 30
WARM_UP = 60
EVENTS = 10
_END_STATE = "COMPLETED"


@dataclass
class Phase:
    """What was measured while orders ran in one way."""

    name: str
    seen: list[Seen]
    seconds: float
    cpu: float
    questions: int
    history: float


class Bench:
    """Runs orders through one API, and watches them through another."""

    def __init__(
        self, http: httpx.AsyncClient, watched: httpx.AsyncClient, client: Client, process: int
    ) -> None:
        """``process`` is that of the API that is ``watched``."""
        self._http = http
        self._watched = watched
        self._client = client
        self._process = psutil.Process(process)

    async def full_rate(self) -> float:
        """Return how many orders a second this machine takes from start to end."""
        await send(self._http, CUSTOMER, a_customer())
        some = asyncio.Semaphore(AT_ONCE)

        async def one() -> None:
            async with some:
                order_id = await self._start()
                await self._approve(order_id)
                await self._client.get_workflow_handle(order_id).result()

        await asyncio.gather(*(one() for _ in range(WARM_UP)))
        began = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(WARM_UP)))
        return WARM_UP / (time.perf_counter() - began)

    async def phase(
        self, name: str, rate: float, watch: Callable[[list[str]], Awaitable[list[Seen]]]
    ) -> Phase:
        """Have orders wait for their review, watch them, and let them go on at that rate."""
        order_ids = await self._started()
        watching = asyncio.ensure_future(watch(order_ids))
        await asyncio.sleep(10)  # until the start of so many subscriptions is over
        before = await self._questions()
        cpu = seconds_of(self._process)
        began = time.perf_counter()
        approvals = []
        for number, order_id in enumerate(order_ids):
            await asyncio.sleep(began + number / rate - time.perf_counter())
            approvals.append(asyncio.create_task(self._approve(order_id)))
        await asyncio.gather(*approvals)
        for order_id in order_ids:
            await self._client.get_workflow_handle(order_id).result()
        seconds = time.perf_counter() - began
        cpu = seconds_of(self._process) - cpu
        questions = await self._questions() - before
        seen = await watching
        histories = [
            len((await self._client.get_workflow_handle(one).fetch_history()).events)
            for one in order_ids[::4]
        ]
        return Phase(name, seen, seconds, cpu / seconds, questions, statistics.mean(histories))

    async def subscribed(self, order_ids: list[str]) -> list[Seen]:
        """Watch each order by as many subscribers as there are for it, each with its own socket."""
        url = str(self._watched.base_url).replace("http", "ws", 1) + "/graphql"
        each = SUBSCRIBERS // len(order_ids)
        seen = await asyncio.gather(
            *(subscriber(url, order_id) for order_id in order_ids for _ in range(each))
        )
        return [one for of_one in seen for one in of_one]

    async def polled(self, order_ids: list[str]) -> list[Seen]:
        """Ask for each order again and again."""
        seen = await asyncio.gather(*(self._poll(order_id) for order_id in order_ids))
        return [one for of_one in seen for one in of_one]

    async def memory(self) -> float:
        """Return the bytes that a subscriber costs while its order waits."""
        order_ids = await self._started()
        url = str(self._watched.base_url).replace("http", "ws", 1) + "/graphql"
        before = self._process.memory_info().rss
        async with AsyncExitStack() as sockets:
            for order_id in itertools.islice(itertools.cycle(order_ids), SUBSCRIBERS):
                await sockets.enter_async_context(Subscription(url, order_id))
            await asyncio.sleep(10)
            after = self._process.memory_info().rss
        return (after - before) / SUBSCRIBERS

    async def _poll(self, order_id: str) -> list[Seen]:
        seen: list[Seen] = []
        known = BEFORE_REVIEW
        while True:
            began = time.perf_counter()
            try:
                order = await send(self._watched, STATE, None, id=order_id)
            except (httpx.HTTPError, KeyError):
                order = None  # the machine has no answer in time: ask again
            if order is not None:
                news = range(known + 1, order["sequence"] + 1)
                seen += [Seen(order_id, number, time.time()) for number in news]
                known = max(known, order["sequence"])
                if order["state"] == _END_STATE:
                    return seen
            await asyncio.sleep(max(0.0, began + POLL_EVERY - time.perf_counter()))

    async def _questions(self) -> int:
        figures = (await self._watched.get("/figures")).json()
        questions: int = figures["workflow_questions"]
        return questions

    async def _started(self) -> list[str]:
        some = asyncio.Semaphore(AT_ONCE)

        async def one() -> str:
            async with some:
                return await self._start()

        return list(await asyncio.gather(*(one() for _ in range(ORDERS))))

    async def _start(self) -> str:
        order_id = f"bench-{uuid4()}"
        await send(self._http, START, an_order(order_id))
        return order_id

    async def _approve(self, order_id: str) -> None:
        await send(self._http, APPROVE, {"orderId": order_id})


async def _nobody(_order_ids: list[str]) -> list[Seen]:
    return await asyncio.sleep(0, [])


def _row(name: str, sorted_delays: list[float]) -> list[str]:
    shown = [statistics.quantiles(sorted_delays, n=100)[at - 1] for at in (50, 95, 99)]
    return [name, *(f"{value:.1f}" for value in shown), f"{sorted_delays[-1]:.1f}"]


async def _server(stack: Stack, plan: StackPlan, folder: Path) -> tuple[Part, str]:
    [port] = free_ports(1)
    configuration = replace(
        stack.configuration, api=stack.configuration.api.model_copy(update={"port": port})
    )
    part = await stack.parts.start(
        Program(
            name="The API that is watched",
            arguments=[sys.executable, "-m", "benchmarks.stream_server"],
            environment=children_environment(plan, configuration),
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

        await stack.parts.until(part, ready, 60)
    return part, url


async def measure() -> None:
    """Measure all of it on one stack, and print the tables."""
    with passing_folder() as folder:
        plan = passing_plan(load_configuration(file=None), os.environ, folder)
        async with running_stack(plan) as stack:
            part, url = await _server(stack, plan, folder)
            client = await connect(stack.configuration.orchestration)
            engine = create_engine(stack.configuration.persistence)
            await note_commits(engine)
            # Shorter than the server keeps a connection, so that none is lost on the way to it.
            limits = httpx.Limits(max_connections=ORDERS, keepalive_expiry=2)
            async with (
                httpx.AsyncClient(base_url=stack.api_url, timeout=60, limits=limits) as http,
                httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as watched,
            ):
                bench = Bench(http, watched, client, part.process.pid)
                await stack.parts.during(_measure(bench, engine))
            await engine.dispose()


async def _measure(bench: Bench, engine: AsyncEngine) -> None:
    rate = await bench.full_rate()
    memory = await bench.memory()  # first, while nothing has been freed that could be used again
    watched = await bench.phase("1,000 subscribers", rate / 2, bench.subscribed)
    polled = await bench.phase("a client an order, every 500 ms", rate / 2, bench.polled)
    alone = await bench.phase("nobody", rate / 2, _nobody)
    floor = sorted(delay * 1000 for delay in await fan_out(SUBSCRIBERS))
    console = Console(width=120)
    shown = Table("from commit to client, ms", "p50", "p95", "p99", "most")
    for phase in (watched, polled):
        shown.add_row(*_row(phase.name, await delays(engine, phase.seen)))
    shown.add_row(*_row("floor: one event in memory, 1,000 subscriptions", floor))
    console.print(shown)
    costs = Table(
        "of the API process", "orders a second", "CPU", "stream queries a second", "history"
    )
    for phase in (watched, polled, alone):
        costs.add_row(
            phase.name,
            f"{ORDERS / phase.seconds:.1f}",
            f"{phase.cpu:.0%}",
            f"{phase.questions / phase.seconds:.1f}",
            f"{phase.history:.1f}",
        )
    console.print(costs)
    console.print(f"full rate {rate:.1f} orders a second; {memory / 1024:.1f} kB a subscriber")
    expected = SUBSCRIBERS * EVENTS
    console.print(f"{len(watched.seen)} events came to subscribers, of {expected}")


if __name__ == "__main__":
    asyncio.run(measure())  # uvloop cannot run Postgres as a user of its own

"""One run: the stack, the clients, the saboteur, and the comparison at the end."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from rich.console import Console

from cli.client.graphql_client import GraphqlClient
from tests.chaos.clients import clients_of
from tests.chaos.orders import CUSTOMER, plan_orders
from tests.chaos.record import collect_when_closed
from tests.chaos.report import Report
from tests.chaos.requests import mutated
from tests.chaos.saboteur import kept_running, sabotage
from tests.chaos.stack import chaos_stack
from tests.chaos.streams import FeedReader
from tests.chaos.verification import (
    command_check,
    feed_check,
    kill_check,
    order_checks,
    stream_check,
)
from tests.support import operations
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from tests.chaos.clients import OrderClient
    from tests.chaos.saboteur import Schedule

_CONCURRENT_ORDERS = 100


async def run(folder: Path, count: int, seed: int, schedule: Schedule, time_limit: float) -> int:
    """Return 0 if every order, payment, parcel and stream is as requested, else 1."""
    console = Console(width=120, highlight=False)
    console.print(f"Starting the stack for {count} orders, with seed {seed} …")
    rng = random.Random(seed)  # ruff: ignore[suspicious-non-cryptographic-random-usage] - not a secret
    async with (
        chaos_stack(folder) as target,
        GraphqlClient(target.stack.api_url) as api,
        kept_running(target.parts),
    ):
        await mutated(api, operations.CREATE_CUSTOMER, CUSTOMER)
        clients = clients_of(plan_orders(count, rng))
        feed = await FeedReader.begin(api)
        async with _reading(feed, api, rng):
            began = time.monotonic()
            async with sabotage(target.parts, schedule, lambda: _progress(clients)):
                await _run_clients(clients, api, rng, time_limit)
            seconds = time.monotonic() - began
            console.print(f"The orders took {seconds:.0f} s. Comparing …")
            remains = await collect_when_closed(
                target.stack.configuration, [client.planned.id for client in clients]
            )
            recorded = sum(len(events) for events in remains.events.values())
            with suppress(TimeoutError):
                await wait_until(lambda: len(feed.received) >= recorded)
    checks = [
        *order_checks(clients, remains),
        command_check(clients, remains),
        stream_check(clients, remains),
        feed_check(feed.received, remains),
        kill_check(target.parts, schedule),
    ]
    report = Report(clients, feed, target.parts, seconds, remains, checks)
    report.print(console)
    return 0 if report.passed else 1


async def _run_clients(
    clients: Sequence[OrderClient], api: GraphqlClient, rng: random.Random, time_limit: float
) -> None:
    """Run all orders, a limited number at a time, until they have ended or the time is over."""
    limit = asyncio.Semaphore(_CONCURRENT_ORDERS)

    async def run_client(client: OrderClient) -> None:
        async with limit:
            await client.run(api, rng)

    with suppress(TimeoutError):
        async with asyncio.timeout(time_limit):
            await asyncio.gather(*map(run_client, clients))


def _progress(clients: Sequence[OrderClient]) -> float:
    """Return the share of orders that have ended."""
    return sum(client.ended for client in clients) / len(clients)


@asynccontextmanager
async def _reading(
    feed: FeedReader, api: GraphqlClient, rng: random.Random
) -> AsyncGenerator[None]:
    reading = asyncio.create_task(feed.run(api, rng))
    try:
        yield
    finally:
        reading.cancel()
        await asyncio.wait([reading])

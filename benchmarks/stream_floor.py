"""The floor for streams: one event in memory, delivered to many Strawberry subscriptions.

No database, no polling interval and no sockets are involved.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator

import strawberry

from gql.streams.broadcast import Broadcast

_ROUNDS = 20
_QUERY = "subscription { events { sequence } }"


@strawberry.type
class Event:
    sequence: int


class Source:
    """Holds the latest sequence and wakes all subscriptions when it changes."""

    def __init__(self) -> None:
        self.sequence = 0
        self.broadcast = Broadcast()

    def publish(self) -> None:
        self.sequence += 1
        self.broadcast.fire()


async def events(info: strawberry.Info[Source, None]) -> AsyncGenerator[Event, None]:
    while True:
        await info.context.broadcast.wait()
        yield Event(sequence=info.context.sequence)


@strawberry.type
class Query:
    # A schema must have a query type with a field.
    unused: bool = True


@strawberry.type
class Subscription:
    events: AsyncGenerator[Event, None] = strawberry.subscription(resolver=events)


async def fan_out(subscribers: int) -> list[float]:
    """Return the seconds from publishing to delivery, for every event and subscriber."""
    schema = strawberry.Schema(query=Query, subscription=Subscription)
    source = Source()
    published_at = 0.0
    latencies: list[float] = []

    async def subscribe() -> None:
        results = await schema.subscribe(_QUERY, context_value=source)
        async for _ in results:
            latencies.append(time.perf_counter() - published_at)  # ruff: ignore[manual-list-comprehension] - its length is read while it grows

    tasks = [asyncio.create_task(subscribe()) for _ in range(subscribers)]
    await asyncio.sleep(1)
    for round_ in range(_ROUNDS):
        published_at = time.perf_counter()
        source.publish()
        while len(latencies) < subscribers * (round_ + 1):  # ruff: ignore[async-busy-wait] - bounded by the deliveries
            await asyncio.sleep(0.005)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return latencies

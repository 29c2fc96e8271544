"""The floor: one event in memory, told to a thousand subscriptions, with nothing around it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator

import strawberry

from gql.streams.signal import Signal

_ROUNDS = 20
_QUERY = "subscription { told { sequence } }"


@strawberry.type
class Told:
    """What a subscriber of the real one selects."""

    sequence: int


class Source:
    """One number, and who waits for the next."""

    def __init__(self) -> None:
        """Have nothing yet."""
        self.number = 0
        self.signal = Signal()

    def tell(self) -> None:
        """Have the next one."""
        self.number += 1
        self.signal.fire()


async def told(info: strawberry.Info[Source, None]) -> AsyncGenerator[Told, None]:
    """Tell of every number."""
    while True:
        await info.context.signal.wait()
        yield Told(sequence=info.context.number)


@strawberry.type
class Query:
    """A schema has to have one."""

    nothing: bool = True


@strawberry.type
class Subscription:
    """The one thing that is told."""

    told: AsyncGenerator[Told, None] = strawberry.subscription(resolver=told)


async def fan_out(subscribers: int) -> list[float]:
    """Return, of each event and subscriber, the seconds between the two."""
    schema = strawberry.Schema(query=Query, subscription=Subscription)
    source = Source()
    told_at = 0.0
    delays: list[float] = []

    async def follow() -> None:
        results = await schema.subscribe(_QUERY, context_value=source)
        async for _ in results:
            delays.append(time.perf_counter() - told_at)  # ruff: ignore[manual-list-comprehension] - counted meanwhile

    tasks = [asyncio.create_task(follow()) for _ in range(subscribers)]
    await asyncio.sleep(1)
    for number in range(_ROUNDS):
        told_at = time.perf_counter()
        source.tell()
        while len(delays) < subscribers * (number + 1):  # ruff: ignore[async-busy-wait] - it has an end
            await asyncio.sleep(0.005)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return delays

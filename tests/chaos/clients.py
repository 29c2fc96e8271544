"""One client per order: starts it, follows its events, and sends its commands."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.client.failures import RequestFailed
from tests.chaos.orders import PlannedOrder
from tests.chaos.requests import mutated
from tests.chaos.streams import ResumingStream, order_events
from tests.support import operations

if TYPE_CHECKING:
    import random

    from cli.client.graphql_client import GraphqlClient
    from tests.chaos.orders import PlannedCommand

_REPEAT_RATE = 0.25
"""Share of mutations that a client sends again after it has received the result."""


@dataclass
class OrderClient:
    """``received`` has the sequence and type of every event, as often as it arrived.

    ``ended`` means that the server completed the stream. ``problems`` are unexpected answers.
    """

    planned: PlannedOrder
    stream: ResumingStream
    received: list[tuple[int, str]] = field(default_factory=list)
    repeated_requests: int = 0
    ended: bool = False
    problems: list[str] = field(default_factory=list)

    async def run(self, api: GraphqlClient, rng: random.Random) -> None:
        """Run the order until the server completes its stream of events."""
        try:
            await self._start(api, rng)
            await self._follow(api, rng)
        except RequestFailed as failure:
            self.problems.append(f"the API refused a request: {failure}")
        else:
            self.ended = True

    async def _start(self, api: GraphqlClient, rng: random.Random) -> None:
        await self._send(api, operations.START_ORDER, self.planned.input, {"OrderStarted"}, rng)

    async def _follow(self, api: GraphqlClient, rng: random.Random) -> None:
        commands = list(self.planned.commands)
        async with aclosing(self.stream.events(api, rng)) as events:
            async for event in events:
                self.received.append((event["sequence"], event["type"]))
                while commands and commands[0].after == event["type"]:
                    await self._command(api, commands.pop(0), rng)

    async def _command(
        self, api: GraphqlClient, command: PlannedCommand, rng: random.Random
    ) -> None:
        # While no worker is running, a command is stored and pending.
        stored = {"CommandApplied", "CommandPending"}
        await self._send(api, command.mutation, command.input, stored, rng)

    async def _send(
        self,
        api: GraphqlClient,
        mutation: str,
        input_: dict[str, Any],
        expected: set[str],
        rng: random.Random,
    ) -> None:
        """Send a mutation until it is answered, and now and then once more."""
        result = await mutated(api, mutation, input_)
        if result["__typename"] not in expected:
            self.problems.append(f"unexpected answer: {result}")
        elif rng.random() < _REPEAT_RATE:
            self.repeated_requests += 1
            repeat = await mutated(api, mutation, input_)
            if repeat["__typename"] not in expected or not repeat.get("replayed", True):
                self.problems.append(f"unexpected answer to a repeated request: {repeat}")


def clients_of(orders: list[PlannedOrder]) -> list[OrderClient]:
    return [OrderClient(order, order_events(order.id)) for order in orders]

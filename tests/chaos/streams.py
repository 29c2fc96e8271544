"""Subscriptions that are resumed after every interruption, as a client would."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.client.failures import RequestFailed
from tests.chaos.requests import RETRY_DELAY, answered
from tests.support import operations

if TYPE_CHECKING:
    import random
    from collections.abc import AsyncGenerator

    from cli.client.graphql_client import GraphqlClient

_DROP_RATE = 0.1
"""Share of events after which a client drops its connection."""


@dataclass
class ResumingStream:
    """A subscription that continues after the last received event, until the server completes it.

    The field ``position`` of each event becomes the variable ``resume_with``.
    """

    document: str
    variables: dict[str, Any]
    resume_with: str
    position: str
    connections: int = 0

    @property
    def resumed(self) -> int:
        """How often the stream was continued on a new connection."""
        return max(0, self.connections - 1)

    async def events(self, api: GraphqlClient, rng: random.Random) -> AsyncGenerator[Any]:
        """Yield every event that arrives. Raises RequestFailed if the API refuses the subscription.

        Now and then, drop the connection and resume. The caller must close the generator.
        """
        while True:
            try:
                async with aclosing(self._connection(api)) as events:
                    async for event in events:
                        yield event  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller
                        if rng.random() < _DROP_RATE:
                            break
                    else:
                        return
            except RequestFailed as failure:
                if not failure.retryable:
                    raise
                await asyncio.sleep(RETRY_DELAY)

    async def _connection(self, api: GraphqlClient) -> AsyncGenerator[Any]:
        async with api.subscription(self.document, self.variables) as results:
            self.connections += 1
            async for result in results:
                [event] = result.values()
                self.variables[self.resume_with] = event[self.position]
                yield event  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller


def order_events(order_id: str) -> ResumingStream:
    return ResumingStream(
        operations.ORDER_EVENTS,
        {"orderId": order_id, "afterSequence": 0},
        resume_with="afterSequence",
        position="sequence",
    )


@dataclass
class FeedReader:
    """Reads the feed of all orders from its current end."""

    stream: ResumingStream
    received: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    async def begin(cls, api: GraphqlClient) -> FeedReader:
        page = (await answered(api, _FEED_CURSOR, {}))["orders"]
        return cls(
            ResumingStream(
                operations.ORDER_FEED,
                {"after": page["feedCursor"]},
                resume_with="after",
                position="feedCursor",
            )
        )

    async def run(self, api: GraphqlClient, rng: random.Random) -> None:
        """Collect the order ID and sequence of every event until cancelled."""
        async with aclosing(self.stream.events(api, rng)) as events:
            async for event in events:
                self.received.append((event["orderId"], event["sequence"]))


_FEED_CURSOR = "{ orders(first: 1) { feedCursor } }"

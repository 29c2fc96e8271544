"""Streams an order's events, and reconnects when the connection is lost."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from cli.client import operations
from cli.client.failures import RequestFailed
from cli.client.retries import LONG_DELAYS, SHORT_DELAYS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from cli.client.session import Session

_STABLE_AFTER = 10.0  # seconds; a connection that lasted longer resets the delays


async def order_events(
    session: Session, order_id: str, after: int
) -> AsyncGenerator[dict[str, Any]]:
    """Yield the order's events after the given sequence, each once, until the order ends.

    Resumes a lost connection after the last received event, with a warning. Raises RequestFailed
    if the order is unknown or all retries fail. The caller must close the generator.
    """
    loop = asyncio.get_running_loop()
    delays = iter(SHORT_DELAYS)
    while True:
        connected_at = loop.time()
        try:
            async with aclosing(_one_connection(session, order_id, after)) as events:
                async for event in events:
                    yield event  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller
                    after = event["sequence"]
                    delays = iter(LONG_DELAYS)
        except RequestFailed as failure:
            if loop.time() - connected_at > _STABLE_AFTER:
                delays = iter(LONG_DELAYS)
            delay = next(delays, None)
            if delay is None or not failure.retryable:
                raise
            message = str(failure).rstrip(".")
            session.out.warn(f"{message}. Resuming after event {after} in {delay:g} s.")
            await asyncio.sleep(delay)
        else:
            return


async def _one_connection(
    session: Session, order_id: str, after: int
) -> AsyncGenerator[dict[str, Any]]:
    variables = {"orderId": order_id, "afterSequence": after}
    async with session.api.subscription(operations.WATCH, variables) as results:
        async for result in results:
            yield result["orderEvents"]  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller

"""An order's events as they happen, over as many connections as it takes."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from cli.client import operations
from cli.client.failures import RequestFailed
from cli.client.retries import BRIEFLY, PATIENTLY

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from cli.client.session import Session

_LASTING = 10.0  # seconds after which a connection was no vain attempt


async def order_events(
    session: Session, order_id: str, after: int
) -> AsyncGenerator[dict[str, Any]]:
    """Yield each event after that sequence once and in order, to the order's last.

    A lost connection is told, and made again from the last event that came. Raises RequestFailed
    where the order is unknown, or the API stays out of reach. To be closed by who stops early.
    """
    loop = asyncio.get_running_loop()
    delays = iter(BRIEFLY)
    while True:
        begun = loop.time()
        try:
            async with aclosing(_one_connection(session, order_id, after)) as events:
                async for event in events:
                    yield event  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by its caller
                    after = event["sequence"]
                    delays = iter(PATIENTLY)
        except RequestFailed as failure:
            if loop.time() - begun > _LASTING:
                delays = iter(PATIENTLY)
            delay = next(delays, None)
            if delay is None or not failure.passing:
                raise
            why = str(failure).rstrip(".")
            session.out.warn(f"{why}. Going on after event {after} in {delay:g} s.")
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

"""Retries of requests to the API."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

from cli.client.failures import RequestFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

_Result = TypeVar("_Result")

SHORT_DELAYS: Final = (0.2, 0.5, 1.0)
"""Seconds before each retry of a command that a person waits for."""

LONG_DELAYS: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 8.0)
"""Seconds before each retry of long-running work, which must survive a restart of the API."""


async def with_retries(
    attempt: Callable[[], Awaitable[_Result]], delays: Sequence[float]
) -> _Result:
    """Return the result of the first successful attempt.

    The request must be idempotent: an attempt without a response may have been executed. There are
    no further retries once the sum of the delays has passed, but always at least one. A delay is
    longer if the API asks for it. Raises the RequestFailed of the last attempt, or the first that
    is not retryable.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + sum(delays)
    for number, delay in enumerate(delays):
        try:
            return await attempt()
        except RequestFailed as failure:
            timed_out = number > 0 and loop.time() > deadline
            if timed_out or not failure.retryable:
                raise
            wait = max(delay, failure.retry_after)
        await asyncio.sleep(wait)
    return await attempt()

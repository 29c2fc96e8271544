"""Trying again what may succeed in a moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

from cli.client.failures import RequestFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

_Answer = TypeVar("_Answer")

BRIEFLY: Final = (0.2, 0.5, 1.0)
"""Seconds before each further attempt, for somebody who waits at a terminal."""

PATIENTLY: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 8.0)
"""The same for work of many minutes, which a restart of the API should not end: half a minute."""


async def persistently(
    attempt: Callable[[], Awaitable[_Answer]], delays: Sequence[float]
) -> _Answer:
    """Return what an attempt returns, trying again while its failure may pass.

    Only for what is safe to repeat: the first attempt may have been done, its answer lost. Attempts
    that take long use up the time of the delays, though there is always a second one. Raises the
    last attempt's RequestFailed.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + sum(delays)
    for number, delay in enumerate(delays):
        try:
            return await attempt()
        except RequestFailed as failure:
            time_is_up = number > 0 and loop.time() > until
            if time_is_up or not failure.passing:
                raise
        await asyncio.sleep(delay)
    return await attempt()

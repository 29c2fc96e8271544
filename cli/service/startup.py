"""Waiting at the start of a process for servers that may come up a little later."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)
_Found = TypeVar("_Found")

PATIENCE: Final = 30.0
"""Seconds for which a process tries to reach its servers before it gives up."""

_PACE = 1.0  # seconds between two attempts
_REPEAT = 5  # attempts between two lines that say so


class GaveUp(Exception):
    """A server was not there for as long as the process was ready to wait."""


async def reach(
    server: str,
    attempt: Callable[[], Awaitable[_Found]],
    absence: type[Exception],
    patience: float,
) -> _Found:
    """Return what an attempt returns, trying again while it raises ``absence``.

    Raises GaveUp after ``patience`` seconds.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    number = 0
    while True:
        try:
            return await attempt()
        except absence as error:
            left = deadline - loop.time()
            if left <= 0:
                message = f"{server} is not there: {error}. Gave up after {patience:.0f} seconds."
                raise GaveUp(message) from error
            if number % _REPEAT == 0:
                _log.warning("%s is not there: %s. Trying for %.0f s more.", server, error, left)
        number += 1
        await asyncio.sleep(min(_PACE, left))

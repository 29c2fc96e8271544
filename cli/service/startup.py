"""Waits for servers that start later than the process that needs them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")

STARTUP_TIMEOUT: Final = 30.0
"""Seconds to retry before a process exits with an error."""

_RETRY_DELAY = 1.0  # seconds
_ATTEMPTS_PER_LOG_LINE = 5


class ServerUnavailable(Exception):
    pass


async def wait_for_server(
    server: str,
    attempt: Callable[[], Awaitable[_Result]],
    unavailable: type[Exception],
    time_limit: float,
) -> _Result:
    """Return the result of ``attempt``, which is retried while it raises ``unavailable``.

    Raises ServerUnavailable after ``time_limit`` seconds.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + time_limit
    number = 0
    while True:
        try:
            return await attempt()
        except unavailable as error:
            # Some errors begin with the server's name, because they are also shown alone.
            reason = str(error).removeprefix(f"{server} is unavailable: ")
            left = deadline - loop.time()
            if left <= 0:
                message = (
                    f"{server} is unavailable: {reason}. Gave up after {time_limit:.0f} seconds."
                )
                raise ServerUnavailable(message) from error
            if number % _ATTEMPTS_PER_LOG_LINE == 0:
                _log.warning("%s is unavailable: %s. Retrying for %.0f s.", server, reason, left)
        number += 1
        await asyncio.sleep(min(_RETRY_DELAY, left))

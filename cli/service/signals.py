"""Ending in good order when the terminal or the system asks for it."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_on_signal() -> asyncio.Event:
    """Return an event that is set by the first signal, in place of ending the process."""
    stop = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def until_signal(main: Coroutine[Any, Any, int], *, stopped: int) -> int:
    """Run to the end, or cancel at the first signal and return ``stopped`` after the clean-up.

    Further signals change nothing: whoever presses Ctrl-C twice shall not leave servers behind.
    """
    work = asyncio.create_task(main)
    waiting = asyncio.create_task(stop_on_signal().wait())
    await asyncio.wait([work, waiting], return_when=asyncio.FIRST_COMPLETED)
    if waiting.done():
        work.cancel()
        await asyncio.wait([work])
    waiting.cancel()
    return stopped if work.cancelled() else work.result()

"""Graceful shutdown on SIGINT, SIGTERM and SIGHUP."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_on_signal() -> asyncio.Event:
    """Return an event that a signal sets, instead of ending the process."""
    stop = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def run_until_signal(main: Coroutine[Any, Any, int], *, stopped: int) -> int:
    """Run ``main`` and return its exit code; on a signal, cancel it and return ``stopped``.

    Further signals are ignored, so that a second Ctrl-C does not leave child processes behind.
    """
    main_task = asyncio.create_task(main)
    signal_task = asyncio.create_task(stop_on_signal().wait())
    await asyncio.wait([main_task, signal_task], return_when=asyncio.FIRST_COMPLETED)
    if signal_task.done():
        main_task.cancel()
        await asyncio.wait([main_task])
    signal_task.cancel()
    return stopped if main_task.cancelled() else main_task.result()

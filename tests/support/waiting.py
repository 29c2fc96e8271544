"""Waiting for a condition that announces itself to nobody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

_Value = TypeVar("_Value")

WAIT_TIMEOUT = 60.0
"""Default limit in seconds. It is generous, because a busy machine must not fail a test."""

_MAX_INTERVAL = 0.5  # seconds


@overload
async def wait_until(
    condition: Callable[[], Awaitable[_Value | None]],
    *,
    timeout: float = ...,
    interval: float = ...,
) -> _Value: ...


@overload
async def wait_until(
    condition: Callable[[], _Value], *, timeout: float = ..., interval: float = ...
) -> _Value: ...


async def wait_until(
    condition: Callable[[], object], *, timeout: float = WAIT_TIMEOUT, interval: float = 0.02
) -> object:
    """Evaluate a condition, synchronous or not, until it is true, and return its value.

    The pause is ``interval`` seconds at first. It grows with the time that has passed, because most
    conditions cost a server something. Raises TimeoutError after ``timeout`` seconds.
    """
    began = time.monotonic()
    async with asyncio.timeout(timeout):
        while True:
            value = condition()
            if isinstance(value, Awaitable):
                value = await value
            if value:
                return value
            passed = time.monotonic() - began
            await asyncio.sleep(max(interval, min(passed / 10, _MAX_INTERVAL)))

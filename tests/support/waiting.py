"""Waiting for a condition that announces itself to nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

_Value = TypeVar("_Value")

WAIT_TIMEOUT = 60.0
"""Default limit in seconds. It is generous, because a busy machine must not fail a test."""


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

    Raises TimeoutError after ``timeout`` seconds.
    """
    async with asyncio.timeout(timeout):
        while True:
            value = condition()
            if isinstance(value, Awaitable):
                value = await value
            if value:
                return value
            await asyncio.sleep(interval)

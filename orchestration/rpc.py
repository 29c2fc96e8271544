"""Time limits and errors of calls to Temporal."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from temporalio.service import RPCError, RPCStatusCode

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import timedelta


class TemporalUnavailable(Exception):
    """Temporal did not respond in time, or a query found no worker to answer it."""


@asynccontextmanager
async def unavailable_after(limit: timedelta) -> AsyncGenerator[None]:
    """Convert errors and timeouts of an RPC to TemporalUnavailable, except for NOT_FOUND.

    The timeout is enforced here, because a query without a worker would otherwise hang.
    """
    try:
        async with asyncio.timeout(limit.total_seconds()):
            yield
    except TimeoutError:
        raise TemporalUnavailable(f"no response within {limit.total_seconds():g} seconds") from None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise
        raise TemporalUnavailable(str(error)) from error

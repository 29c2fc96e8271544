"""Admission control: a limit on concurrent requests, lower while Postgres or Temporal is down.

A request that waits for a hanging source counts against the limit for seconds. While a source is
unavailable, the limit is therefore a quarter: enough requests to notice that the source is back,
while the others fail fast. An unavailable worker does not lower the limit, because the API then
answers from rows.
"""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from gql.errors import ErrorCode, RequestError, RequestRejected, UnavailableSource

if TYPE_CHECKING:
    from collections.abc import Generator

    from strawberry.types import ExecutionResult

DEGRADED_SECONDS = 5.0
"""How long the lower limit applies after a result that lacked a source.

Longer than the API waits for Temporal, or for a connection to Postgres. It waits longer for a
statement that hangs, but only in the ten requests at most that hold a connection.
"""

_SOURCES = frozenset({UnavailableSource.RECORD, UnavailableSource.TEMPORAL})
_DEGRADED_DIVISOR = 4


class Admission:
    """Rejects requests over the limit at once. A queue would make a saturated server slower."""

    def __init__(self, limit: int) -> None:
        self._normal_limit = limit
        self._degraded_limit = max(1, limit // _DEGRADED_DIVISOR)
        self._degraded_until = 0.0
        self._running = 0

    @contextmanager
    def admit(self) -> Generator[None]:
        """Count one request for the duration of the block. Raises RequestRejected at the limit."""
        if self._running >= self._limit:
            raise RequestRejected([_too_many_requests()])
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def observe(self, result: ExecutionResult) -> None:
        """Lower the limit for a while if the result lacks Postgres or Temporal."""
        if _lacks_a_source(result):
            self._degraded_until = monotonic() + DEGRADED_SECONDS

    @property
    def _limit(self) -> int:
        return self._degraded_limit if monotonic() < self._degraded_until else self._normal_limit


def _lacks_a_source(result: ExecutionResult) -> bool:
    return not _SOURCES.isdisjoint((result.extensions or {}).get("degraded", ()))


def _too_many_requests() -> RequestError:
    return RequestError(
        ErrorCode.TOO_MANY_REQUESTS, "The server is at its request limit. Retry in a moment."
    )

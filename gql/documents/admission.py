"""Admission control: limits on concurrent requests and on long-lived connections.

A request that waits for a hanging source counts against the limit for seconds. While Postgres or
Temporal is unavailable, the limit of requests is therefore a quarter: enough requests to notice
that the source is back, while the others fail fast. An unavailable worker does not lower the limit,
because the API then answers from rows.
"""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from gql.errors import ErrorCode, RequestError, RequestRejected, UnavailableSource

if TYPE_CHECKING:
    from collections.abc import Generator
    from collections.abc import Set as AbstractSet

DEGRADED_SECONDS = 5.0
"""How long the lower limit applies after a result that lacked a source.

Longer than the API waits for Temporal, or for a connection to Postgres. It waits longer for a
statement that hangs, but only in the ten requests at most that hold a connection.
"""

_SOURCES = frozenset({UnavailableSource.RECORD, UnavailableSource.TEMPORAL})
_DEGRADED_DIVISOR = 4


class Admission:
    """Rejects what exceeds a limit at once. A queue would make a saturated server slower."""

    def __init__(self, *, max_requests: int, max_connections: int) -> None:
        self._normal_limit = max_requests
        self._degraded_limit = max(1, max_requests // _DEGRADED_DIVISOR)
        self._degraded_until = 0.0
        self._running = 0
        self._waiting = 0
        self._max_connections = max_connections
        self._connections = 0

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

    @contextmanager
    def wait(self) -> Generator[None]:
        """Count one request that waits for an order. Raises RequestError at half of the limit."""
        if self._waiting >= max(1, self._normal_limit // 2):
            raise _too_many_requests()
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    def observe(self, unavailable: AbstractSet[UnavailableSource]) -> None:
        """Lower the limit for a while if Postgres or Temporal did not respond to an operation."""
        if unavailable & _SOURCES:
            self._degraded_until = monotonic() + DEGRADED_SECONDS

    @property
    def accepts_connections(self) -> bool:
        return self._connections < self._max_connections

    @contextmanager
    def connection(self) -> Generator[None]:
        """Count one WebSocket or event stream for the duration of the block."""
        self._connections += 1
        try:
            yield
        finally:
            self._connections -= 1

    @property
    def _limit(self) -> int:
        return self._degraded_limit if monotonic() < self._degraded_until else self._normal_limit


def _too_many_requests() -> RequestError:
    return RequestError(
        ErrorCode.TOO_MANY_REQUESTS, "The server is at its request limit. Retry in a moment."
    )

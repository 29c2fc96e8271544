"""So many requests at a time, and the next one is told at once that it is one too many.

What hangs holds whoever needs it for seconds. So while Postgres or Temporal leave requests without
an answer, only a part of the places is given away: a few find out whether they are back, and the
others need not wait for that. A worker that does not answer is none of this: it is expected to be
away now and then, and rows answer for it.
"""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from gql.errors import ErrorCode, RequestError, RequestRejected, UnavailableSource

if TYPE_CHECKING:
    from collections.abc import Generator

    from strawberry.types import ExecutionResult

WARY_FOR = 5.0
"""Seconds after an answer that something was missing from.

Longer than Temporal, or a connection to Postgres, is waited for. A Postgres that has taken a
statement and hangs is waited for up to its time-out, by the ten at most that have a connection.
"""

_SOURCES = frozenset({UnavailableSource.RECORD, UnavailableSource.TEMPORAL})
_WARY_SHARE = 4


class Admission:
    """Counts what is under way: behind a server that is saturated a queue only makes it worse."""

    def __init__(self, limit: int) -> None:
        """Admit so many at a time, and a quarter of them while something does not answer."""
        self._limit = limit
        self._wary_limit = max(1, limit // _WARY_SHARE)
        self._wary_until = 0.0
        self._under_way = 0

    @contextmanager
    def admit(self) -> Generator[None]:
        """Count one, to its end. Raises RequestRejected."""
        if self._under_way >= self._room:
            raise RequestRejected([_too_many()])
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def note(self, result: ExecutionResult) -> None:
        """Look at what an operation ended with: whether all that it asked has answered."""
        if _lacks_a_source(result):
            self._wary_until = monotonic() + WARY_FOR

    @property
    def _room(self) -> int:
        return self._wary_limit if monotonic() < self._wary_until else self._limit


def _lacks_a_source(result: ExecutionResult) -> bool:
    return not _SOURCES.isdisjoint((result.extensions or {}).get("degraded", ()))


def _too_many() -> RequestError:
    return RequestError(
        ErrorCode.TOO_MANY_REQUESTS,
        "The server has as many requests under way as it takes. Send this again in a moment.",
    )

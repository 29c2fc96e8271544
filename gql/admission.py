"""So many requests at a time, and the next one is told at once that it is one too many."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gql.documents import Refused
from gql.errors import ErrorCode, RequestError

if TYPE_CHECKING:
    from collections.abc import Generator


class Admission:
    """Counts what is under way: behind a server that is saturated a queue only makes it worse."""

    def __init__(self, limit: int) -> None:
        """Admit so many at a time."""
        self._limit = limit
        self._under_way = 0

    @contextmanager
    def one(self) -> Generator[None]:
        """Count one, to its end. Raises Refused."""
        if self._under_way >= self._limit:
            raise Refused([_too_many()])
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1


def _too_many() -> RequestError:
    return RequestError(
        ErrorCode.TOO_MANY_REQUESTS,
        "The server has as many requests under way as it takes. Send this again in a moment.",
    )

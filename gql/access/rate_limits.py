"""Limits per caller and process: cost points per second, and open streams.

A bucket of points fills at a constant rate up to its size. An operation takes its cost from the
bucket of its caller before it is executed, and is rejected if there is not enough in it. A document
also has to be parsed and validated, unless it was lately: that takes a point per token, or a fixed
number of points if the document is rejected. The caller then may owe points, and nothing is parsed
for it until the bucket has filled.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING

from gql.errors import ErrorCode, RequestError, RequestRejected

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from gql.access.principal import Principal, PrincipalKind
    from gql.access.settings import RateLimit

MAX_BUCKETS = 10_000
"""Buckets in memory. Beyond that, the one used longest ago is forgotten, and its caller starts with
a full one."""

REJECTED_DOCUMENT_POINTS = 1_000
"""As much as a page of ten whole orders. With the default limits of production, 100 documents per
second of a caller can be rejected."""


@dataclass(slots=True)
class _Bucket:
    points: float
    at: float


class CallerLimits:
    """The limits of all callers. None means that a limit is off."""

    def __init__(
        self,
        rate: RateLimit | None,
        max_streams: int | None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._rate = rate
        self._max_streams = max_streams
        self._clock = clock
        self._buckets: OrderedDict[tuple[PrincipalKind, str], _Bucket] = OrderedDict()
        self._streams: dict[tuple[PrincipalKind, str], int] = {}

    def spend(self, principal: Principal, points: int) -> int | None:
        """Take the points, and return how many are left, or None without a limit.

        Raises RequestRejected (TOO_MANY_REQUESTS), and takes nothing then.
        """
        rate = self._rate
        if rate is None:
            return None
        bucket = self._filled_bucket(principal, rate)
        # An operation that is larger than the bucket needs all of it.
        price = min(points, rate.bucket_points)
        if bucket.points < price:
            raise _rate_exceeded(
                f"This operation costs {points} points.", price - bucket.points, rate
            )
        bucket.points -= price
        return int(bucket.points)

    def check_debt(self, principal: Principal) -> None:
        """Raise RequestRejected (TOO_MANY_REQUESTS) if the caller owes points."""
        rate = self._rate
        if rate is not None and (bucket := self._filled_bucket(principal, rate)).points < 0:
            raise _rate_exceeded("You owe points for documents.", -bucket.points, rate)

    def charge_document(self, principal: Principal, points: int) -> None:
        """Take the points of a document that was parsed, even if the caller has fewer."""
        if self._rate is not None and points:
            self._filled_bucket(principal, self._rate).points -= points

    def check_streams(self, principal: Principal) -> None:
        """Raise RequestRejected (TOO_MANY_SUBSCRIPTIONS) if the caller may not open another one."""
        limit = self._max_streams
        if limit is not None and self._streams.get(_key(principal), 0) >= limit:
            raise RequestRejected([_too_many_streams(limit)])

    @contextmanager
    def stream(self, principal: Principal) -> Generator[None]:
        """Count one stream or WebSocket for the duration of the block. Raises RequestRejected."""
        self.check_streams(principal)
        key = _key(principal)
        self._streams[key] = self._streams.get(key, 0) + 1
        try:
            yield
        finally:
            self._streams[key] -= 1
            if not self._streams[key]:
                del self._streams[key]

    def _filled_bucket(self, principal: Principal, rate: RateLimit) -> _Bucket:
        """Return the caller's bucket with the points that it has now."""
        key, now = _key(principal), self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(rate.bucket_points, now)
            if len(self._buckets) > MAX_BUCKETS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
            filled = bucket.points + (now - bucket.at) * rate.points_per_second
            bucket.points, bucket.at = min(filled, rate.bucket_points), now
        return bucket


def _key(principal: Principal) -> tuple[PrincipalKind, str]:
    return principal.kind, principal.id


def _rate_exceeded(reason: str, missing: float, rate: RateLimit) -> RequestRejected:
    seconds = ceil(missing / rate.points_per_second)
    unit = "second" if seconds == 1 else "seconds"
    error = RequestError(
        ErrorCode.TOO_MANY_REQUESTS,
        f"You are at your rate limit. {reason} Retry in {seconds} {unit}.",
    )
    error.extensions = {**(error.extensions or {}), "retryAfter": seconds}
    return RequestRejected([error])


def _too_many_streams(limit: int) -> RequestError:
    return RequestError(
        ErrorCode.TOO_MANY_SUBSCRIPTIONS,
        f"You are at your limit of {limit} open streams and WebSockets. Close one first.",
    )

"""What the checks of access need of the API's settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AccessSettings:
    """``issuer`` and ``audience`` are both None, or both set."""

    issuer: str | None
    audience: str | None
    customer_claim: str
    is_production: bool


@dataclass(frozen=True)
class RateLimit:
    """``points_per_second`` fill a bucket of ``bucket_points``, which starts full."""

    points_per_second: float
    bucket_points: int

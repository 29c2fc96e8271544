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
class SignIn:
    """What the dashboard needs to sign people in. Every visitor of its pages may read it.

    ``scopes`` are separated by spaces. The client is public: it has no secret.
    """

    issuer: str
    client_id: str
    scopes: str
    audience: str | None


@dataclass(frozen=True)
class RateLimit:
    """``points_per_second`` fill a bucket of ``bucket_points``, which starts full."""

    points_per_second: float
    bucket_points: int

"""The caller of a request, and the reasons why a caller is not accepted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a token or an API key allows."""

    ORDERS_READ = "orders:read"
    ORDERS_START = "orders:start"
    ORDERS_REVIEW = "orders:review"
    ORDERS_POLICY = "orders:policy"
    ORDERS_OWN = "orders:own"
    PAYMENTS_REVERSE = "payments:reverse"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    OPERATIONS_READ = "operations:read"


STAFF_SCOPES = frozenset(Scope) - {Scope.ORDERS_OWN}
"""Everything, without the limit to one customer's orders that ``orders:own`` brings."""


CUSTOMER_SCOPES = frozenset({Scope.ORDERS_OWN, Scope.PAYMENTS_REVERSE})
"""What a token with ``orders:own`` may have. No other scope is limited to one customer's orders."""


class PrincipalKind(StrEnum):
    USER = "USER"
    API_KEY = "API_KEY"
    DEVELOPER = "DEVELOPER"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller.

    ``id`` is the subject of a token or the ID of an API key. ``customer_id`` is set if the scopes
    include ``orders:own``. ``expires_at`` is in Unix seconds; None if the credential never expires.
    """

    id: str
    kind: PrincipalKind
    name: str | None
    scopes: frozenset[Scope]
    customer_id: str | None = None
    expires_at: float | None = None


DEVELOPER = Principal("developer", PrincipalKind.DEVELOPER, None, STAFF_SCOPES)
"""Every caller without a token, in development without an issuer and without API keys."""

NOBODY = Principal("", PrincipalKind.USER, None, frozenset())
"""The owner of a WebSocket before ``connection_init``. It has no scopes."""


class Unauthenticated(Exception):
    """The caller has no valid token. The message is for the client and contains no part of it."""

    def __init__(self, message: str, *, token_was_sent: bool = True) -> None:
        super().__init__(message)
        self.token_was_sent = token_was_sent


class AccessUnavailable(Exception):
    """The token cannot be checked now, because the issuer or Postgres does not respond."""

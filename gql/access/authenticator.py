"""Finds the principal that a token belongs to, and remembers it for a short time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic, time
from typing import TYPE_CHECKING

from gql.access.access_tokens import CLOCK_LEEWAY, TokenIssuer, key_id_of
from gql.access.api_keys import PREFIX, verify_api_key
from gql.access.development_tokens import DevelopmentKey, development_issuer, is_development_key
from gql.access.issuer_keys import IssuerKeys
from gql.access.principal import (
    DEVELOPER,
    AccessUnavailable,
    Principal,
    PrincipalKind,
    Unauthenticated,
)

if TYPE_CHECKING:
    from gql.access.settings import AccessSettings
    from persistence.api_keys import PostgresApiKeys

MAX_REMEMBERED = 10_000
"""Verified tokens. They are remembered by hash, so their memory does not depend on their size."""

# Seconds after which a token is verified again.
_KEY_LIFETIME = 15.0
_TOKEN_LIFETIME = 300.0

_KEY_GRACE = 600.0
"""Seconds for which a verified API key is accepted while Postgres does not respond."""


class AccessNotConfigured(Exception):
    """Everybody could call the API in production, because neither issuer nor API key exists."""


@dataclass(slots=True)
class _Verified:
    principal: Principal
    verified_at: float
    fresh_until: float


class Authenticator:
    """Rejects every caller without a valid token, unless it is ``open``.

    If it is open, a caller without a token is the developer. A token that is sent is checked.
    """

    def __init__(
        self,
        settings: AccessSettings,
        keys: PostgresApiKeys,
        *,
        is_open: bool,
        development_key: DevelopmentKey | None = None,
    ) -> None:
        self._keys = keys
        self.is_open = is_open
        self._issuer = None
        if settings.issuer is not None and settings.audience is not None:
            self._issuer = TokenIssuer(
                settings.issuer,
                settings.audience,
                settings.customer_claim,
                IssuerKeys(settings.issuer),
            )
        self._development: TokenIssuer | None = None
        if not settings.is_production:
            key = development_key or DevelopmentKey()
            self._development = development_issuer(settings.customer_claim, key)
        self._verified: dict[bytes, _Verified] = {}
        self._pending: dict[bytes, asyncio.Task[Principal]] = {}

    async def authenticate(self, token: str | None) -> Principal:
        """Return the principal. Raises Unauthenticated or AccessUnavailable.

        Concurrent calls with the same token share one verification.
        """
        if token is None:
            if self.is_open:
                return DEVELOPER
            raise Unauthenticated(
                "Send the header Authorization: Bearer TOKEN.", token_was_sent=False
            )
        digest = sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None and monotonic() < known.fresh_until:
            return _unexpired(known.principal)
        task = self._pending.get(digest)
        if task is None:
            task = asyncio.create_task(self._verify_and_remember(digest, token))
            self._pending[digest] = task
            task.add_done_callback(lambda done: self._end(digest, done))
        # The task may be shared, so the end of one request does not cancel it.
        return await asyncio.shield(task)

    def _end(self, digest: bytes, task: asyncio.Task[Principal]) -> None:
        del self._pending[digest]
        if not task.cancelled():
            task.exception()  # retrieve it, so that asyncio does not log it if no request waits

    async def _verify_and_remember(self, digest: bytes, token: str) -> Principal:
        known = self._verified.pop(digest, None)
        now = monotonic()
        try:
            principal = await self._verify(token)
        except AccessUnavailable:
            # Keys are revoked in Postgres, so nothing newer is known than the last answer.
            if known is None or known.principal.kind is not PrincipalKind.API_KEY:
                raise
            if now - known.verified_at > _KEY_GRACE:
                raise
            self._remember(digest, known.principal, known.verified_at)
            return _unexpired(known.principal)
        self._remember(digest, principal, now)
        return principal

    def _remember(self, digest: bytes, principal: Principal, verified_at: float) -> None:
        while len(self._verified) >= MAX_REMEMBERED:
            del self._verified[next(iter(self._verified))]
        is_key = principal.kind is PrincipalKind.API_KEY
        lifetime = _KEY_LIFETIME if is_key else _TOKEN_LIFETIME
        self._verified[digest] = _Verified(principal, verified_at, monotonic() + lifetime)

    async def _verify(self, token: str) -> Principal:
        if token.startswith(PREFIX):
            return await verify_api_key(token, self._keys)
        issuer = self._issuer
        if self._development is not None and is_development_key(key_id_of(token)):
            issuer = self._development
        if issuer is None:
            raise Unauthenticated("This server accepts API keys only: AUTH_ISSUER is not set.")
        return await issuer.verify(token)


def _unexpired(principal: Principal) -> Principal:
    if principal.expires_at is not None and principal.expires_at <= time() - CLOCK_LEEWAY:
        raise Unauthenticated("The token has expired.")
    return principal


async def make_authenticator(settings: AccessSettings, keys: PostgresApiKeys) -> Authenticator:
    """Decide whether the API is open: in development, without an issuer and without API keys.

    Raises AccessNotConfigured in production, and RecordUnavailable.
    """
    is_open = settings.issuer is None and not await keys.exist()
    if is_open and settings.is_production:
        raise AccessNotConfigured(
            "Production needs access control. Set AUTH_ISSUER and AUTH_AUDIENCE, or create an API"
            " key with `orders keys create`."
        )
    return Authenticator(settings, keys, is_open=is_open)

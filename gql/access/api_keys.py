"""API keys: their format, and the check of one that a caller sent.

A key has 256 random bits, so its SHA-256 cannot be reversed. Slow password hashes are for secrets
that people choose.
"""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from gql.access.principal import (
    AccessUnavailable,
    Principal,
    PrincipalKind,
    Scope,
    Unauthenticated,
)
from orchestration.domain.errors import RecordUnavailable

if TYPE_CHECKING:
    from persistence.api_keys import PostgresApiKeys

PREFIX: Final = "orders_"
"""Tells an API key from an access token, and lets scanners of source code find a leaked one."""

_KEY = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


def new_api_key() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def new_key_id() -> str:
    return secrets.token_hex(6)


def hash_api_key(key: str) -> bytes:
    return sha256(key.encode()).digest()


async def verify_api_key(key: str, stored: PostgresApiKeys) -> Principal:
    """Return the key's principal. Raises Unauthenticated or AccessUnavailable."""
    if not _KEY.fullmatch(key):
        raise Unauthenticated("The API key is malformed.")
    try:
        found = await stored.find(hash_api_key(key))
    except RecordUnavailable:
        raise AccessUnavailable("Postgres did not respond. Retry.") from None
    if found is None or found.revoked_at is not None:
        raise Unauthenticated("The API key is unknown or revoked.")
    if found.expires_at is not None and found.expires_at <= datetime.now(UTC):
        raise Unauthenticated("The API key has expired.")
    known = set(Scope)
    return Principal(
        id=found.id,
        kind=PrincipalKind.API_KEY,
        name=found.name,
        scopes=frozenset(Scope(name) for name in found.scopes if name in known),
        expires_at=None if found.expires_at is None else found.expires_at.timestamp(),
    )

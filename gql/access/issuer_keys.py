"""The public keys with which an OpenID Connect issuer signs its tokens.

Known keys are used while the issuer is down. An unknown key ID causes at most one request to the
issuer per minute, so that forged tokens cannot flood it.
"""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import Any

import httpx
import orjson
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from gql.access.principal import AccessUnavailable

_DISCOVERY_PATH = "/.well-known/openid-configuration"

# Times in seconds.
_TIMEOUT = 5.0
_FETCH_INTERVAL = 60.0
_FIRST_FETCH_INTERVAL = 5.0
_REFRESH_AFTER = 600.0
_MAX_AGE = 86_400.0

_MAX_BYTES = 262_144
_MAX_KEYS = 100
_MIN_RSA_BITS = 2048
_KEY_TYPES = {"RSA", "EC", "OKP"}

_log = logging.getLogger(__name__)


class IssuerKeys:
    """Keys by their IDs, fetched when they are first needed and refreshed every ten minutes.

    If the issuer does not respond, keys are used for up to a day after they were fetched.
    """

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._keys: dict[str | None, Key] = {}
        self._fetched_at = 0.0
        self._next_fetch = 0.0
        self._failed = False
        self._lock = asyncio.Lock()
        self._refresh: asyncio.Task[None] | None = None

    async def find(self, key_id: str | None) -> Key | None:
        """Return a key, or None if the issuer has none with this ID.

        Without an ID, return the issuer's key if it has only one. Raises AccessUnavailable if the
        key is not known and the issuer does not respond.
        """
        key = self._known(key_id)
        if key is None:
            await self._fetch_if_due()
            key = self._known(key_id)
            if key is None and self._failed:
                raise AccessUnavailable("The token's issuer did not respond. Retry.")
        elif monotonic() - self._fetched_at > _REFRESH_AFTER and self._refresh is None:
            self._refresh = asyncio.create_task(self._fetch_if_due())
            self._refresh.add_done_callback(self._end_refresh)
        return key

    def _known(self, key_id: str | None) -> Key | None:
        if monotonic() - self._fetched_at > _MAX_AGE:
            return None
        if key_id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)

    def _end_refresh(self, _: asyncio.Task[None]) -> None:
        self._refresh = None

    async def _fetch_if_due(self) -> None:
        async with self._lock:
            if monotonic() < self._next_fetch:
                return
            try:
                self._keys = await _fetch_keys(self._issuer)
            except (httpx.HTTPError, httpx.InvalidURL, _InvalidDocument, TimeoutError) as error:
                self._failed = True
                _log.warning("issuer %s: %s", self._issuer, error or type(error).__name__)
            else:
                self._failed = False
                self._fetched_at = monotonic()
            # Without any keys, nobody can be authenticated, so the next attempt comes sooner.
            interval = _FETCH_INTERVAL if self._keys else _FIRST_FETCH_INTERVAL
            self._next_fetch = monotonic() + interval


class _InvalidDocument(Exception):
    pass


async def _fetch_keys(issuer: str) -> dict[str | None, Key]:
    async with asyncio.timeout(_TIMEOUT), httpx.AsyncClient(timeout=_TIMEOUT) as http:
        discovery = await _get(http, issuer.rstrip("/") + _DISCOVERY_PATH)
        if discovery.get("issuer") != issuer:
            raise _InvalidDocument("the discovery document names another issuer")
        address = discovery.get("jwks_uri")
        # Keys that were fetched without encryption could be anybody's.
        if not isinstance(address, str) or (
            issuer.startswith("https://") and not address.startswith("https://")
        ):
            raise _InvalidDocument("the discovery document has no usable jwks_uri")
        keys = (await _get(http, address)).get("keys")
    if not isinstance(keys, list):
        raise _InvalidDocument("the key set has no keys")
    usable = [key for key in map(_signing_key, keys[:_MAX_KEYS]) if key is not None]
    return {key.kid: key for key in usable}


async def _get(http: httpx.AsyncClient, url: str) -> dict[str, Any]:
    body = bytearray()
    async with http.stream("GET", url) as response:
        if not response.is_success:
            raise _InvalidDocument(f"{response.url.path} returned status {response.status_code}")
        async for part in response.aiter_bytes():
            body += part
            if len(body) > _MAX_BYTES:
                raise _InvalidDocument(f"{response.url.path} is larger than {_MAX_BYTES} bytes")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise _InvalidDocument(f"{response.url.path} is not a JSON object")
    return document


def _signing_key(data: object) -> Key | None:
    """Return None for a key that does not verify signatures, or is of an unknown kind."""
    if not isinstance(data, dict) or data.get("kty") not in _KEY_TYPES:
        return None
    if data.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(data)
        bits = getattr(key.public_key, "key_size", _MIN_RSA_BITS)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None if data["kty"] == "RSA" and bits < _MIN_RSA_BITS else key

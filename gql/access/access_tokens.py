"""Verifies access tokens: JSON Web Tokens that an OpenID Connect issuer signed."""

from __future__ import annotations

from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from gql.access.principal import (
    CUSTOMER_SCOPES,
    Principal,
    PrincipalKind,
    Scope,
    Unauthenticated,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from joserfc.jwk import Key

CLOCK_LEEWAY = 5.0
"""Seconds by which the clocks of the issuer and of this server may differ."""

_MAX_NAME_LENGTH = 255
_SCOPE_CLAIMS = ("scope", "scp", "permissions")
_TOKEN_TYPES = {"jwt", "at+jwt", "application/at+jwt"}
# Signatures by a private key only. With an HMAC, everyone who can read the public key could sign.
_ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)


class _Registry(jws.JWSRegistry):
    max_header_length = 4_096  # some issuers add their certificate chain


_REGISTRY = _Registry(algorithms=_ALGORITHMS, strict_check_header=False)


class KeySource(Protocol):
    async def find(self, key_id: str | None) -> Key | None: ...


@dataclass(frozen=True)
class TokenIssuer:
    """An issuer, and what its tokens must contain."""

    name: str
    audience: str
    customer_claim: str
    keys: KeySource

    async def verify(self, token: str) -> Principal:
        """Return the token's subject. Raises Unauthenticated or AccessUnavailable."""
        signature = _extract(token)
        header = signature.headers()
        if str(header.get("typ", "JWT")).lower() not in _TOKEN_TYPES:
            raise Unauthenticated("The token is not an access token.")
        if header.get("alg") not in _ALGORITHMS:
            raise Unauthenticated("The token is signed with an algorithm that is not allowed.")
        key_id = header.get("kid")
        key = await self.keys.find(key_id if isinstance(key_id, str) else None)
        if key is None:
            raise Unauthenticated("The token is signed with a key that its issuer does not have.")
        if key.get("alg", header["alg"]) != header["alg"] or not _is_signed_by(key, signature):
            raise Unauthenticated("The token's signature is not valid.")
        return self._principal(_claims(signature.payload))

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        if claims.get("iss") != self.name:
            raise Unauthenticated("The token is from another issuer.")
        audience = claims.get("aud")
        if self.audience not in (audience if isinstance(audience, list) else [audience]):
            raise Unauthenticated("The token is for another audience.")
        now = time()
        expires_at = _time(claims, "exp")
        if expires_at is None or expires_at <= now - CLOCK_LEEWAY:
            raise Unauthenticated("The token has expired, or has no time of expiry.")
        not_before = _time(claims, "nbf")
        if "nbf" in claims and (not_before is None or not_before > now + CLOCK_LEEWAY):
            raise Unauthenticated("The token is not valid yet.")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_NAME_LENGTH:
            raise Unauthenticated("The token has no subject.")
        scopes = _scopes(claims)
        customer_id = None
        if Scope.ORDERS_OWN in scopes:
            customer_id = claims.get(self.customer_claim)
            if not isinstance(customer_id, str) or not customer_id:
                raise Unauthenticated(
                    f"The token has the scope {Scope.ORDERS_OWN} but no claim"
                    f" {self.customer_claim}."
                )
            scopes &= CUSTOMER_SCOPES
        name = claims.get("name")
        return Principal(
            id=subject,
            kind=PrincipalKind.USER,
            name=name[:_MAX_NAME_LENGTH] if isinstance(name, str) and name else None,
            scopes=scopes,
            customer_id=customer_id,
            expires_at=expires_at,
        )


def key_id_of(token: str) -> str | None:
    """Return the key ID in the token's header, which is not verified. Raises Unauthenticated."""
    key_id = _extract(token).headers().get("kid")
    return key_id if isinstance(key_id, str) else None


def _extract(token: str) -> jws.CompactSignature:
    try:
        signature = jws.extract_compact(token.encode(), registry=_REGISTRY)
        header: object = signature.headers()
    except (JoseError, ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise Unauthenticated("The token is malformed.")
    return signature


def _is_signed_by(key: Key, signature: jws.CompactSignature) -> bool:
    try:
        return jws.validate_compact(signature, key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):  # for example a key of another type
        return False


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = orjson.loads(payload)
    except orjson.JSONDecodeError:
        claims = None
    if not isinstance(claims, dict):
        raise Unauthenticated("The token is malformed.")
    return claims


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _scopes(claims: Mapping[str, Any]) -> frozenset[Scope]:
    """Read the first claim that is present. Scopes of other services are ignored."""
    value = next((claims[name] for name in _SCOPE_CLAIMS if name in claims), "")
    names = value.split() if isinstance(value, str) else value
    known = set(Scope)
    return (
        frozenset(Scope(name) for name in names if isinstance(name, str) and name in known)
        if isinstance(names, list)
        else frozenset()
    )

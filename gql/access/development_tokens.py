"""Tokens for development, signed with a key in a file that ``orders token`` creates.

An API in production does not accept them.
"""

from __future__ import annotations

import os
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Final

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from gql.access.access_tokens import TokenIssuer

if TYPE_CHECKING:
    from collections.abc import Collection

    from joserfc.jwk import Key

    from gql.access.principal import Scope

DEVELOPMENT_KEY_FILE: Final = Path(".orders/development-key.json")
"""Relative to the working directory, like ``.env``."""

DEVELOPMENT_ISSUER: Final = "orders-development"
_KEY_ID_PREFIX = "orders-development-"


class DevelopmentKey:
    """The key in the file. It is read for each token, because it may be created at any time."""

    def __init__(self, file: Path = DEVELOPMENT_KEY_FILE) -> None:
        self._file = file

    async def find(self, key_id: str | None) -> Key | None:
        key = self._read()
        return key if key is not None and key.kid == key_id else None

    def read_or_create(self) -> ECKey:
        key = self._read()
        if key is None:
            key = ECKey.generate_key("P-256")
            kid = f"{_KEY_ID_PREFIX}{key.thumbprint()}"
            data = {**key.as_dict(private=True), "kid": kid}
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.unlink(missing_ok=True)  # an invalid one
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(orjson.dumps(data))
            key = ECKey.import_key(data)
        return key

    def _read(self) -> ECKey | None:
        try:
            return ECKey.import_key(orjson.loads(self._file.read_bytes()))
        except (OSError, orjson.JSONDecodeError, JoseError, ValueError, TypeError):
            return None


def is_development_key(key_id: str | None) -> bool:
    return key_id is not None and key_id.startswith(_KEY_ID_PREFIX)


def development_issuer(customer_claim: str, key: DevelopmentKey) -> TokenIssuer:
    return TokenIssuer(DEVELOPMENT_ISSUER, DEVELOPMENT_ISSUER, customer_claim, key)


def development_token(  # ruff: ignore[too-many-arguments] - the claims of a token
    key: ECKey,
    *,
    subject: str,
    scopes: Collection[Scope],
    customer_claim: str,
    customer_id: str | None,
    seconds: float,
) -> str:
    now = int(time())
    claims: dict[str, object] = {
        "iss": DEVELOPMENT_ISSUER,
        "aud": DEVELOPMENT_ISSUER,
        "sub": subject,
        "scope": " ".join(sorted(scopes)),
        "iat": now,
        "exp": now + int(seconds),
    }
    if customer_id is not None:
        claims[customer_claim] = customer_id
    return jwt.encode({"alg": "ES256", "kid": key.kid, "typ": "at+jwt"}, claims, key)

"""An OpenID Connect issuer on a real socket, which can be down, and mints any token."""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import urlsafe_b64encode
from contextlib import asynccontextmanager
from time import time
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from joserfc.jwk import Key


AUDIENCE = "https://orders.example"


class Issuer:
    """``requests`` are the paths that were requested. ``is_down`` closes all connections."""

    def __init__(self) -> None:
        self.url = "http://127.0.0.1/"
        self.key = self.new_key("key-1")
        self.published: list[Key] = [self.key]
        self.requests: list[str] = []
        self.is_down = False

    @staticmethod
    def new_key(key_id: str) -> ECKey:
        return ECKey.generate_key("P-256", {"kid": key_id})

    def claims(self, **changes: object) -> dict[str, Any]:
        """Return valid claims with changes. None removes a claim."""
        claims: dict[str, object] = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "ada",
            "exp": int(time()) + 600,
            "scope": "orders:read",
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def token(self, key: Key | None = None, algorithm: str = "ES256", **changes: object) -> str:
        key = key or self.key
        header = {"alg": algorithm, "kid": key.kid}
        return jwt.encode(header, self.claims(**changes), key, [algorithm])

    def unsigned_token(self) -> str:
        return f"{self._signing_input('none', self.key)}."

    def token_signed_with_the_public_key(self, key: RSAKey) -> str:
        signing_input = self._signing_input("HS256", key)
        signature = hmac.digest(key.as_pem(private=False), signing_input.encode(), "sha256")
        return f"{signing_input}.{_base64(signature)}"

    def _signing_input(self, algorithm: str, key: Key) -> str:
        # joserfc refuses to sign this way.
        header = {"alg": algorithm, "kid": key.kid}
        return ".".join(_base64(json.dumps(part).encode()) for part in (header, self.claims()))

    def document(self, path: str) -> object:
        if path == "/keys":
            return {"keys": [key.as_dict(private=False) for key in self.published]}
        return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@asynccontextmanager
async def running_issuer() -> AsyncGenerator[Issuer]:
    issuer = Issuer()

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1]
        issuer.requests.append(path)
        if not issuer.is_down:
            body = json.dumps(issuer.document(path)).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
                + body
            )
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(respond, "127.0.0.1", 0) as server:
        issuer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield issuer

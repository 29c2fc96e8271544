"""Runs a certified OpenID provider: the npm package of that name, which needs Node.

``dashboard/e2e/oidc-provider.js`` configures it. Tokens that no provider issues, such as forged
ones, come from ``tests.support.issuer``.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
from asyncio.subprocess import Process
from base64 import urlsafe_b64encode
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

AUDIENCE = "https://orders.example"

_DASHBOARD = Path(__file__).parents[2] / "dashboard"
_SCRIPT = _DASHBOARD / "e2e" / "oidc-provider.js"
_PACKAGE = _DASHBOARD / "node_modules" / "oidc-provider"
_START_TIMEOUT = 30.0  # seconds
_REDIRECT = "http://127.0.0.1/callback"
_MAX_STEPS = 12
_FORM_ACTION = re.compile(r'<form[^>]* action="([^"]+)"')
_PROMPT = re.compile(r'name="prompt" value="([^"]+)"')


def missing_requirement() -> str | None:
    """Return why the provider cannot run, or None if it can."""
    if shutil.which("node") is None:
        return "Node is not installed"
    return None if _PACKAGE.is_dir() else "The dashboard's packages are missing. Run make dashboard"


@dataclass
class OidcProvider:
    url: str
    process: Process

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def service_token(self, *scopes: str) -> str:
        """Return an access token of a service, by the client credentials grant."""
        async with httpx.AsyncClient(base_url=self.url) as http:
            response = await http.post(
                "/token",
                data={"grant_type": "client_credentials", "scope": " ".join(scopes)},
                auth=("service", "secret"),
            )
        return str(response.raise_for_status().json()["access_token"])

    async def sign_in(self, name: str, *scopes: str) -> str:
        """Return an access token of a person, by the authorization code grant with PKCE."""
        verifier = secrets.token_urlsafe(48)
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        client = {"client_id": "dashboard", "redirect_uri": _REDIRECT}
        request = {
            **client,
            "response_type": "code",
            "scope": " ".join(["openid", *scopes]),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        async with httpx.AsyncClient(base_url=self.url) as http:
            response = await http.get("/auth", params=request)
            for _ in range(_MAX_STEPS):
                if not response.has_redirect_location:
                    response = await _submit_form(http, response, name)
                    continue
                target = urljoin(str(response.url), response.headers["location"])
                if target.startswith(_REDIRECT):
                    break
                response = await http.get(target)
            [code] = parse_qs(urlsplit(target).query)["code"]
            grant = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
            answer = await http.post("/token", data={**client, **grant})
        return str(answer.raise_for_status().json()["access_token"])


async def _submit_form(http: httpx.AsyncClient, page: httpx.Response, name: str) -> httpx.Response:
    """Fill in the provider's form for signing in, or confirm the one for consent."""
    action, prompt = _FORM_ACTION.search(page.text), _PROMPT.search(page.text)
    assert action, page.text
    assert prompt, page.text
    data = {"prompt": prompt[1], "login": name, "password": "any"}
    return await http.post(action[1], data=data)


@asynccontextmanager
async def running_oidc_provider() -> AsyncGenerator[OidcProvider]:
    process = await asyncio.create_subprocess_exec(
        *("node", _SCRIPT),
        cwd=_DASHBOARD,
        env={**os.environ, "OIDC_AUDIENCE": AUDIENCE, "OIDC_REDIRECTS": _REDIRECT},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    async with asyncio.timeout(_START_TIMEOUT):
        url = (await process.stdout.readline()).decode().strip()
    provider = OidcProvider(url, process)
    try:
        yield provider
    finally:
        await provider.stop()

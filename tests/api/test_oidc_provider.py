"""Tokens of a certified OpenID provider, from discovery to the provider's outage."""

from __future__ import annotations

import base64
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from gql.access.access_tokens import CLOCK_LEEWAY
from gql.access.authenticator import Authenticator
from gql.access.settings import AccessSettings
from persistence.api_keys import PostgresApiKeys
from tests.support.access_fixtures import calling_as
from tests.support.api_app import make_app
from tests.support.api_client import served
from tests.support.oidc_provider import (
    AUDIENCE,
    OidcProvider,
    missing_requirement,
    running_oidc_provider,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    import httpx
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

pytestmark = pytest.mark.skipif(
    missing_requirement() is not None, reason=missing_requirement() or ""
)

ORDERS = "{ orders(first: 1) { nodes { id } } }"
CUSTOMERS = "{ customers(first: 1) { nodes { id } } }"


@asynccontextmanager
async def api_of(
    provider: OidcProvider, engine: AsyncEngine, orders: OrderClient
) -> AsyncGenerator[ApiClient]:
    """Serve an API that accepts the provider's tokens and has not fetched its keys."""
    access = AccessSettings(provider.url, AUDIENCE, "customer_id", is_production=True)
    authenticator = Authenticator(access, PostgresApiKeys(engine), is_open=False)
    async with served(make_app(engine, orders, authenticator=authenticator)) as api:
        yield api


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[OidcProvider]:
    async with running_oidc_provider() as running:
        yield running


async def ask(api: ApiClient, token: str, query: str = ORDERS) -> httpx.Response:
    async with calling_as(api, f"Bearer {token}") as client:
        return await client.http.post("/graphql", json={"query": query})


async def test_the_tokens_of_a_provider_are_accepted_with_their_scopes(
    provider: OidcProvider, engine: AsyncEngine, orders: OrderClient
) -> None:
    async with api_of(provider, engine, orders) as api:
        token = await provider.service_token("orders:read")
        assert (await ask(api, token)).status_code == 200
        assert (await ask(api, token, CUSTOMERS)).status_code == 403
        person = await provider.sign_in("ada", "orders:read", "customers:read")
        assert (await ask(api, person, CUSTOMERS)).status_code == 200
        nobody = await provider.service_token()
        assert (await ask(api, nobody)).status_code == 403


async def test_a_customer_who_signs_in_sees_its_own_data_only(
    provider: OidcProvider, engine: AsyncEngine, orders: OrderClient, customer_id: str
) -> None:
    query = "query ($id: ID!) { customer(id: $id) { id } }"
    async with api_of(provider, engine, orders) as api:
        for name, expected in ((customer_id, {"id": customer_id}), ("somebody-else", None)):
            token = await provider.sign_in(name, "orders:own")
            async with calling_as(api, f"Bearer {token}") as client:
                assert await client.field(query, id=customer_id) == expected


def expiry(token: str) -> float:
    _, claims, _ = token.split(".")
    padded = claims + "=" * (-len(claims) % 4)
    expires_at: float = json.loads(base64.urlsafe_b64decode(padded))["exp"]
    return expires_at


async def test_an_expired_token_of_a_provider_gets_401(
    provider: OidcProvider,
    engine: AsyncEngine,
    orders: OrderClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with api_of(provider, engine, orders) as api:
        token = await provider.service_token("orders:read")
        tolerated_until = expiry(token) + CLOCK_LEEWAY
        monkeypatch.setattr("gql.access.access_tokens.time", lambda: tolerated_until - 1)
        assert (await ask(api, token)).status_code == 200
        monkeypatch.setattr("gql.access.authenticator.time", lambda: tolerated_until + 1)
        refused = await ask(api, token)
    assert refused.status_code == 401
    assert 'error_description="The token has expired."' in refused.headers["www-authenticate"]


async def test_while_a_provider_is_down_known_keys_are_used_and_others_get_503(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    async with running_oidc_provider() as provider, api_of(provider, engine, orders) as api:
        first, second = [await provider.service_token("orders:read") for _ in range(2)]
        assert (await ask(api, first)).status_code == 200
        await provider.stop()
        assert (await ask(api, second)).status_code == 200
        async with api_of(provider, engine, orders) as restarted:
            refused = await ask(restarted, second)
    assert refused.status_code == 503
    [error] = refused.json()["errors"]
    assert error["message"] == "The token's issuer did not respond. Retry."

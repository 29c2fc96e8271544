"""Fixtures of tests that call an API with access control, as callers with chosen scopes."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from gql.access.authenticator import Authenticator
from gql.access.development_tokens import DevelopmentKey, development_token
from gql.access.principal import Scope
from gql.access.settings import AccessSettings
from persistence.api_keys import PostgresApiKeys
from tests.support.api_app import make_app
from tests.support.api_client import ApiClient, served

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Collection

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient


def bearer(
    key: DevelopmentKey,
    scopes: Collection[Scope],
    customer_id: str = "c-1",
    subject: str = "tester",
) -> str:
    """Return the value of a header. The customer is that of a token with ``orders:own``."""
    token = development_token(
        key.read_or_create(),
        subject=subject,
        scopes=scopes,
        customer_claim="customer_id",
        customer_id=customer_id if Scope.ORDERS_OWN in scopes else None,
        seconds=600,
    )
    return f"Bearer {token}"


@asynccontextmanager
async def calling_as(api: ApiClient, authorization: str) -> AsyncGenerator[ApiClient]:
    client = ApiClient(api.address)
    client.http.headers["authorization"] = authorization
    async with client.http:
        yield client


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentKey:
    return DevelopmentKey(tmp_path_factory.mktemp("key") / "key.json")


@asynccontextmanager
async def closed_api(
    engine: AsyncEngine, orders: OrderClient, key: DevelopmentKey, **settings: int
) -> AsyncGenerator[ApiClient]:
    """Serve an API that requires a token."""
    access = AccessSettings(None, None, "customer_id", is_production=False)
    authenticator = Authenticator(
        access, PostgresApiKeys(engine), is_open=False, development_key=key
    )
    async with served(make_app(engine, orders, authenticator=authenticator, **settings)) as api:
        yield api


@pytest_asyncio.fixture(scope="session")
async def closed(
    engine: AsyncEngine, orders: OrderClient, key: DevelopmentKey
) -> AsyncIterator[ApiClient]:
    async with closed_api(engine, orders, key) as api:
        yield api

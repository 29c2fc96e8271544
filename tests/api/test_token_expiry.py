"""WebSockets and event streams end when the token of their caller does."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from gql.access import access_tokens, authenticator, validity
from gql.access.api_keys import hash_api_key, new_api_key, new_key_id
from gql.access.authenticator import Authenticator
from gql.access.development_tokens import DevelopmentKey, development_token
from gql.access.principal import Scope
from gql.access.settings import AccessSettings
from persistence.api_keys import PostgresApiKeys
from tests.support.api_app import make_app
from tests.support.api_client import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

FEED = "subscription { orderFeed { id } }"
_TIME_LIMIT = 20
pytestmark = pytest.mark.usefixtures("short_times")
Credential = tuple[str, "Callable[[], Awaitable[object]]"]
"""A token, and what makes it invalid."""


@pytest.fixture
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (access_tokens, authenticator, validity):
        monkeypatch.setattr(module, "CLOCK_LEEWAY", 0.0)
    monkeypatch.setattr(validity, "CHECK_INTERVAL", 0.2)
    monkeypatch.setattr(authenticator, "_KEY_LIFETIME", 0.1)


@pytest.fixture
def key(tmp_path: Path) -> DevelopmentKey:
    return DevelopmentKey(tmp_path / "key.json")


@pytest.fixture
async def closed(
    engine: AsyncEngine, orders: OrderClient, key: DevelopmentKey
) -> AsyncIterator[ApiClient]:
    access = AccessSettings(None, None, "customer_id", is_production=False)
    own = Authenticator(access, PostgresApiKeys(engine), is_open=False, development_key=key)
    async with served(make_app(engine, orders, authenticator=own)) as api:
        yield api


@pytest.fixture(params=["token", "API key"])
async def credential(
    request: pytest.FixtureRequest, engine: AsyncEngine, key: DevelopmentKey
) -> Credential:
    if request.param == "token":
        token = development_token(
            key.read_or_create(),
            subject="tester",
            scopes={Scope.ORDERS_READ},
            customer_claim="customer_id",
            customer_id=None,
            seconds=3,
        )
        return token, lambda: asyncio.sleep(0)
    keys, api_key, key_id = PostgresApiKeys(engine), new_api_key(), new_key_id()
    await keys.create(key_id, hash_api_key(api_key), "test", {"orders:read"}, None)
    return api_key, lambda: keys.revoke(key_id)


async def test_a_websocket_is_closed_with_4403(closed: ApiClient, credential: Credential) -> None:
    token, invalidate = credential
    protocol = Subprotocol("graphql-transport-ws")
    async with (
        asyncio.timeout(_TIME_LIMIT),
        connect(closed.websocket_url, subprotocols=[protocol]) as socket,
    ):
        payload: Any = {"authorization": f"Bearer {token}"}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        message = {"id": "1", "type": "subscribe", "payload": {"query": FEED}}
        await socket.send(json.dumps(message))
        await socket.send('{"type": "ping"}')
        assert json.loads(await socket.recv())["type"] == "pong"

        await invalidate()
        await socket.wait_closed()
    assert socket.close_code == 4403
    assert "expired" in str(socket.close_reason) or "revoked" in str(socket.close_reason)


async def test_an_event_stream_ends_without_complete(
    closed: ApiClient, credential: Credential
) -> None:
    token, invalidate = credential
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    async with (
        asyncio.timeout(_TIME_LIMIT),
        closed.http.stream("POST", "/graphql", json={"query": FEED}, headers=headers) as response,
    ):
        assert response.status_code == 200
        await invalidate()
        text = "".join([part async for part in response.aiter_text()])
    assert "event: complete" not in text
    again = await closed.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert again.status_code == 401

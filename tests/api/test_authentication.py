"""Who may call the API: tokens of an issuer, API keys, and nobody else."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from gql.access import authenticator as authenticators
from gql.access import issuer_keys
from gql.access.api_keys import hash_api_key, new_api_key, new_key_id
from gql.access.authenticator import AccessNotConfigured, Authenticator, make_authenticator
from gql.access.development_tokens import DevelopmentKey, development_token
from gql.access.principal import Scope
from gql.access.settings import AccessSettings
from persistence.api_keys import PostgresApiKeys
from tests.support.api_app import make_app
from tests.support.api_client import served
from tests.support.http_requests import TYPED, codes
from tests.support.issuer import AUDIENCE, Issuer, running_issuer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    import httpx
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as running:
        yield running


@pytest.fixture
def serve(engine: AsyncEngine, orders: OrderClient) -> Any:
    @asynccontextmanager
    async def serving(
        issuer: Issuer | None = None, key: DevelopmentKey | None = None
    ) -> AsyncGenerator[ApiClient]:
        url, audience = (issuer.url, AUDIENCE) if issuer else (None, None)
        access = AccessSettings(url, audience, "customer_id", is_production=key is None)
        authenticator = Authenticator(
            access, PostgresApiKeys(engine), is_open=False, development_key=key
        )
        async with served(make_app(engine, orders, authenticator=authenticator)) as api:
            yield api

    return serving


async def ask(api: ApiClient, *tokens: str, url: str = "/graphql") -> httpx.Response:
    headers = [("authorization", f"Bearer {token}") for token in tokens]
    return await api.http.post(
        url, headers=[("content-type", "application/json"), *headers], json={"query": TYPED}
    )


async def create_key(engine: AsyncEngine, expires_at: datetime | None = None) -> tuple[str, str]:
    key, key_id = new_api_key(), new_key_id()
    await PostgresApiKeys(engine).create(
        key_id, hash_api_key(key), "test", {"orders:read"}, expires_at
    )
    return key_id, key


async def test_a_token_of_the_issuer_is_accepted_and_its_keys_are_fetched_once(
    serve: Any, issuer: Issuer
) -> None:
    async with serve(issuer) as api:
        for _ in range(3):
            response = await ask(api, issuer.token())
            assert (response.status_code, response.json()["data"]) == (200, {"__typename": "Query"})
    assert issuer.requests == ["/.well-known/openid-configuration", "/keys"]


async def test_a_request_without_a_valid_token_gets_401_and_one_log_line_without_the_token(
    serve: Any, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    valid = issuer.token()
    cases: dict[str, tuple[str, ...]] = {
        "Authorization: Bearer TOKEN": (),
        "expired": (issuer.token(exp=1),),
        "not allowed": (issuer.unsigned_token(),),
        "only once": (valid, valid),
        "longer than 8192": (valid + 60_000 * "a",),
        "unknown or revoked": (new_api_key(),),
        "malformed": ("orders_x",),
    }
    async with serve(issuer) as api:
        for reason, tokens in cases.items():
            caplog.clear()
            with caplog.at_level(logging.INFO):
                response = await ask(api, *tokens)

            assert response.status_code == 401, reason
            assert codes(response) == ["UNAUTHENTICATED"]
            assert reason in response.json()["errors"][0]["message"]
            challenge = response.headers["www-authenticate"]
            assert challenge.startswith('Bearer realm="orders"')
            assert ('error="invalid_token"' in challenge) == bool(tokens)
            lines = [record for record in caplog.records if record.name.startswith("gql")]
            assert len(lines) == 1
            assert reason in vars(lines[0])["refusal"]
            assert not any(token in str(vars(lines[0])) for token in tokens)


async def test_a_header_of_100_kilobytes_is_refused(serve: Any, issuer: Issuer) -> None:
    async with serve(issuer) as api:
        response = await ask(api, 100_000 * "a")
        assert response.status_code in {400, 401, 431}


async def test_a_token_in_the_url_is_not_read(
    serve: Any, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    token = issuer.token()
    async with serve(issuer) as api:
        with caplog.at_level(logging.INFO, "gql"):
            response = await ask(api, url=f"/graphql?access_token={token}&token={token}")
    assert response.status_code == 401
    assert not any(token in str(vars(record)) for record in caplog.records if "gql" in record.name)


async def test_health_checks_and_the_playground_need_no_token(serve: Any, issuer: Issuer) -> None:
    async with serve(issuer) as api:
        assert (await api.http.get("/health/live")).status_code == 200
        page = await api.http.get("/graphql", headers={"accept": "text/html"})
        assert page.status_code in {200, 307}  # with a built dashboard, it redirects there


async def test_an_unknown_key_id_causes_one_refresh_per_minute(
    serve: Any, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(issuer) as api:
        assert (await ask(api, issuer.token())).status_code == 200
        rotated = issuer.new_key("key-2")
        issuer.published.append(rotated)
        for _ in range(5):
            forged = issuer.token(issuer.new_key("key-3"))
            assert (await ask(api, forged)).status_code == 401
        assert issuer.requests.count("/keys") == 1

        monkeypatch.setattr(issuer_keys, "monotonic", lambda: _minutes_later(1.1))
        assert (await ask(api, issuer.token(rotated))).status_code == 200
        assert issuer.requests.count("/keys") == 2


def _minutes_later(minutes: float) -> float:
    return asyncio.get_running_loop().time() + minutes * 60


async def test_known_keys_are_used_while_the_issuer_is_down_and_unknown_ones_get_503(
    serve: Any, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(issuer) as api:
        assert (await ask(api, issuer.token())).status_code == 200
        issuer.is_down = True
        monkeypatch.setattr(issuer_keys, "monotonic", lambda: _minutes_later(30))

        assert (await ask(api, issuer.token(sub="grace"))).status_code == 200
        response = await ask(api, issuer.token(issuer.new_key("key-2")))
        assert (response.status_code, codes(response)) == (503, ["SERVICE_UNAVAILABLE"])

        monkeypatch.setattr(issuer_keys, "monotonic", lambda: _minutes_later(25 * 60))
        assert (await ask(api, issuer.token(sub="alan"))).status_code == 503


async def test_a_token_that_expires_is_rejected_although_it_was_verified_before(
    serve: Any, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token()
    async with serve(issuer) as api:
        assert (await ask(api, token)).status_code == 200
        now = datetime.now(UTC).timestamp()
        monkeypatch.setattr(authenticators, "time", lambda: now + 606)
        assert (await ask(api, token)).status_code == 401


async def test_an_api_key_is_accepted_until_15_seconds_after_its_revocation(
    serve: Any, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id, key = await create_key(engine)
    async with serve() as api:
        assert (await ask(api, key)).status_code == 200
        await PostgresApiKeys(engine).revoke(key_id)
        monkeypatch.setattr(authenticators, "monotonic", lambda: _minutes_later(0.26))
        assert (await ask(api, key)).status_code == 401


async def test_an_expired_api_key_is_rejected(serve: Any, engine: AsyncEngine) -> None:
    _, key = await create_key(engine, datetime.now(UTC) - timedelta(seconds=1))
    async with serve() as api:
        assert (await ask(api, key)).status_code == 401


async def test_requests_with_the_same_key_share_its_lookup(
    serve: Any, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, key = await create_key(engine)
    lookups = 0
    find = PostgresApiKeys.find

    async def counted(self: PostgresApiKeys, key_hash: bytes) -> Any:
        nonlocal lookups
        lookups += 1
        return await find(self, key_hash)

    monkeypatch.setattr(PostgresApiKeys, "find", counted)
    async with serve() as api:
        responses = await asyncio.gather(*(ask(api, key) for _ in range(20)))
    assert {response.status_code for response in responses} == {200}
    assert lookups == 1


async def test_a_development_token_is_accepted_in_development_only(
    serve: Any, tmp_path: Path
) -> None:
    key = DevelopmentKey(tmp_path / "key.json")
    token = development_token(
        key.read_or_create(),
        subject="tester",
        scopes={Scope.ORDERS_READ},
        customer_claim="customer_id",
        customer_id=None,
        seconds=60,
    )
    async with serve(key=key) as api:
        assert (await ask(api, token)).status_code == 200
    async with serve() as api:
        assert (await ask(api, token)).status_code == 401


async def test_without_configuration_development_is_open_and_production_does_not_start(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = PostgresApiKeys(engine)
    exist = False

    async def fake(_: PostgresApiKeys) -> bool:  # ruff: ignore[unused-async] - as declared
        return exist

    monkeypatch.setattr(PostgresApiKeys, "exist", fake)
    development = AccessSettings(None, None, "customer_id", is_production=False)
    production = AccessSettings(None, None, "customer_id", is_production=True)

    assert (await make_authenticator(development, keys)).is_open
    with pytest.raises(AccessNotConfigured, match="orders keys create"):
        await make_authenticator(production, keys)
    exist = True
    assert not (await make_authenticator(development, keys)).is_open
    assert not (await make_authenticator(production, keys)).is_open
    exist = False
    with_issuer = AccessSettings("https://i.example", AUDIENCE, "customer_id", is_production=True)
    assert not (await make_authenticator(with_issuer, keys)).is_open


async def _init(api: ApiClient, payload: object, **headers: str) -> Any:
    """Return the acknowledgement, or the code and reason with which the socket was closed."""
    protocol = Subprotocol("graphql-transport-ws")
    async with connect(
        api.websocket_url, subprotocols=[protocol], additional_headers=headers
    ) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        try:
            return json.loads(await socket.recv())["type"]
        except ConnectionClosed:
            return socket.close_code


async def test_a_websocket_takes_its_token_from_connection_init_or_the_header(
    serve: Any, issuer: Issuer
) -> None:
    bearer = f"Bearer {issuer.token()}"
    async with serve(issuer) as api:
        assert await _init(api, {"authorization": bearer}) == "connection_ack"
        assert await _init(api, {}, authorization=bearer) == "connection_ack"
        assert await _init(api, {}) == 4403
        assert await _init(api, {"authorization": issuer.token()}) == 4403
        assert await _init(api, {"authorization": 3}) == 4403
        assert await _init(api, {"authorization": f"Bearer {issuer.token(exp=1)}"}) == 4403
        issuer.is_down = True
        unknown = issuer.token(issuer.new_key("key-2"))
        assert await _init(api, {"authorization": f"Bearer {unknown}"}) in {1013, 4403}


async def test_a_websocket_without_connection_init_can_do_nothing(
    serve: Any, issuer: Issuer
) -> None:
    async with serve(issuer) as api:
        protocol = Subprotocol("graphql-transport-ws")
        async with connect(api.websocket_url, subprotocols=[protocol]) as socket:
            message = {"id": "1", "type": "subscribe", "payload": {"query": TYPED}}
            await socket.send(json.dumps(message))
            await socket.wait_closed()
            assert socket.close_code == 4401

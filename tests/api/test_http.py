"""Health checks, playground, browser security headers, compression and the request log."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import get_introspection_query
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from gql.http.dashboard import playground_page
from tests.support.api_app import make_app
from tests.support.api_client import served

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

Json = dict[str, Any]


async def test_the_api_is_live_and_ready(api: ApiClient) -> None:
    assert (await api.http.get("/health/live")).json() == {"live": True}
    ready = await api.http.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "missing": {}})


async def test_a_browser_is_shown_the_playground(api: ApiClient) -> None:
    headers = {"accept": "text/html"}
    page = await api.http.get("/graphql", headers=headers, follow_redirects=True)
    assert page.status_code == 200
    assert "playground" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_a_compressed_playground_can_be_loaded_repeatedly(
    engine: AsyncEngine, orders: OrderClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Compression changes the headers of its response, so the page must not be a shared object.
    monkeypatch.setattr("gql.http.view.playground_page", partial(playground_page, tmp_path))
    headers = {"accept": "text/html", "accept-encoding": "gzip"}
    async with served(make_app(engine, orders)) as client:
        pages = [await client.http.get("/graphql", headers=headers) for _ in range(3)]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert len({page.text for page in pages}) == 1


async def test_the_playground_is_off_in_production_by_default(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    headers = {"accept": "text/html"}
    for setting in (None, True):
        app = make_app(engine, orders, environment="production", playground=setting)
        async with served(app) as client:
            page = await client.http.get("/graphql", headers=headers, follow_redirects=True)
            assert page.status_code == (200 if setting else 404)
            if setting is None:
                assert (await client.http.get("/playground")).status_code == 404


async def test_a_page_of_another_origin_needs_to_be_allowed(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    app = make_app(engine, orders, allowed_origins=["https://shop.example"])
    async with served(app) as client:
        for origin, allowed in (("https://shop.example", True), ("https://evil.example", False)):
            response = await client.http.post(
                "/graphql", json={"query": "{ __typename }"}, headers={"origin": origin}
            )
            assert ("access-control-allow-origin" in response.headers) is allowed
            asking = {"origin": origin, "access-control-request-method": "POST"}
            preflight = await client.http.options("/graphql", headers=asking)
            assert (preflight.status_code == 200) is allowed
            assert await opens_a_socket(client, origin) is allowed


async def test_by_default_only_pages_of_the_api_itself_may_use_it(api: ApiClient) -> None:
    own = f"http://{api.http.base_url.netloc.decode()}"
    for origin, allowed in ((own, True), ("https://shop.example", False), ("null", False)):
        assert await opens_a_socket(api, origin) is allowed
        response = await api.http.get("/health/live", headers={"origin": origin})
        assert "access-control-allow-origin" not in response.headers


async def opens_a_socket(client: ApiClient, origin: str) -> bool:
    protocol = Subprotocol("graphql-transport-ws")
    try:
        async with connect(client.websocket_url, origin=Origin(origin), subprotocols=[protocol]):
            return True
    except InvalidStatus:
        return False


async def test_every_response_has_security_headers(api: ApiClient) -> None:
    for path in ("/graphql", "/health/live", "/nowhere"):
        headers = (await api.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


async def test_only_large_responses_are_compressed_and_never_streams(
    api: ApiClient,
) -> None:
    large = {"query": get_introspection_query()}
    small = {"query": "{ __typename }"}
    for body, accept, encoding in (
        (large, "application/json", "gzip"),
        (small, "application/json", None),
        (large, "text/event-stream", None),
    ):
        response = await api.http.post("/graphql", json=body, headers={"accept": accept})
        assert response.headers.get("content-encoding") == encoding
        assert "__typename" in response.text or "__schema" in response.text
    plain = await api.http.post("/graphql", json=large, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers


async def test_each_request_is_logged_in_one_line(
    api: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="gql"):
        await api.send("query Look { __typename }")
        await api.send("{ broken")
    lines = [record for record in caplog.records if record.name == "gql.http.request_log"]
    assert [(line.method, line.path, line.operation, line.status) for line in lines] == [  # type: ignore[attr-defined]
        ("POST", "/graphql", "Look", 200),
        ("POST", "/graphql", None, 400),
    ]
    assert all(line.ms >= 0 for line in lines)  # type: ignore[attr-defined]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]

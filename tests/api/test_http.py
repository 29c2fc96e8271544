"""The endpoint beside GraphQL itself: bodies, methods, health, playground, log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.client import served
from tests.api.conftest import make_app

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.api.client import ApiClient

Json = dict[str, Any]


@pytest.mark.parametrize(
    "body",
    [
        b"3",
        b"null",
        b"[]",
        b'"query"',
        b"{",
        b"",
        b"\xff\xfe",
        b'{"query": "\xff"}',
        b'{"query": "\\ud800"}',
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": 3}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 3}',
        b'{"query": "{ __typename }", "extensions": 3}',
        b'[{"query": "{ __typename }"}]',
        b'{"query": "{ __typename }", "operationName": "Other"}',
        b'{"query": NaN}',
    ],
)
async def test_a_malformed_body_is_a_bad_request(api: ApiClient, body: bytes) -> None:
    response = await api.http.post(
        "/graphql", content=body, headers={"content-type": "application/json"}
    )
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert error["message"]


async def test_a_body_that_is_not_json_is_a_bad_request(api: ApiClient) -> None:
    for kind in ("text/plain", "multipart/form-data; boundary=x"):
        response = await api.http.post(
            "/graphql", content=b"{ __typename }", headers={"content-type": kind}
        )
        assert response.status_code == 400


async def test_queries_go_by_get_and_mutations_do_not(api: ApiClient) -> None:
    query = await api.http.get("/graphql", params={"query": "{ __typename }", "variables": "null"})
    assert query.json() == {"data": {"__typename": "Query"}}
    mutation = 'mutation { approveOrder(input: {orderId: "x"}) { __typename } }'
    for accept in ("application/json", "text/event-stream"):
        refused = await api.http.get(
            "/graphql", params={"query": mutation}, headers={"accept": accept}
        )
        assert "OrderNotFound" not in refused.text
        assert "errors" in refused.text
    broken = await api.http.get("/graphql", params={"query": "{ a }", "variables": "{"})
    assert broken.status_code == 400


async def test_the_api_is_live_and_ready(api: ApiClient) -> None:
    assert (await api.http.get("/health/live")).json() == {"live": True}
    ready = await api.http.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "missing": {}})


async def test_a_browser_gets_a_playground_that_loads_nothing(api: ApiClient) -> None:
    page = await api.http.get("/graphql", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script src" not in page.text
    assert "https://" not in page.text


async def test_in_production_there_is_no_playground_unless_set(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    for setting, status in ((None, 404), (True, 200)):
        app = make_app(engine, orders, environment="production", playground=setting)
        async with served(app) as client:
            page = await client.http.get("/graphql", headers={"accept": "text/html"})
            assert page.status_code == status


async def test_a_page_elsewhere_needs_to_be_allowed(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    app = make_app(engine, orders, allowed_origins=["https://shop.example"])
    async with served(app) as client:
        for origin, allowed in (("https://shop.example", True), ("https://evil.example", False)):
            response = await client.http.post(
                "/graphql", json={"query": "{ __typename }"}, headers={"origin": origin}
            )
            assert ("access-control-allow-origin" in response.headers) is allowed


async def test_each_request_leaves_one_line_in_the_log(
    api: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="gql"):
        await api.send("query Look { __typename }")
        await api.send("{ broken")
    lines = [record for record in caplog.records if record.name == "gql.request_log"]
    assert [(line.method, line.path, line.operation, line.status) for line in lines] == [  # type: ignore[attr-defined]
        ("POST", "/graphql", "Look", 200),
        ("POST", "/graphql", None, 200),
    ]
    assert all(line.ms >= 0 for line in lines)  # type: ignore[attr-defined]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]

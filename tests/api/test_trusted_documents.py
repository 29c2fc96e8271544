"""Trusted documents over every transport, and what production keeps to itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from gql.trusted_manifest import digest
from tests.api.client import served
from tests.api.conftest import make_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.api.client import ApiClient

TRUSTED = "query Name($id: ID!) { order(id: $id) { id } }"
WATCHED = 'subscription { orderEvents(orderId: "no-such-order") { type } }'
OTHER = "{ __typename }"


@pytest_asyncio.fixture
async def strict(
    engine: AsyncEngine, orders: OrderClient, tmp_path: Path
) -> AsyncIterator[ApiClient]:
    """An API in production that executes trusted documents only."""
    path = tmp_path / "documents.json"
    path.write_text(json.dumps({digest(text): text for text in (TRUSTED, WATCHED)}))
    app = make_app(
        engine,
        orders,
        environment="production",
        trusted_documents=path,
        trusted_documents_only=True,
    )
    async with served(app) as client:
        yield client


def code(answer: Any) -> str:
    found: str = answer["errors"][0]["extensions"]["code"]
    return found


async def test_a_trusted_document_is_executed_by_its_hash(strict: ApiClient) -> None:
    name = digest(TRUSTED)
    for request in (
        {"documentId": f"sha256:{name}"},
        {"documentId": name, "query": TRUSTED},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": name}}},
        {"query": TRUSTED},
    ):
        body = {**request, "variables": {"id": "no-such-order"}}
        answer = (await strict.http.post("/graphql", json=body)).json()
        assert answer["data"] == {"order": None}
    params = {"documentId": f"sha256:{name}", "variables": '{"id": "no-such-order"}'}
    answer = (await strict.http.get("/graphql", params=params)).json()
    assert answer["data"] == {"order": None}


async def test_nothing_else_is_executed_over_any_transport(strict: ApiClient) -> None:
    for headers in ({}, {"accept": "text/event-stream"}):
        response = await strict.http.post("/graphql", json={"query": OTHER}, headers=headers)
        assert (response.status_code, code(response.json())) == (400, "DOCUMENT_NOT_TRUSTED")
    [message] = await strict.watch(OTHER)
    assert message["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    [message] = await strict.watch(WATCHED)
    assert message["payload"][0]["extensions"]["code"] == "ORDER_NOT_FOUND"


async def test_production_tells_nothing_of_its_schema(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    misspelt = "query ($f: OrderFilter) { orders(filter: $f) { totalCount } }"
    for environment, told in (("production", False), ("development", True)):
        async with served(make_app(engine, orders, environment=environment)) as client:
            asked = await client.send("{ __schema { types { name } } }")
            assert ("errors" in asked) is not told
            for answer in (
                await client.send("{ ordres { totalCount } }"),
                await client.send(misspelt, f={"customerIdd": "x"}),
                await client.send(misspelt, f={"states": ["AWAITING_APROVAL"]}),
            ):
                assert ("Did you mean" in answer["errors"][0]["message"]) is told

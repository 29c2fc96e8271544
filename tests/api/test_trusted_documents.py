"""Trusted documents over every transport, and what production reveals of the schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gql.documents.manifest import digest
from tests.support.api_app import make_app
from tests.support.api_client import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

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


async def test_the_text_of_a_trusted_document_is_executed(strict: ApiClient) -> None:
    assert await strict.data(TRUSTED, id="no-such-order") == {"order": None}


async def subscribed(client: ApiClient, **payload: object) -> list[dict[str, Any]]:
    """Send a payload over a WebSocket, and return all messages until the operation ends."""
    async with client.socket() as socket:
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        messages: list[dict[str, Any]] = [json.loads(await socket.recv())]
        while messages[-1]["type"] == "next":
            messages.append(json.loads(await socket.recv()))
        return messages


NAMED: list[dict[str, Any]] = [
    {"documentId": digest(TRUSTED)},
    {"documentId": f"sha256:{digest(TRUSTED)}"},
    {"documentId": digest(TRUSTED), "query": TRUSTED},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(TRUSTED)}}},
]


@pytest.mark.parametrize("request_", NAMED)
async def test_a_document_is_executed_by_its_hash_over_every_transport(
    strict: ApiClient, request_: dict[str, Any]
) -> None:
    body = {**request_, "variables": {"id": "no-such-order"}}
    for accept in ("application/json", "text/event-stream"):
        response = await strict.http.post("/graphql", json=body, headers={"accept": accept})
        assert '"data":{"order":null}' in response.text
    params = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()
    }
    assert (await strict.http.get("/graphql", params=params)).json()["data"] == {"order": None}
    answer, complete = await subscribed(strict, **body)
    assert (answer["type"], answer["payload"]["data"]) == ("next", {"order": None})
    assert complete["type"] == "complete"


async def test_a_subscription_is_started_by_its_hash(strict: ApiClient) -> None:
    [message] = await subscribed(strict, documentId=digest(WATCHED))
    assert (message["type"], code({"errors": message["payload"]})) == ("error", "ORDER_NOT_FOUND")
    body = {"documentId": digest(WATCHED)}
    headers = {"accept": "text/event-stream"}
    streamed = await strict.http.post("/graphql", json=body, headers=headers)
    assert "ORDER_NOT_FOUND" in streamed.text


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"documentId": "0" * 64}, "PERSISTED_QUERY_NOT_FOUND"),
        (
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
            "PERSISTED_QUERY_NOT_FOUND",
        ),
        ({"documentId": "0" * 64, "query": TRUSTED}, "BAD_USER_INPUT"),
        ({"extensions": {"persistedQuery": {"version": 1}}}, "BAD_USER_INPUT"),
        ({"documentId": digest(TRUSTED), "query": OTHER}, "BAD_USER_INPUT"),
        ({"documentId": digest(OTHER), "query": OTHER}, "DOCUMENT_NOT_TRUSTED"),
    ],
)
async def test_an_unknown_hash_is_refused_with_the_same_code_over_every_transport(
    strict: ApiClient, request_: dict[str, Any], expected: str
) -> None:
    for accept in ("application/json", "text/event-stream"):
        answer = await strict.http.post("/graphql", json=request_, headers={"accept": accept})
        assert code(answer.json()) == expected
    [message] = await subscribed(strict, **request_)
    assert (message["id"], message["type"]) == ("1", "error")
    assert code({"errors": message["payload"]}) == expected


async def test_an_unknown_hash_keeps_the_socket_open_and_a_payload_without_document_closes_it(
    strict: ApiClient,
) -> None:
    async with strict.socket() as socket:

        async def send(**payload: object) -> None:
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))

        await send(documentId="0" * 64)
        assert json.loads(await socket.recv())["type"] == "error"
        await send(documentId=digest(TRUSTED), variables={"id": "no-such-order"})
        assert json.loads(await socket.recv())["type"] == "next"
        assert json.loads(await socket.recv())["type"] == "complete"
        await send(variables={})
        await socket.wait_closed()
        assert socket.close_code == 4400


async def test_no_other_document_is_executed_over_any_transport(strict: ApiClient) -> None:
    for headers in ({}, {"accept": "text/event-stream"}):
        response = await strict.http.post("/graphql", json={"query": OTHER}, headers=headers)
        assert (response.status_code, code(response.json())) == (403, "DOCUMENT_NOT_TRUSTED")
    [message] = await strict.watch(OTHER)
    assert message["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    [message] = await strict.watch(WATCHED)
    assert message["payload"][0]["extensions"]["code"] == "ORDER_NOT_FOUND"


async def test_production_reveals_nothing_of_its_schema(
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

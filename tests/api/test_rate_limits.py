"""Limits per caller: points per second and open streams, over HTTP and WebSockets."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from graphql import DocumentNode, parse
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError
from websockets.typing import Subprotocol

from gql.access.principal import STAFF_SCOPES
from tests.support.access_fixtures import bearer, calling_as, closed_api

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine
    from websockets.asyncio.client import ClientConnection

    from gql.access.development_tokens import DevelopmentKey
    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

CHEAP = "{ __typename }"  # 1 point
PAGE = "{ orders(first: 20) { nodes { id } } }"  # 52 points
FEED = "subscription { orderFeed { id } }"


@pytest.fixture(scope="module")
async def limited(
    engine: AsyncEngine, orders: OrderClient, key: DevelopmentKey
) -> AsyncIterator[ApiClient]:
    """130 points, which fill at one per second, and three streams."""
    limits = {"rate_limit": 1, "rate_limit_burst": 130, "max_query_cost": 130}
    async with closed_api(engine, orders, key, **limits, max_streams_per_caller=3) as api:
        async with caller(api, key, "first") as (first, _):
            for document in (CHEAP, PAGE):  # a new document takes additional points
                await first.send(document)
        yield api


@asynccontextmanager
async def caller(
    api: ApiClient, key: DevelopmentKey, name: str
) -> AsyncGenerator[tuple[ApiClient, str]]:
    authorization = bearer(key, STAFF_SCOPES, subject=name)
    async with calling_as(api, authorization) as client:
        yield client, authorization


@asynccontextmanager
async def socket(api: ApiClient, authorization: str) -> AsyncGenerator[ClientConnection]:
    protocol = Subprotocol("graphql-transport-ws")
    async with connect(api.websocket_url, subprotocols=[protocol]) as connection:
        payload = {"authorization": authorization}
        await connection.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await connection.recv())["type"] == "connection_ack"
        yield connection


async def subscribe(connection: ClientConnection, name: str, query: str) -> None:
    message = {"id": name, "type": "subscribe", "payload": {"query": query}}
    await connection.send(json.dumps(message))


@pytest.mark.parametrize(
    ("document", "status"),
    [("{", 400), ("{ nothing }", 422), ("{ orders(first: 20) { totalCount nodes { id } } }", 422)],
    ids=["syntax", "validation", "cost"],
)
async def test_after_rejected_documents_no_more_are_parsed_for_the_caller(
    limited: ApiClient, key: DevelopmentKey, document: str, status: int
) -> None:
    name = f"typist-{status}-{len(document)}"
    async with caller(limited, key, name) as (typist, authorization):
        first = await typist.http.post("/graphql", json={"query": document})
        assert first.status_code == status
        again = await typist.http.post("/graphql", json={"query": document})
        assert again.status_code == 429
        assert 860 <= int(again.headers["retry-after"]) <= 870  # 130 of 1,000 points were there
        assert (await typist.http.post("/graphql", json={"query": CHEAP})).status_code == 429
        async with socket(limited, authorization) as connection:
            await subscribe(connection, "1", "{")
            message = json.loads(await connection.recv())
    assert message["payload"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"


async def test_responses_show_the_points_left_until_a_caller_has_spent_them(
    limited: ApiClient, key: DevelopmentKey
) -> None:
    async with (
        caller(limited, key, "ada") as (ada, authorization),
        caller(limited, key, "bob") as (bob, _),
    ):
        answer = await ada.send(PAGE)
        assert answer["extensions"]["cost"] == 52
        assert 78 <= answer["extensions"]["pointsLeft"] <= 79
        await ada.send(PAGE)
        refused = await ada.http.post("/graphql", json={"query": PAGE})
        assert refused.status_code == 429
        [error] = refused.json()["errors"]
        seconds = int(refused.headers["retry-after"])
        assert 10 <= seconds <= 26
        assert error["extensions"] == {"code": "TOO_MANY_REQUESTS", "retryAfter": seconds}
        assert (await bob.send(CHEAP))["extensions"]["pointsLeft"] == 129

        async with socket(limited, authorization) as connection:
            await subscribe(connection, "1", PAGE)
            message = json.loads(await connection.recv())
    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"
    assert 10 <= message["payload"][0]["extensions"]["retryAfter"] <= 26


async def test_a_new_document_takes_a_point_per_token_whatever_its_operation_costs(
    limited: ApiClient, key: DevelopmentKey
) -> None:
    unused = " ".join(f"query Unused{number} {{ __typename }}" for number in range(6))
    document = {"query": f"query Used {{ __typename }} {unused}", "operationName": "Used"}
    async with caller(limited, key, "eve") as (eve, _):
        sent = [await eve.http.post("/graphql", json=document) for _ in range(2)]
    left = [response.json()["extensions"]["pointsLeft"] for response in sent]
    assert left[0] == 130 - 7 * 5 - 1
    assert left[1] == left[0] - 1


async def test_nothing_is_parsed_for_a_caller_in_debt_that_accepts_a_stream(
    limited: ApiClient, key: DevelopmentKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def parse_and_note(text: str, **options: Any) -> DocumentNode:
        parsed.append(text)
        return parse(text, **options)

    monkeypatch.setattr("gql.documents.preparer.parse", parse_and_note)
    headers = {"accept": "application/json, text/event-stream"}
    async with caller(limited, key, "mallory") as (mallory, _):
        statuses = [
            (await mallory.http.post("/graphql", json={"query": "{"}, headers=headers)).status_code
            for _ in range(2)
        ]
    assert (statuses, parsed) == ([400, 429], ["{"])


async def test_a_caller_at_its_limit_of_streams_gets_429_or_an_error_frame_or_1013(
    limited: ApiClient, key: DevelopmentKey
) -> None:
    async with asyncio.timeout(30), caller(limited, key, "cleo") as (cleo, authorization):
        async with socket(limited, authorization) as connection:  # one
            await subscribe(connection, "1", FEED)  # two
            await subscribe(connection, "2", FEED)  # three
            await subscribe(connection, "3", FEED)
            message = json.loads(await connection.recv())
            assert (message["id"], message["type"]) == ("3", "error")
            [error] = message["payload"]
            assert error["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
            streamed = await cleo.http.post(
                "/graphql", json={"query": FEED}, headers={"accept": "text/event-stream"}
            )
            assert (streamed.status_code, streamed.headers["retry-after"]) == (429, "1")
            with pytest.raises(ConnectionClosedError) as closed:
                await _open(limited, authorization)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013
        async with socket(limited, authorization):
            pass


async def _open(api: ApiClient, authorization: str) -> Any:
    protocol = Subprotocol("graphql-transport-ws")
    async with connect(api.websocket_url, subprotocols=[protocol]) as connection:
        payload = {"authorization": authorization}
        await connection.send(json.dumps({"type": "connection_init", "payload": payload}))
        return await connection.recv()

"""Requests over a limit are refused early, over every transport, and delay no other request."""

from __future__ import annotations

import asyncio
import json
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.api_app import make_app
from tests.support.api_client import served
from tests.support.attacks import SLOW_TO_VALIDATE, TOO_MUCH

if TYPE_CHECKING:
    import httpx
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

TYPED = "{ __typename }"
_STREAM = {"accept": "text/event-stream"}


def refusal(response: httpx.Response) -> tuple[int, Json]:
    [error] = response.json()["errors"]
    assert error["message"]
    return response.status_code, error["extensions"]


@pytest.mark.parametrize("attack", TOO_MUCH)
async def test_a_document_over_a_limit_is_refused_over_every_transport(
    api: ApiClient, attack: str
) -> None:
    query, limit = TOO_MUCH[attack]
    for headers in ({}, _STREAM):
        response = await api.http.post("/graphql", json={"query": query}, headers=headers)
        status, extensions = refusal(response)
        assert (status, extensions["code"]) == (422, "QUERY_LIMIT_EXCEEDED")
        assert extensions["limit"] == limit
    [message] = await api.watch(query)
    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["limit"] == limit


@pytest.mark.parametrize("query", SLOW_TO_VALIDATE.values(), ids=SLOW_TO_VALIDATE)
async def test_a_document_that_is_slow_to_validate_is_refused_over_every_transport(
    api: ApiClient, query: str
) -> None:
    for headers in ({}, _STREAM):
        response = await api.http.post("/graphql", json={"query": query}, headers=headers)
        assert response.status_code == 422
        assert "data" not in response.json()
    [message] = await api.watch(query)
    assert message["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    "given",
    [
        [[]] * 20_000,
        json.loads("[" * 900 + "]" * 900),
        json.loads('{"a":' * 300 + "1" + "}" * 300),
        ["x" * 200_000],
        [10**18] * 10_000,
    ],
    ids=["a long list", "a deep list", "a deep object", "a long text", "numbers"],
)
async def test_oversized_variables_are_refused(api: ApiClient, given: object) -> None:
    query = "query ($filter: OrderFilter) { orders(filter: $filter) { totalCount } }"
    async with asyncio.timeout(30):
        answer = await api.send(query, filter={"states": given})
    assert "data" not in answer
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert len(json.dumps(answer)) < 100_000


async def test_an_oversized_body_is_refused_before_it_is_read(api: ApiClient) -> None:
    async def parts() -> Any:
        for _ in range(20):
            yield b" " * 50_000
            await asyncio.sleep(0)

    for content in (b" " * 1_000_000, parts()):
        response = await api.http.post(
            "/graphql", content=content, headers={"content-type": "application/json"}
        )
        status, extensions = refusal(response)
        assert (status, extensions) == (413, {"code": "REQUEST_TOO_LARGE"})
    assert (await api.data(TYPED)) == {"__typename": "Query"}


async def test_an_oversized_message_closes_its_socket(api: ApiClient) -> None:
    async with api.socket() as socket:
        await socket.send(" " * 1_000_000)
        await socket.wait_closed()
        assert socket.close_code == 1009


async def test_an_expensive_document_does_not_block_the_event_loop(api: ApiClient) -> None:
    pauses: list[float] = []

    async def tick() -> None:
        while True:
            began = process_time()
            await asyncio.sleep(0.001)
            pauses.append(process_time() - began)

    ticking = asyncio.create_task(tick())
    for query in [*(query for query, _ in TOO_MUCH.values()), *SLOW_TO_VALIDATE.values()]:
        await api.send(query)
    ticking.cancel()
    # CPU time of this process between two turns of the event loop, in seconds. It includes the
    # client. About 0.05 was measured.
    assert max(pauses) < 1


async def test_a_response_contains_its_cost(api: ApiClient) -> None:
    query = "query ($n: Int) { orders(first: $n) { nodes { id } } }"
    answer = await api.send(query, n=3)
    assert answer["extensions"] == {"cost": 12 + 3 * 2}
    messages = await api.watch(query, n=3)
    assert messages[0]["payload"]["extensions"] == {"cost": 12 + 3 * 2}


async def test_the_limits_are_settings(engine: AsyncEngine, orders: OrderClient) -> None:
    limits = {
        "max_query_depth": "{ orders { totalCount } }",
        "max_query_aliases": "{ a: __typename b: __typename }",
        "max_query_directives": "{ __typename @skip(if: false) @include(if: true) }",
        "max_query_cost": "{ __typename x: __typename }",
        "max_query_tokens": "{ x }",
        "max_query_length": "{__typename}",
    }
    for name, query in limits.items():
        limit: dict[str, Any] = {name: 1}
        async with served(make_app(engine, orders, **limit)) as api:
            [error] = (await api.send(query))["errors"]
            assert error["extensions"] == {
                "code": "QUERY_LIMIT_EXCEEDED",
                "limit": name.removeprefix("max_query_"),
                "maximum": 1,
            }

"""Errors of an operation over graphql-transport-ws."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

QUERY = "query ($id: ID!) { order(id: $id) { id } }"
MUTATION = "mutation ($input: ApproveOrderInput!) { approveOrder(input: $input) { __typename } }"
SUBSCRIPTION = "subscription ($id: ID!) { orderEvents(orderId: $id) { type } }"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (QUERY, {}),
        (QUERY, {"id": None}),
        (QUERY, {"id": ["x"]}),
        (MUTATION, {}),
        (MUTATION, {"input": {"orderId": "x", "nothing": 1}}),
        (SUBSCRIPTION, {}),
        (SUBSCRIPTION, {"id": {}}),
    ],
)
async def test_a_variable_of_the_wrong_type_gets_an_error_frame(
    api: ApiClient, query: str, variables: dict[str, Any]
) -> None:
    [message] = await api.watch(query, **variables)
    assert message["type"] == "error"
    assert [error["extensions"]["code"] for error in message["payload"]] == ["BAD_USER_INPUT"]


async def test_a_field_error_is_sent_with_the_data(api: ApiClient) -> None:
    answer, complete = await api.watch("{ orders(first: 0) { totalCount } }")
    assert (answer["type"], answer["payload"]["data"]) == ("next", {"orders": None})
    assert answer["payload"]["errors"][0]["path"] == ["orders"]
    assert complete["type"] == "complete"


async def test_an_error_frame_ends_only_its_operation(api: ApiClient) -> None:
    async with api.socket() as socket:
        for payload in ({"query": QUERY}, {"query": QUERY, "variables": {"id": "no-such-order"}}):
            message = {"id": "1", "type": "subscribe", "payload": payload}
            await socket.send(json.dumps(message))
            answered = json.loads(await socket.recv())
            assert answered["type"] == ("next" if "variables" in payload else "error")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"query": 3},
        {"query": QUERY, "variables": []},
        {"query": QUERY, "operationName": 3},
        {"query": QUERY, "extensions": "x"},
        {"documentId": 3},
    ],
)
async def test_an_invalid_payload_closes_the_socket(
    api: ApiClient, payload: dict[str, Any]
) -> None:
    async with api.socket() as socket:
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        await socket.wait_closed()
        assert socket.close_code == 4400

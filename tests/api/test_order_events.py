"""The event stream of an order, over WebSocket and as server-sent events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support import operations

if TYPE_CHECKING:
    from temporalio.client import Client

    from tests.support.api_client import ApiClient

Json = dict[str, Any]

ALL = list(range(1, 11))


async def test_a_stream_delivers_every_event_once_and_ends_with_the_order(
    api: ApiClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    events: list[Json] = []
    async with api.watching(operations.ORDER_EVENTS, orderId=order_id) as watch:
        async for message in watch:
            if message["type"] == "complete":
                break
            event = message["payload"]["data"]["orderEvents"]
            events.append(event)
            if event["type"] == "REVIEW_STARTED":
                await api.approve(order_id)
    assert [event["sequence"] for event in events] == ALL
    assert events[-1]["state"] == "COMPLETED"
    assert {event["order"]["id"] for event in events} == {order_id}


async def test_a_stream_resumes_after_the_given_sequence(api: ApiClient, new_order: Json) -> None:
    await api.start({**new_order, "policy": {"reviewMode": "NONE"}})
    await api.reaches(new_order["id"], "COMPLETED")
    seen = {}
    for after in (0, 6, 9, 1_000):
        seen[after] = [
            message["payload"]["data"]["orderEvents"]["sequence"]
            for message in await api.watch(
                operations.ORDER_EVENTS, orderId=new_order["id"], afterSequence=after
            )
            if message["type"] == "next"
        ]
    assert seen == {0: ALL[:9], 6: [7, 8, 9], 9: [], 1_000: []}


async def test_an_event_stream_of_an_unknown_order_gets_an_error_frame(api: ApiClient) -> None:
    messages = await api.watch(operations.ORDER_EVENTS, orderId="nobody")
    assert [message["type"] for message in messages] == ["error"]
    assert messages[0]["payload"][0]["extensions"] == {"code": "ORDER_NOT_FOUND"}


async def test_invalid_variables_of_a_subscription_get_an_error_frame(api: ApiClient) -> None:
    for variables in ({"orderId": "x", "afterSequence": -1}, {"orderId": None}):
        messages = await api.watch(operations.ORDER_EVENTS, **variables)
        assert [message["type"] for message in messages] == ["error"]
        assert messages[0]["payload"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_streams_end_when_their_workflow_is_terminated(
    api: ApiClient, new_order: Json, temporal_client: Client
) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    await temporal_client.get_workflow_handle(new_order["id"]).terminate()
    messages = await api.watch(operations.ORDER_EVENTS, orderId=new_order["id"])
    assert [message["type"] for message in messages] == ["next"] * 3 + ["complete"]


async def test_server_sent_events_deliver_the_same_events(api: ApiClient, new_order: Json) -> None:
    await api.start({**new_order, "policy": {"reviewMode": "NONE"}})
    body = {"query": operations.ORDER_EVENTS, "variables": {"orderId": new_order["id"]}}
    sequences: list[int] = []
    async with api.http.stream(
        "POST", "/graphql", json=body, headers={"accept": "text/event-stream"}
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        name = ""
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: ") and name == "next":
                event = json.loads(line.removeprefix("data: "))["data"]["orderEvents"]
                sequences.append(event["sequence"])
            if name == "complete":
                break
    assert sequences == ALL[:9]


async def test_queries_and_mutations_may_use_the_socket_of_a_subscription(
    api: ApiClient, new_order: Json
) -> None:
    await api.start(new_order)
    messages = await api.watch(operations.STATE, id=new_order["id"])
    assert [message["type"] for message in messages] == ["next", "complete"]


async def test_a_syntax_error_leaves_the_socket_open(api: ApiClient) -> None:
    async with api.socket() as socket:
        for number, query in enumerate(["{ broken", "{ __typename }"]):
            payload = {"query": query}
            await socket.send(
                json.dumps({"id": str(number), "type": "subscribe", "payload": payload})
            )
        answers = [json.loads(await socket.recv()) for _ in range(3)]
    by_id = {(answer["id"], answer["type"]): answer.get("payload") for answer in answers}
    assert by_id["0", "error"][0]["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}
    assert by_id["1", "next"]["data"] == {"__typename": "Query"}


async def test_a_malformed_frame_closes_the_socket_with_4400(api: ApiClient) -> None:
    frames = [
        "3",
        "null",
        "[]",
        "{",
        '{"type": 3}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 3}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}}',
    ]
    for frame in frames:
        async with api.socket() as socket:
            await socket.send(frame)
            await socket.wait_closed()
            assert socket.close_code == 4400, frame

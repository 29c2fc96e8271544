"""Random bodies, headers and frames all get a well-formed response without internal details."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from tests.api.fuzzing import FUZZED, are_errors, has_no_internals, in_time, is_answer

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
PIECES = """
{ } ( ) [ ] : ! = | & @ $ ... " \"\"\" # , query mutation subscription fragment on F order orders id
first after nodes total amount events __typename __schema __type types name $n 3 -1 1e400 1.5 true
null NOWHERE "x" "\\u0000" "\\uD800" @skip if input startOrder filter
"""
WORDS = st.sampled_from(PIECES.split())
DOCUMENTS = (
    st.lists(WORDS, max_size=30).map(" ".join)
    | st.text(max_size=40)
    | st.sampled_from([
        "{ __typename }",
        "query ($n: Int) { orders(first: $n) { totalCount } }",
        "query A { __typename } query B { __typename }",
        "query ($f: OrderFilter) { orders(first: 1, filter: $f) { nodes { id } } }",
        'subscription { orderEvents(orderId: "nowhere") { type } }',
        'mutation { approveOrder(input: {orderId: "nowhere"}) { __typename } }',
    ])
)
REQUESTS = st.fixed_dictionaries(
    {"query": DOCUMENTS | VALUES},
    optional={
        "variables": st.dictionaries(st.sampled_from(["n", "f", "x"]), VALUES) | VALUES,
        "operationName": st.sampled_from(["A", "B", "C", ""]) | VALUES,
        "extensions": VALUES
        | st.fixed_dictionaries({"persistedQuery": st.fixed_dictionaries({"sha256Hash": VALUES})}),
        "documentId": VALUES,
    },
)


def spoilt(body: bytes, at: int, with_: bytes) -> bytes:
    place = at % (len(body) + 1)
    return body[:place] + with_ + body[place + len(with_) :]


SOUND = (REQUESTS | VALUES).map(lambda value: json.dumps(value).encode())
BODIES = (
    st.binary(max_size=60) | SOUND | st.builds(spoilt, SOUND, st.integers(0), st.binary(max_size=3))
)
HEADERS = st.fixed_dictionaries(
    {"content-type": st.just("application/json")},
    optional={
        "accept": st.sampled_from([
            "*/*",
            "application/json",
            "application/graphql-response+json",
            "text/event-stream",
            "application/json, text/event-stream",
            "text/html",
            "a/b;q=x, */*;q=0.1",
            ";;,=",
        ]),
        "content-encoding": st.sampled_from(["identity", "gzip", "x"]),
        "origin": st.sampled_from(["null", "https://elsewhere.example", "x"]),
    },
) | st.fixed_dictionaries({
    "content-type": st.text(st.characters(codec="latin-1", categories=["L", "N", "P"]), max_size=30)
})


@FUZZED
@given(body=BODIES, headers=HEADERS)
async def test_every_random_body_gets_a_well_formed_response(
    api: ApiClient, body: bytes, headers: dict[str, str]
) -> None:
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    response = await in_time(api.http.post("/graphql", content=body, headers=encoded))
    is_answer(response, body.decode(errors="replace"))


@FUZZED
@given(
    method=st.sampled_from(["GET", "GET", "GET", "PUT", "DELETE", "OPTIONS"]),
    params=st.dictionaries(
        st.sampled_from(["query", "variables", "operationName", "extensions", "documentId", "x"]),
        DOCUMENTS | VALUES.map(json.dumps),
    ),
)
async def test_every_random_query_string_gets_a_well_formed_response(
    api: ApiClient, method: str, params: dict[str, str]
) -> None:
    encoded = {name: value.encode(errors="surrogatepass") for name, value in params.items()}
    response = await in_time(api.http.request(method, "/graphql", params=encoded))
    is_answer(response, str(params))


IDS = st.sampled_from(["1", "2"]) | VALUES
MESSAGES = st.fixed_dictionaries(
    {"type": st.sampled_from(["subscribe", "subscribe", "complete", "ping", "pong", "x"]) | VALUES},
    optional={"id": IDS, "payload": REQUESTS | VALUES},
)
FRAMES = (
    MESSAGES.map(json.dumps)
    | VALUES.map(json.dumps)
    | st.text(st.characters(codec="utf-8"), max_size=30)
    | st.binary(max_size=20)
)
_PING = '{"type": "ping", "payload": {"last": true}}'
_CLOSED_FOR_A_REASON = {1003, 1007, 1009, 4400, 4401, 4409, 4429}


@FUZZED
@given(frames=st.lists(FRAMES, max_size=6))
async def test_every_random_frame_gets_a_response_or_closes_the_socket(
    api: ApiClient, frames: list[str | bytes]
) -> None:
    received: list[Any] = []
    sent = str(frames)
    async with api.socket() as socket:
        try:
            for frame in [*frames, _PING]:
                await in_time(socket.send(frame))
            # Besides the pings among the frames, the test's own. Its pong is the last response.
            pongs = 1 + sum(_is_ping(frame) for frame in frames)
            while pongs:
                received.append(json.loads(await in_time(socket.recv())))
                pongs -= received[-1]["type"] == "pong"
        except ConnectionClosed:
            assert socket.close_code in _CLOSED_FOR_A_REASON, (socket.close_code, sent)
            has_no_internals(socket.close_reason or "", sent)
    for message in received:
        has_no_internals(str(message.get("payload")), sent)
        if message["type"] == "error":
            are_errors(message["payload"])


def _is_ping(frame: str | bytes) -> bool:
    try:
        message = json.loads(frame)
    except ValueError:
        return False
    return isinstance(message, dict) and message.get("type") == "ping"

"""GraphQL over HTTP, request by request: what is sent, and the status and media type it gets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.api.client import ApiClient

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
TYPED = "{ __typename }"
TWO = "query A { __typename } query B { __typename }"
MUTATION = 'mutation { approveOrder(input: {orderId: "x"}) { __typename } }'


async def post(api: ApiClient, body: bytes | dict[str, Any], **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.http.post("/graphql", content=content, headers={"content-type": JSON, **named})


def kind(response: httpx.Response) -> str:
    return response.headers["content-type"].removesuffix("; charset=utf-8")


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, RESPONSE),
        ("", RESPONSE),
        ("*/*", RESPONSE),
        ("application/*", RESPONSE),
        (RESPONSE, RESPONSE),
        (JSON, JSON),
        ("Application/JSON", JSON),
        (f"{RESPONSE}; charset=utf-8, {JSON}; charset=utf-8", RESPONSE),
        (f"{JSON}, {RESPONSE}", RESPONSE),
        (f"{RESPONSE};q=0.5, {JSON}", JSON),
        (f"{RESPONSE};q=0.9, {JSON};q=0.95", JSON),
        (f"{JSON}, */*;q=0.1", JSON),
        (f"{RESPONSE};q=0, */*", JSON),
        (f"text/plain, {JSON};q=0.1", JSON),
        (f"{RESPONSE}; charset=utf-16, {JSON}", JSON),
        # What some clients say with every request, of whatever kind.
        (f"{RESPONSE}, {JSON}, text/event-stream, multipart/mixed", RESPONSE),
        (f"{JSON}, text/event-stream", JSON),
        ("text/event-stream", "text/event-stream"),
        (f"{JSON};q=0.5, text/event-stream", "text/event-stream"),
    ],
)
async def test_the_answer_comes_in_the_media_type_that_was_asked_for(
    api: ApiClient, accept: str | None, media_type: str
) -> None:
    request = api.http.build_request("POST", "/graphql", json={"query": TYPED})
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    response = await api.http.send(request)
    assert (response.status_code, kind(response)) == (200, media_type)
    assert '"data":{"__typename":"Query"}' in response.text


@pytest.mark.parametrize(
    "accept",
    ["text/plain", "image/*", f"{JSON};q=0", "*/*;q=0", f"{RESPONSE};charset=latin-1", "nonsense"],
)
async def test_what_cannot_be_sent_is_not_acceptable(api: ApiClient, accept: str) -> None:
    response = await post(api, {"query": TYPED}, accept=accept)
    assert (response.status_code, codes(response)) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($id: ID!) { order(id: $id) { id } }"}, "BAD_USER_INPUT"),
        (
            {
                "query": "query ($n: Int) { orders(first: $n) { totalCount } }",
                "variables": {"n": "x"},
            },
            "BAD_USER_INPUT",
        ),
        ({"query": TWO}, "BAD_USER_INPUT"),
        ({"query": TWO, "operationName": None}, "BAD_USER_INPUT"),
        ({"query": TWO, "operationName": ""}, "BAD_USER_INPUT"),
        ({"query": TWO, "operationName": "C"}, "BAD_USER_INPUT"),
        ({"query": TYPED, "operationName": "A"}, "BAD_USER_INPUT"),
        ({"query": "fragment F on Query { __typename }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": 'subscription { orderEvents(orderId: "x") { type } }'}, "BAD_USER_INPUT"),
        ({"documentId": "sha256:" + "0" * 64}, "PERSISTED_QUERY_NOT_FOUND"),
        (
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
            "PERSISTED_QUERY_NOT_FOUND",
        ),
    ],
)
async def test_a_request_that_cannot_be_executed_has_no_data(
    api: ApiClient, body: dict[str, Any], code: str
) -> None:
    for media_type, status in ((RESPONSE, 400), (JSON, 200)):
        response = await post(api, body, accept=media_type)
        assert (response.status_code, kind(response)) == (status, media_type)
        assert "data" not in response.json()
        assert set(codes(response)) == {code}


@pytest.mark.parametrize("media_type", [RESPONSE, JSON])
async def test_an_error_in_a_field_leaves_the_status_alone(api: ApiClient, media_type: str) -> None:
    body = {"query": "{ orders(first: 0) { totalCount } }"}
    response = await post(api, body, accept=media_type)
    assert (response.status_code, response.json()["data"]) == (200, {"orders": None})
    assert codes(response) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "body",
    [
        {"query": TYPED, "variables": None, "operationName": None, "extensions": None},
        {"query": TYPED, "variables": {}, "extensions": {}, "id": "of whatever kind"},
        {"query": TWO, "operationName": "B"},
        {"query": "query null { __typename }", "operationName": "null"},
        '{"query": "{ __typename } # ünïcode ☂"}'.encode(),
        b' \n{"query": "{ __typename }"}\n',
    ],
)
async def test_a_well_formed_request_is_executed(
    api: ApiClient, body: bytes | dict[str, Any]
) -> None:
    response = await post(api, body)
    assert response.status_code == 200
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "body",
    [
        b"3",
        b"null",
        b"true",
        b"[]",
        b'"query"',
        b"{",
        b"",
        b"\xff\xfe",
        b'\xef\xbb\xbf{"query": "{ __typename }"}',
        '{"query": "{ __typename }"}'.encode("utf-16"),
        b'{"query": "\xff"}',
        b'{"query": "\\ud800"}',
        b"{}",
        b'{"qeury": "{ __typename }"}',
        b'{"query": null}',
        b'{"query": 3}',
        b'{"query": {"query": "{ __typename }"}}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 3}',
        b'{"query": "{ __typename }", "extensions": 3}',
        b'{"query": "{ __typename }", "extensions": {"persistedQuery": 3}}',
        b'{"query": "{ __typename }", "documentId": 3}',
        b'{"query": "{ __typename }", "documentId": "sha256:0"}',
        b'{"query": "{ __typename }", "query": "{ __typename }"}',
        b'{"query": "{ __typename }", "variables": {}, "variables": {"query": 1}}',
        b'[{"query": "{ __typename }"}]',
        b'{"query": NaN}',
        b'{"query": "{ __typename }"} {}',
        b"query={__typename}",
        b"[" * 100_000,
        b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 3000 + b"1" + b"}" * 3001,
    ],
)
async def test_a_malformed_body_is_a_bad_request(api: ApiClient, body: bytes) -> None:
    for media_type in (RESPONSE, JSON):
        response = await post(api, body, accept=media_type)
        assert (response.status_code, kind(response)) == (400, media_type)
        assert (list(response.json()), codes(response)) == (["errors"], ["BAD_USER_INPUT"])
        assert response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ('Application/JSON; Charset="UTF-8"', 200),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=latin-1", 415),
        ("application/jsonp", 415),
        ("application/graphql", 415),
        ("application/graphql-response+json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("text/plain", 415),
        ("", 415),
        (None, 415),
    ],
)
async def test_a_body_comes_as_json(api: ApiClient, content_type: str | None, status: int) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    response = await api.http.post(
        "/graphql", content=b'{"query": "{ __typename }"}', headers=headers
    )
    assert response.status_code == status
    if status != 200:
        assert codes(response) == ["UNSUPPORTED_MEDIA_TYPE"]


async def test_a_compressed_body_is_not_taken(api: ApiClient) -> None:
    response = await post(api, b"\x1f\x8b", content_encoding="gzip")
    assert response.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY"])
async def test_no_other_method_is_taken(api: ApiClient, method: str) -> None:
    response = await api.http.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"query": TYPED}, 200),
        ({"query": TYPED, "variables": "", "operationName": "", "extensions": ""}, 200),
        ({"query": TYPED, "variables": "null"}, 200),
        ({"query": "query null { __typename }", "operationName": "null"}, 200),
        ({"query": TWO, "operationName": "B"}, 200),
        ({"query": "query ($a: Boolean!) { __typename @skip(if: $a) x: __typename }"}, 400),
        ({"query": TWO}, 400),
        ({"query": ""}, 400),
        ({}, 400),
        ({"variables": "{}"}, 400),
        ({"query": TYPED, "variables": "{"}, 400),
        ({"query": TYPED, "variables": "[]"}, 400),
        ({"query": TYPED, "extensions": "3"}, 400),
        ({"query": [TYPED, TYPED]}, 400),
        ({"documentId": "sha256:" + "0" * 64}, 400),
        ({"query": MUTATION}, 405),
    ],
)
async def test_a_query_goes_by_get(api: ApiClient, params: dict[str, Any], status: int) -> None:
    response = await api.http.get("/graphql", params=params)
    assert (response.status_code, kind(response)) == (status, RESPONSE)
    assert ("data" in response.json()) is (status == 200)


async def test_variables_go_by_get_too(api: ApiClient) -> None:
    params = {"query": "query ($id: ID!) { order(id: $id) { id } }", "variables": '{"id": "no"}'}
    response = await api.http.get("/graphql", params=params)
    assert response.json()["data"] == {"order": None}


@pytest.mark.parametrize("accept", [RESPONSE, JSON, "text/event-stream"])
async def test_a_mutation_does_not_go_by_get(api: ApiClient, accept: str) -> None:
    response = await api.http.get(
        "/graphql", params={"query": MUTATION}, headers={"accept": accept}
    )
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert codes(response) == ["METHOD_NOT_ALLOWED"]


async def test_an_error_that_comes_before_a_stream_has_its_status(api: ApiClient) -> None:
    for query in ("subscription {", "subscription { nothing }"):
        response = await post(api, {"query": query}, accept="text/event-stream")
        assert (response.status_code, kind(response)) == (400, RESPONSE)


async def test_caches_are_told_what_an_answer_depends_on(api: ApiClient) -> None:
    response = await post(api, {"query": TYPED})
    assert "accept" in response.headers["vary"].lower().replace(" ", "").split(",")

"""GraphQL over HTTP: the status and media type of the response to every kind of request.

The tests follow the specification of September 2026. docs/decisions/0007 covers older clients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.http_requests import JSON, RESPONSE, TWO, TYPED, codes, media_type_of, post

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

MUTATION = 'mutation { approveOrder(input: {orderId: "x"}) { __typename } }'


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
        # Some clients send these with every request.
        (f"{RESPONSE}, {JSON}, text/event-stream, multipart/mixed", RESPONSE),
        (f"{JSON}, text/event-stream", JSON),
        ("text/event-stream", "text/event-stream"),
        (f"{JSON};q=0.5, text/event-stream", "text/event-stream"),
    ],
)
async def test_the_response_has_the_media_type_that_the_client_prefers(
    api: ApiClient, accept: str | None, media_type: str
) -> None:
    request = api.http.build_request("POST", "/graphql", json={"query": TYPED})
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    response = await api.http.send(request)
    assert (response.status_code, media_type_of(response)) == (200, media_type)
    assert '"data":{"__typename":"Query"}' in response.text


@pytest.mark.parametrize(
    "accept",
    ["text/plain", "image/*", f"{JSON};q=0", "*/*;q=0", f"{RESPONSE};charset=latin-1", "nonsense"],
)
async def test_a_media_type_that_is_not_supported_is_not_acceptable(
    api: ApiClient, accept: str
) -> None:
    response = await post(api, {"query": TYPED}, accept=accept)
    assert (response.status_code, codes(response)) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"query": "{"}, 400, "GRAPHQL_PARSE_FAILED"),
        ({"query": ""}, 400, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($id: ID!) { order(id: $id) { id } }"}, 422, "BAD_USER_INPUT"),
        (
            {
                "query": "query ($n: Int) { orders(first: $n) { totalCount } }",
                "variables": {"n": "x"},
            },
            422,
            "BAD_USER_INPUT",
        ),
        ({"query": TWO}, 422, "BAD_USER_INPUT"),
        ({"query": TWO, "operationName": None}, 422, "BAD_USER_INPUT"),
        ({"query": TWO, "operationName": ""}, 422, "BAD_USER_INPUT"),
        ({"query": TWO, "operationName": "C"}, 422, "BAD_USER_INPUT"),
        ({"query": TYPED, "operationName": "A"}, 422, "BAD_USER_INPUT"),
        ({"query": "fragment F on Query { __typename }"}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": 'subscription { orderEvents(orderId: "x") { type } }'}, 422, "BAD_USER_INPUT"),
        ({"documentId": "sha256:" + "0" * 64}, 422, "PERSISTED_QUERY_NOT_FOUND"),
        (
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
            422,
            "PERSISTED_QUERY_NOT_FOUND",
        ),
    ],
)
async def test_a_request_that_is_not_executed_has_no_data_in_its_response(
    api: ApiClient, body: dict[str, Any], status: int, code: str
) -> None:
    for accept in (RESPONSE, JSON):
        response = await post(api, body, accept=accept)
        assert (response.status_code, media_type_of(response)) == (status, RESPONSE)
        assert "data" not in response.json()
        assert set(codes(response)) == {code}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (JSON, RESPONSE),
        (f"{JSON}, text/html", RESPONSE),
        (f"{JSON}, text/event-stream", RESPONSE),
        (f"{RESPONSE};q=0.5, {JSON}", JSON),
        (f"{JSON}, */*;q=0.1", JSON),
    ],
)
async def test_a_refusal_has_the_graphql_media_type_unless_json_is_explicitly_preferred(
    api: ApiClient, accept: str, media_type: str
) -> None:
    for body in ({"query": "{ nothing }"}, {}):
        response = await post(api, body, accept=accept)
        assert (response.status_code, media_type_of(response)) == (422, media_type)


@pytest.mark.parametrize(("accept", "status"), [(RESPONSE, 294), ("*/*", 294), (JSON, 200)])
async def test_an_error_in_a_field_is_a_partial_success(
    api: ApiClient, accept: str, status: int
) -> None:
    for query, data in (
        ("{ orders(first: 0) { totalCount } }", {"orders": None}),
        ("{ __typename orders(first: 0) { totalCount } }", {"__typename": "Query", "orders": None}),
    ):
        response = await post(api, {"query": query}, accept=accept)
        assert (response.status_code, response.json()["data"]) == (status, data)
        assert response.is_success
        assert codes(response) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY"])
async def test_methods_other_than_get_and_post_are_refused(api: ApiClient, method: str) -> None:
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
        ({"query": "query ($a: Boolean!) { __typename @skip(if: $a) x: __typename }"}, 422),
        ({"query": TWO}, 422),
        ({"query": ""}, 400),
        ({}, 422),
        ({"variables": "{}"}, 422),
        ({"query": TYPED, "variables": "{"}, 422),
        ({"query": TYPED, "variables": "[]"}, 422),
        ({"query": TYPED, "extensions": "3"}, 422),
        ({"query": [TYPED, TYPED]}, 422),
        ({"documentId": "sha256:" + "0" * 64}, 422),
        ({"query": MUTATION}, 405),
    ],
)
async def test_a_query_may_be_sent_by_get(
    api: ApiClient, params: dict[str, Any], status: int
) -> None:
    response = await api.http.get("/graphql", params=params)
    assert (response.status_code, media_type_of(response)) == (status, RESPONSE)
    assert ("data" in response.json()) is (status == 200)


async def test_variables_may_be_sent_by_get(api: ApiClient) -> None:
    params = {"query": "query ($id: ID!) { order(id: $id) { id } }", "variables": '{"id": "no"}'}
    response = await api.http.get("/graphql", params=params)
    assert response.json()["data"] == {"order": None}


@pytest.mark.parametrize("accept", [RESPONSE, JSON, "text/event-stream"])
async def test_a_mutation_by_get_is_refused(api: ApiClient, accept: str) -> None:
    response = await api.http.get(
        "/graphql", params={"query": MUTATION}, headers={"accept": accept}
    )
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert codes(response) == ["METHOD_NOT_ALLOWED"]


async def test_an_error_before_a_stream_starts_has_an_http_status(api: ApiClient) -> None:
    for query, status in (
        ("subscription {", 400),
        ("subscription { nothing }", 422),
        # A query or mutation is executed before the stream starts.
        ("query ($id: ID!) { order(id: $id) { id } }", 422),
    ):
        response = await post(api, {"query": query}, accept="text/event-stream")
        assert (response.status_code, media_type_of(response)) == (status, RESPONSE)


async def test_a_response_tells_caches_which_headers_it_depends_on(api: ApiClient) -> None:
    response = await post(api, {"query": TYPED})
    assert "accept" in response.headers["vary"].lower().replace(" ", "").split(",")

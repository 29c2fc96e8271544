"""Which request bodies and media types are accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.http_requests import JSON, RESPONSE, TWO, TYPED, codes, media_type_of, post

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient


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
    ("status", "body"),
    [
        (400, b"{"),
        (400, b""),
        (400, b"\xff\xfe"),
        (400, b'\xef\xbb\xbf{"query": "{ __typename }"}'),
        (400, '{"query": "{ __typename }"}'.encode("utf-16")),
        (400, b'{"query": "\xff"}'),
        (400, b'{"query": "\\ud800"}'),
        (400, b'{"query": NaN}'),
        (400, b'{"query": "{ __typename }"} {}'),
        (400, b"query={__typename}"),
        (400, b"[" * 100_000),
        (
            400,
            b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 3000 + b"1" + b"}" * 3001,
        ),
        (422, b"3"),
        (422, b"null"),
        (422, b"true"),
        (422, b"[]"),
        (422, b'"query"'),
        (422, b"{}"),
        (422, b'{"qeury": "{ __typename }"}'),
        (422, b'{"query": null}'),
        (422, b'{"query": 3}'),
        (422, b'{"query": {"query": "{ __typename }"}}'),
        (422, b'{"query": ["{ __typename }"]}'),
        (422, b'{"query": "{ __typename }", "variables": []}'),
        (422, b'{"query": "{ __typename }", "variables": "{}"}'),
        (422, b'{"query": "{ __typename }", "operationName": 3}'),
        (422, b'{"query": "{ __typename }", "extensions": 3}'),
        (422, b'{"query": "{ __typename }", "extensions": {"persistedQuery": 3}}'),
        (422, b'{"query": "{ __typename }", "documentId": 3}'),
        (422, b'{"query": "{ __typename }", "documentId": "sha256:0"}'),
        (422, b'{"query": "{ __typename }", "query": "{ __typename }"}'),
        (422, b'{"query": "{ __typename }", "variables": {}, "variables": {"query": 1}}'),
        (422, b'{"query": "{ __typename }", "\\u0071uery": "{ __typename }"}'),
        (422, b'[{"query": "{ __typename }"}]'),
    ],
)
async def test_a_body_that_is_not_a_graphql_request_in_json_is_refused(
    api: ApiClient, status: int, body: bytes
) -> None:
    for accept in (RESPONSE, JSON):
        response = await post(api, body, accept=accept)
        assert (response.status_code, media_type_of(response)) == (status, RESPONSE)
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
async def test_a_body_with_another_media_type_than_json_is_refused(
    api: ApiClient, content_type: str | None, status: int
) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    response = await api.http.post(
        "/graphql", content=b'{"query": "{ __typename }"}', headers=headers
    )
    assert response.status_code == status
    if status != 200:
        assert codes(response) == ["UNSUPPORTED_MEDIA_TYPE"]


async def test_a_compressed_body_is_refused(api: ApiClient) -> None:
    response = await post(api, b"\x1f\x8b", content_encoding="gzip")
    assert response.status_code == 415

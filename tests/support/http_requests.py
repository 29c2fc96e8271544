"""GraphQL requests as raw HTTP, and parts of their responses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from tests.support.api_client import ApiClient

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
TYPED = "{ __typename }"
TWO = "query A { __typename } query B { __typename }"


async def post(api: ApiClient, body: bytes | dict[str, Any], **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.http.post("/graphql", content=content, headers={"content-type": JSON, **named})


def media_type_of(response: httpx.Response) -> str:
    return response.headers["content-type"].removesuffix("; charset=utf-8")


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]

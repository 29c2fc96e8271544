"""What every random request must get: a well-formed response, in time, without internal details."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import orjson
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import TypeVar

    import httpx

    T = TypeVar("T")

TIMEOUT = 15.0  # seconds

# `make fuzz` uses a profile with more examples.
FUZZED = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)

_INSIDE = re.compile(
    r"Traceback|File \"|site-packages|[\w/]+\.py\b|\bSELECT\b|\bINSERT\b|\bUPDATE\b .* \bSET\b"
    r"|asyncpg|sqlalchemy|temporalio|strawberry|graphql_core|<class|object at 0x|NoneType"
    r"|\b\w+(?:Error|Exception)\b(?!\")"
)
_CODES = frozenset({
    "BAD_USER_INPUT",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "QUERY_LIMIT_EXCEEDED",
    "PERSISTED_QUERY_NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "UNSUPPORTED_MEDIA_TYPE",
    "REQUEST_TOO_LARGE",
    "ORDER_NOT_FOUND",
})
"""Codes of client errors. Any other code is a failure of the server."""


async def in_time(answer: Awaitable[T]) -> T:
    async with asyncio.timeout(TIMEOUT):
        return await answer


def has_no_internals(text: str, sent: str) -> None:
    """Assert that a text has no internal details, apart from those in the request."""
    inside = [found.group() for found in _INSIDE.finditer(text)]
    assert [one for one in inside if one not in sent] == [], text


def is_answer(response: httpx.Response, sent: str) -> None:
    """Assert that a response is a result or a well-formed refusal."""
    assert response.status_code < 500, response.text
    has_no_internals(response.text, sent)
    kind = response.headers["content-type"].partition(";")[0]
    if kind in {"application/json", "application/graphql-response+json"}:
        result = orjson.loads(response.content)
        assert result.keys() <= {"data", "errors", "extensions"}
        assert "data" in result or result["errors"]
        are_errors(result.get("errors", []))
    else:
        assert kind in {"text/html", "text/event-stream"}
        assert "INTERNAL_SERVER_ERROR" not in response.text


def are_errors(errors: list[dict[str, Any]]) -> None:
    """Assert that every error has the code of a client error."""
    for error in errors:
        assert error["message"]
        assert error["extensions"]["code"] in _CODES, error

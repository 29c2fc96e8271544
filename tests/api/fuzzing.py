"""What must be so whatever is sent: an answer, in time, that tells nothing of the inside."""

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

PATIENCE = 15.0

# `make fuzz` has a profile with more of them.
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
"""Those that are the client's doing. Any other says that the server did not cope."""


async def in_time(answer: Awaitable[T]) -> T:
    """Wait for an answer, but not for ever."""
    async with asyncio.timeout(PATIENCE):
        return await answer


def tells_nothing(text: str, sent: str) -> None:
    """Fail where a text has something of the inside that was not sent in the first place."""
    inside = [found.group() for found in _INSIDE.finditer(text)]
    assert [one for one in inside if one not in sent] == [], text


def is_answer(response: httpx.Response, sent: str) -> None:
    """Fail where this is not how a request is answered, or refused."""
    assert response.status_code < 500, response.text
    tells_nothing(response.text, sent)
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
    """Fail where an error is not one of a client's."""
    for error in errors:
        assert error["message"]
        assert error["extensions"]["code"] in _CODES, error

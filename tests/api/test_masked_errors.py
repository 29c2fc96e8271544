"""Internal errors are logged; the client gets only the ID of the log entry."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import pytest

from gql.documents.preparer import DocumentPreparer
from gql.streams.hub import EventStreams
from persistence.reads import Reads

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

INSIDE = "/srv/secret.py: SELECT 1 FROM users"
COUNT = "{ orders { totalCount } }"
WATCH = 'subscription { orderEvents(orderId: "order-1") { type } }'
STREAM = {"accept": "text/event-stream"}

pytestmark = pytest.mark.usefixtures("_broken")


@pytest.fixture
def _broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError(INSIDE)

    monkeypatch.setattr(Reads, "count", fail)
    monkeypatch.setattr(EventStreams, "events", fail)


async def answers(api: ApiClient, query: str) -> list[str]:
    """Send a query over every transport."""
    streamed = await api.http.post("/graphql", json={"query": query}, headers=STREAM)
    plain = await api.http.post("/graphql", json={"query": query})
    return [streamed.text, plain.text, str(await api.watch(query))]


def ids_in(answer: str) -> set[str]:
    return set(re.findall(r"\b[0-9a-f]{32}\b", answer))


@pytest.mark.parametrize(("query", "told"), [(COUNT, 3), (WATCH, 2)])
async def test_an_error_in_a_field_or_a_stream_is_masked(
    api: ApiClient, caplog: pytest.LogCaptureFixture, query: str, told: int
) -> None:
    texts = [answer for answer in await answers(api, query) if "INTERNAL" in answer]
    assert len(texts) == told
    for answer in texts:
        assert "secret" not in answer
        assert "ValueError" not in answer
        [error_id] = ids_in(answer)
        assert f"error {error_id}" in caplog.text
    assert INSIDE in caplog.text


async def test_an_error_before_execution_is_masked(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(INSIDE)

    monkeypatch.setattr(DocumentPreparer, "prepare", fail)
    for media_type, status in (
        ("application/graphql-response+json", 500),
        ("application/json", 500),
        ("text/event-stream", 500),
    ):
        response = await api.http.post(
            "/graphql", json={"query": COUNT}, headers={"accept": media_type}
        )
        assert response.status_code == status
        [error] = response.json()["errors"]
        assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert ids_in(response.text) == {error["extensions"]["errorId"]}
        assert "secret" not in response.text
    [message] = await api.watch(COUNT)
    assert message["payload"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret" not in str(message)
    assert all(
        record.levelno == logging.ERROR for record in caplog.records if record.name == "gql.errors"
    )

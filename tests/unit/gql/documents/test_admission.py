"""Admission: the limit on concurrent requests, and what lowers it."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest
from strawberry.types import ExecutionResult

from gql.documents import admission
from gql.documents.admission import DEGRADED_SECONDS, Admission
from gql.errors import ErrorCode, RequestError, RequestRejected, UnavailableSource, bad_input

if TYPE_CHECKING:
    from graphql import GraphQLError

UNAVAILABLE = RequestError(ErrorCode.SERVICE_UNAVAILABLE, "Temporal did not respond. Retry.")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(admission, "monotonic", clock)
    return clock


def result(
    *errors: GraphQLError, degraded: list[UnavailableSource] | None = None
) -> ExecutionResult:
    extensions: dict[str, Any] | None = {"degraded": degraded} if degraded else None
    return ExecutionResult(data={}, errors=list(errors) or None, extensions=extensions)


def free_places(limiter: Admission) -> int:
    """Count how many concurrent requests are admitted."""
    admitted = 0
    with ExitStack() as requests, suppress(RequestRejected):
        for _ in range(100):
            requests.enter_context(limiter.admit())
            admitted += 1
    return admitted


def test_requests_up_to_the_limit_are_admitted_and_free_their_places_when_they_end() -> None:
    limiter = Admission(8)
    assert (free_places(limiter), free_places(limiter)) == (8, 8)


@pytest.mark.parametrize(
    "lacking",
    [
        result(UNAVAILABLE, degraded=[UnavailableSource.RECORD]),
        result(bad_input("wrong"), UNAVAILABLE, degraded=[UnavailableSource.TEMPORAL]),
        result(degraded=[UnavailableSource.TEMPORAL]),
        result(degraded=[UnavailableSource.RECORD, UnavailableSource.WORKER]),
    ],
)
def test_a_quarter_of_the_limit_applies_for_a_while_after_a_source_was_unavailable(
    clock: Clock, lacking: ExecutionResult
) -> None:
    limiter = Admission(8)
    limiter.observe(lacking)
    assert free_places(limiter) == 2
    limiter.observe(result())
    clock.now += DEGRADED_SECONDS - 0.1
    assert free_places(limiter) == 2
    clock.now += 0.2
    assert free_places(limiter) == 8


@pytest.mark.parametrize(
    "unaffected",
    [
        result(),
        result(bad_input("wrong")),
        result(degraded=[UnavailableSource.WORKER]),
        result(UNAVAILABLE, degraded=[UnavailableSource.WORKER]),
    ],
)
def test_an_invalid_request_or_an_unavailable_worker_does_not_lower_the_limit(
    clock: Clock, unaffected: ExecutionResult
) -> None:
    limiter = Admission(8)
    limiter.observe(unaffected)
    assert (free_places(limiter), clock.now) == (8, 100.0)


@pytest.mark.usefixtures("clock")
def test_a_lowered_limit_still_admits_one_request() -> None:
    limiter = Admission(2)
    limiter.observe(result(UNAVAILABLE, degraded=[UnavailableSource.RECORD]))
    assert free_places(limiter) == 1

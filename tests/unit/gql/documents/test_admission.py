"""Admission: the limit on concurrent requests, and what lowers it."""

from __future__ import annotations

from contextlib import ExitStack, suppress

import pytest

from gql.documents import admission
from gql.documents.admission import DEGRADED_SECONDS, Admission
from gql.errors import RequestError, RequestRejected, UnavailableSource


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


def admission_of(max_requests: int) -> Admission:
    return Admission(max_requests=max_requests, max_connections=1)


def free_places(limiter: Admission) -> int:
    """Count how many concurrent requests are admitted."""
    admitted = 0
    with ExitStack() as requests, suppress(RequestRejected):
        for _ in range(100):
            requests.enter_context(limiter.admit())
            admitted += 1
    return admitted


def test_requests_up_to_the_limit_are_admitted_and_free_their_places_when_they_end() -> None:
    limiter = admission_of(8)
    assert (free_places(limiter), free_places(limiter)) == (8, 8)


@pytest.mark.parametrize(
    "unavailable",
    [
        {UnavailableSource.RECORD},
        {UnavailableSource.TEMPORAL},
        {UnavailableSource.RECORD, UnavailableSource.WORKER},
    ],
)
def test_a_quarter_of_the_limit_applies_for_a_while_after_a_source_was_unavailable(
    clock: Clock, unavailable: set[UnavailableSource]
) -> None:
    limiter = admission_of(8)
    limiter.observe(unavailable)
    assert free_places(limiter) == 2
    limiter.observe(set())
    clock.now += DEGRADED_SECONDS - 0.1
    assert free_places(limiter) == 2
    clock.now += 0.2
    assert free_places(limiter) == 8


def test_an_unavailable_worker_does_not_lower_the_limit(clock: Clock) -> None:
    limiter = admission_of(8)
    limiter.observe({UnavailableSource.WORKER})
    assert (free_places(limiter), clock.now) == (8, 100.0)


@pytest.mark.usefixtures("clock")
def test_a_lowered_limit_still_admits_one_request() -> None:
    limiter = admission_of(2)
    limiter.observe({UnavailableSource.RECORD})
    assert free_places(limiter) == 1


def test_connections_are_accepted_up_to_their_limit_and_free_their_places_when_they_end() -> None:
    limiter = admission_of(8)
    with limiter.connection():
        assert not limiter.accepts_connections
    assert limiter.accepts_connections


def test_half_of_the_requests_may_wait_for_an_order() -> None:
    limiter = admission_of(4)
    with limiter.wait(), limiter.wait(), pytest.raises(RequestError), limiter.wait():
        pass
    with limiter.wait():
        assert free_places(limiter) == 4

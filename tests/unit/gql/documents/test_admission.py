"""How many operations are admitted, and what makes the API admit fewer."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest
from strawberry.types import ExecutionResult

from gql.documents import admission
from gql.documents.admission import WARY_FOR, Admission
from gql.errors import ErrorCode, RequestError, RequestRejected, UnavailableSource, bad_input

if TYPE_CHECKING:
    from graphql import GraphQLError

UNAVAILABLE = RequestError(ErrorCode.SERVICE_UNAVAILABLE, "Temporal did not answer.")


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


def room(one: Admission) -> int:
    """Count how many are admitted beside each other."""
    admitted = 0
    with ExitStack() as under_way, suppress(RequestRejected):
        for _ in range(100):
            under_way.enter_context(one.admit())
            admitted += 1
    return admitted


def test_so_many_are_admitted_at_a_time_and_as_many_again_after_them() -> None:
    one = Admission(8)
    assert (room(one), room(one)) == (8, 8)


@pytest.mark.parametrize(
    "unanswered",
    [
        result(UNAVAILABLE, degraded=[UnavailableSource.RECORD]),
        result(bad_input("wrong"), UNAVAILABLE, degraded=[UnavailableSource.TEMPORAL]),
        result(degraded=[UnavailableSource.TEMPORAL]),
        result(degraded=[UnavailableSource.RECORD, UnavailableSource.WORKER]),
    ],
)
def test_a_quarter_is_admitted_for_a_while_after_something_did_not_answer(
    clock: Clock, unanswered: ExecutionResult
) -> None:
    one = Admission(8)
    one.note(unanswered)
    assert room(one) == 2
    one.note(result())
    clock.now += WARY_FOR - 0.1
    assert room(one) == 2
    clock.now += 0.2
    assert room(one) == 8


@pytest.mark.parametrize(
    "answered",
    [
        result(),
        result(bad_input("wrong")),
        result(degraded=[UnavailableSource.WORKER]),
        result(UNAVAILABLE, degraded=[UnavailableSource.WORKER]),
    ],
)
def test_a_wrong_request_and_a_worker_that_is_away_make_no_difference(
    clock: Clock, answered: ExecutionResult
) -> None:
    one = Admission(8)
    one.note(answered)
    assert (room(one), clock.now) == (8, 100.0)


@pytest.mark.usefixtures("clock")
def test_at_least_one_is_admitted_to_find_out() -> None:
    one = Admission(2)
    one.note(result(UNAVAILABLE, degraded=[UnavailableSource.RECORD]))
    assert room(one) == 1

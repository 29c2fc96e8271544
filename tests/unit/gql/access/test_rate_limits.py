from __future__ import annotations

from contextlib import ExitStack

import pytest

from gql.access import rate_limits
from gql.access.principal import DEVELOPER, Principal, PrincipalKind
from gql.access.rate_limits import CallerLimits
from gql.access.settings import RateLimit
from gql.errors import RequestRejected

RATE = RateLimit(points_per_second=10, bucket_points=100)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def caller(name: str, kind: PrincipalKind = PrincipalKind.USER) -> Principal:
    return Principal(name, kind, None, frozenset())


def retry_after(limits: CallerLimits, who: Principal, points: int) -> object:
    with pytest.raises(RequestRejected) as rejected:
        limits.spend(who, points)
    [error] = rejected.value.errors
    assert error.extensions is not None
    assert error.extensions["code"] == "TOO_MANY_REQUESTS"
    return error.extensions["retryAfter"]


def test_a_bucket_starts_full_and_fills_again_at_its_rate() -> None:
    clock = Clock()
    limits, ada = CallerLimits(RATE, None, clock), caller("ada")
    assert limits.spend(ada, 70) == 30
    assert limits.spend(ada, 30) == 0
    clock.now += 2
    assert limits.spend(ada, 5) == 15
    clock.now += 3600
    assert limits.spend(ada, 1) == 99


def test_a_rejected_operation_takes_nothing_and_says_when_it_fits() -> None:
    clock = Clock()
    limits, ada = CallerLimits(RATE, None, clock), caller("ada")
    limits.spend(ada, 95)
    assert retry_after(limits, ada, 30) == 3  # 25 points are missing
    assert limits.spend(ada, 5) == 0
    assert retry_after(limits, ada, 1) == 1
    clock.now += 3
    assert limits.spend(ada, 30) == 0


def test_an_operation_larger_than_the_bucket_takes_all_of_it() -> None:
    clock = Clock()
    limits, ada = CallerLimits(RATE, None, clock), caller("ada")
    assert limits.spend(ada, 1_000) == 0
    assert retry_after(limits, ada, 1_000) == 10
    clock.now += 10
    assert limits.spend(ada, 1_000) == 0


def test_rejected_documents_can_leave_a_caller_in_debt() -> None:
    clock = Clock()
    limits, ada = CallerLimits(RATE, None, clock), caller("ada")
    limits.check_debt(ada)
    limits.charge_document(ada, 1_000)  # 100 of 1,000 points are paid
    with pytest.raises(RequestRejected, match="Retry in 90 seconds"):
        limits.check_debt(ada)
    limits.check_debt(caller("bob"))
    clock.now += 90
    limits.check_debt(ada)
    assert retry_after(limits, ada, 1) == 1


def test_callers_have_buckets_of_their_own_and_a_user_is_not_a_key() -> None:
    limits = CallerLimits(RATE, None, Clock())
    assert limits.spend(caller("ada"), 100) == 0
    assert limits.spend(caller("bob"), 1) == 99
    assert limits.spend(caller("ada", PrincipalKind.API_KEY), 1) == 99


def test_buckets_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_BUCKETS", 3)
    limits = CallerLimits(RATE, None, Clock())
    for name in ("a", "b", "c", "a", "d"):
        limits.spend(caller(name), 10)
    assert [name for _, name in limits._buckets] == ["c", "a", "d"]  # ruff: ignore[private-member-access] - their memory


def test_without_limits_nothing_is_counted_out() -> None:
    limits = CallerLimits(None, None)
    assert limits.spend(DEVELOPER, 1_000_000_000) is None
    limits.charge_document(DEVELOPER, 1_000)
    limits.check_debt(DEVELOPER)
    with ExitStack() as streams:
        for _ in range(1_000):
            streams.enter_context(limits.stream(DEVELOPER))


def test_open_streams_are_limited_per_caller_until_one_ends() -> None:
    limits, ada = CallerLimits(None, 2), caller("ada")
    with ExitStack() as streams:
        streams.enter_context(limits.stream(ada))
        with limits.stream(ada):
            with pytest.raises(RequestRejected) as rejected, limits.stream(ada):
                pass
            assert "limit of 2 open streams" in rejected.value.errors[0].message
            with limits.stream(caller("bob")):
                pass
        streams.enter_context(limits.stream(ada))
    assert not limits._streams  # ruff: ignore[private-member-access] - their memory

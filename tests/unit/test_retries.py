"""Time limits and delays of steps and shipping attempts, and reasons for failures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError, ChildWorkflowError

from orchestration.retries import failure_reason, shipping_retry_delay, step_limits
from tests.support.orders import make_order


@pytest.mark.parametrize(
    ("delay", "backoff", "delays"),
    [
        (2, 1, [2, 2, 2]),
        (0.5, 3, [0.5, 1.5, 4.5]),
        (600, 10, [600, 3600, 3600]),
    ],
    ids=["fixed", "growing", "capped"],
)
def test_the_delay_after_a_failed_shipment_grows_up_to_an_hour(
    delay: float, backoff: float, delays: list[float]
) -> None:
    policy = make_order(shipping_retry_delay=delay, shipping_retry_backoff=backoff).policy
    assert [shipping_retry_delay(policy, attempt) for attempt in (1, 2, 3)] == delays


def test_a_long_reason_of_a_provider_is_shortened() -> None:
    error = ChildWorkflowError(
        "failed",
        namespace="",
        workflow_id="",
        run_id="",
        workflow_type="",
        initiated_event_id=0,
        started_event_id=0,
        retry_state=None,
    )
    error.__cause__ = ApplicationError("x" * 100_000)
    assert len(failure_reason(error)) == 1_000


def test_a_second_activity_has_the_attempts_that_the_first_one_did_not_make() -> None:
    limited, unlimited = (make_order(activity_attempts=attempts).policy for attempts in (5, None))
    assert step_limits(limited, attempts_made=2)["retry_policy"].maximum_attempts == 3
    # Temporal's unlimited
    assert step_limits(unlimited, attempts_made=2)["retry_policy"].maximum_attempts == 0


@pytest.mark.parametrize(
    ("policy", "first", "longest"),
    [
        ({"activity_retry_delay": 1}, 1, 300),
        ({"activity_retry_delay": 3600}, 3600, 3600),
        ({"activity_retry_delay": 0.005, "activity_max_retry_delay": 0.2}, 0.005, 0.2),
        ({"activity_retry_delay": 1, "activity_max_retry_delay": 3600}, 1, 3600),
        ({"activity_retry_delay": 1, "activity_max_retry_delay": 0.2}, 0.2, 0.2),
    ],
)
def test_no_delay_between_attempts_at_a_step_exceeds_the_longest(
    policy: dict[str, Any], first: float, longest: float
) -> None:
    retries = step_limits(make_order(**policy).policy)["retry_policy"]
    assert retries.initial_interval == timedelta(seconds=first)
    assert retries.maximum_interval == timedelta(seconds=longest)

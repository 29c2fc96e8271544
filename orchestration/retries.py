"""How activities are retried, and what is left to say when that comes to an end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ChildWorkflowError, FailureError

if TYPE_CHECKING:
    from orchestration.domain.order import Policy

UNTIL_DONE = RetryPolicy(
    initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=10)
)
"""For what has to happen whatever it takes: the record, and each undoing."""

UNTIL_DONE_TIMEOUT = timedelta(seconds=5)
"""How long one attempt at such a thing may take."""

_LONGEST_DELAY = timedelta(minutes=5)


def by_policy(policy: Policy) -> RetryPolicy:
    """Retry a charge or a shipping step as the order's policy says."""
    delay = timedelta(seconds=policy.activity_retry_delay)
    return RetryPolicy(
        initial_interval=delay,
        backoff_coefficient=policy.activity_retry_backoff,
        maximum_interval=max(delay, _LONGEST_DELAY),
        maximum_attempts=policy.activity_attempts or 0,
    )


def reason_of(error: ActivityError | ChildWorkflowError) -> str:
    """Say in the cause's own words why an activity or a child ended badly."""
    cause = error.cause
    return cause.message if isinstance(cause, FailureError) else str(cause or error)

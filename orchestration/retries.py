"""Time limits and retries of activities, and the reason that remains when they are exhausted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypedDict

from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ChildWorkflowError, FailureError

from orchestration.domain.validation import MAX_RETRY_DELAY

if TYPE_CHECKING:
    from orchestration.domain.order import Policy

RETRY_FOREVER = RetryPolicy(
    initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=10)
)
"""For activities that must eventually succeed: writes to the record, and compensations."""

ATTEMPT_TIMEOUT = timedelta(seconds=5)
"""Start-to-close timeout of activities that use RETRY_FOREVER."""

WRITE_AHEAD_TIMEOUT = timedelta(seconds=2)
"""For an activity that writes the record before it acts: the limit of its wait for a slot, and the
limit of its write. After either one, the journal writes the record."""

_MAX_RETRY_INTERVAL = timedelta(minutes=5)
_MAX_REASON_LENGTH = 1_000


class StepLimits(TypedDict):
    """Arguments for the execution of an activity."""

    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta | None
    retry_policy: RetryPolicy


def step_limits(
    policy: Policy, attempts_made: int = 0, write_time: timedelta | None = None
) -> StepLimits:
    """Return the limits of a charge or shipping step of an order with this policy.

    Args:
        policy: the policy of the order.
        attempts_made: attempts that an earlier activity made at the same step.
        write_time: time that each attempt has for writing the record before it acts.
    """
    total = policy.activity_total_timeout
    return StepLimits(
        start_to_close_timeout=timedelta(seconds=policy.activity_timeout)
        + (write_time or timedelta(0)),
        schedule_to_close_timeout=None if total is None else timedelta(seconds=total),
        retry_policy=_retry_policy(policy, attempts_made),
    )


def _retry_policy(policy: Policy, attempts_made: int) -> RetryPolicy:
    delay = timedelta(seconds=policy.activity_retry_delay)
    longest = max(delay, _MAX_RETRY_INTERVAL)
    if policy.activity_max_retry_delay is not None:
        longest = timedelta(seconds=policy.activity_max_retry_delay)
    attempts = policy.activity_attempts
    return RetryPolicy(
        initial_interval=min(delay, longest),
        backoff_coefficient=policy.activity_retry_backoff,
        maximum_interval=longest,
        maximum_attempts=0 if attempts is None else attempts - attempts_made,
    )


def shipping_retry_delay(policy: Policy, attempt: int) -> float:
    """Return the seconds to wait after this failed attempt. They grow up to MAX_RETRY_DELAY."""
    delay = policy.shipping_retry_delay * policy.shipping_retry_backoff ** (attempt - 1)
    return min(delay, MAX_RETRY_DELAY)


def failure_reason(error: ActivityError | ChildWorkflowError) -> str:
    """Return the message of the cause, without Temporal's wrapping errors.

    A provider may send any text. It is shortened, because each copy is kept in the history.
    """
    cause = error.cause
    reason = cause.message if isinstance(cause, FailureError) else str(cause or error)
    return reason[:_MAX_REASON_LENGTH]

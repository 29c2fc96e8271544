"""How patient an order is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import strawberry

from gql.scalars import Duration
from gql.types.enums import ReviewMode

if TYPE_CHECKING:
    from orchestration.domain.order import Policy


@strawberry.type(
    description="How patient the order is, as resolved when it started:"
    " no later setting changes it."
)
class OrderPolicy:
    """Every field resolved."""

    review_mode: ReviewMode = strawberry.field(description="Who decides before the charge.")
    review_timeout: Duration | None = strawberry.field(
        description="How long the review lasts; null: without limit."
    )
    deadline: Duration | None = strawberry.field(
        description="From its start to the carrier, else it is undone; null: without limit."
    )
    activity_timeout: Duration = strawberry.field(description="How long one attempt may take.")
    activity_attempts: int | None = strawberry.field(
        description="How often a step is tried; null: without limit."
    )
    shipping_attempts: int = strawberry.field(description="How often shipping is tried.")
    activity_retry_delay: Duration = strawberry.field(
        description="Between a step's first attempt and its second."
    )
    activity_retry_backoff: float = strawberry.field(
        description="By what the delay grows with each attempt."
    )
    shipping_retry_delay: Duration = strawberry.field(
        description="Between the first shipping attempt and the second."
    )
    shipping_retry_backoff: float = strawberry.field(
        description="By what that delay grows with each attempt."
    )
    delivery_timeout: Duration | None = strawberry.field(
        description="How long to wait for confirmDelivery after shipping; null: not at all."
    )

    @classmethod
    def of(cls, policy: Policy) -> Self:
        """Show the domain's policy."""
        return cls(
            review_mode=policy.review_mode,
            review_timeout=_duration(policy.review_timeout),
            deadline=_duration(policy.deadline),
            activity_timeout=Duration(policy.activity_timeout),
            activity_attempts=policy.activity_attempts,
            shipping_attempts=policy.shipping_attempts,
            activity_retry_delay=Duration(policy.activity_retry_delay),
            activity_retry_backoff=policy.activity_retry_backoff,
            shipping_retry_delay=Duration(policy.shipping_retry_delay),
            shipping_retry_backoff=policy.shipping_retry_backoff,
            delivery_timeout=_duration(policy.delivery_timeout),
        )


def _duration(seconds: float | None) -> Duration | None:
    return None if seconds is None else Duration(seconds)

"""The resolved policy of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import strawberry

from gql.scalars import Duration
from gql.types.enums import ReviewMode

if TYPE_CHECKING:
    from orchestration.domain.order import Policy


@strawberry.type(
    description="Time limits, attempts and review mode of an order. Resolved when the order starts;"
    " later changes of settings do not affect it."
)
class OrderPolicy:
    review_mode: ReviewMode = strawberry.field(
        description="Who decides between validation and charge."
    )
    review_timeout: Duration | None = strawberry.field(
        description="Time limit of the review. null: no limit."
    )
    deadline: Duration | None = strawberry.field(
        description="Time from the start until the carrier must have the package. An order that"
        " misses it is undone. null: no limit."
    )
    activity_timeout: Duration = strawberry.field(
        description="Time limit of one attempt at a step."
    )
    activity_attempts: int | None = strawberry.field(
        description="Maximum attempts at a step. null: no limit."
    )
    shipping_attempts: int = strawberry.field(description="Maximum shipping attempts.")
    activity_retry_delay: Duration = strawberry.field(
        description="Delay between the first attempt at a step and the second."
    )
    activity_retry_backoff: float = strawberry.field(
        description="Factor by which that delay grows with each attempt."
    )
    shipping_retry_delay: Duration = strawberry.field(
        description="Delay between the first shipping attempt and the second."
    )
    shipping_retry_backoff: float = strawberry.field(
        description="Factor by which that delay grows with each attempt."
    )
    delivery_timeout: Duration | None = strawberry.field(
        description="How long to wait for `confirmDelivery` after shipping. null: do not wait."
    )

    @classmethod
    def of(cls, policy: Policy) -> Self:
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

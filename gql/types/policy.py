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
    activity_total_timeout: Duration | None = strawberry.field(
        description="Time limit of all attempts at a step together. null: no limit."
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
    activity_max_retry_delay: Duration | None = strawberry.field(
        description="Longest delay between two attempts at a step. null: 5 minutes, or the first"
        " delay if that is longer."
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
        return cls(**{name: getattr(policy, name) for name in policy.__dataclass_fields__})

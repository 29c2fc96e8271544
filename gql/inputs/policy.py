"""The part of an order's policy that a client sets; settings supply the rest."""

from __future__ import annotations

from typing import Any

import strawberry

from gql.scalars import Duration
from gql.types.enums import ReviewMode
from orchestration.domain.order import Policy
from orchestration.domain.validation import FieldProblem, ProblemCode, policy_range

NULLABLE = frozenset({
    *("review_timeout", "deadline", "delivery_timeout"),
    *("activity_attempts", "activity_total_timeout", "activity_max_retry_delay"),
})
"""Fields in which null is a value: no limit, no wait, or the longest delay of the server."""

BUSINESS_FIELDS = ("review_mode", "review_timeout", "deadline", "delivery_timeout")
"""What staff may choose with the right to start an order. The rest is technical: time limits,
attempts and delays, which occupy workers and call providers."""


def _range(name: str) -> str:
    return policy_range(name).capitalize()


@strawberry.input(
    description="Time limits, attempts and review mode of an order. An omitted field takes the"
    " server's setting. A field accepts null only if its description says what null means. Time"
    " limits of activities, attempts, delays and backoffs need the scope `orders:policy`. With the"
    " token of a customer, every field does."
)
class OrderPolicyInput:
    review_mode: strawberry.Maybe[ReviewMode | None] = strawberry.field(
        description="Who decides between validation and charge."
    )
    review_timeout: strawberry.Maybe[Duration | None] = strawberry.field(
        description=f"Time limit of the review. {_range('review_timeout')}; null: no limit, allowed"
        " in a MANUAL review only."
    )
    deadline: strawberry.Maybe[Duration | None] = strawberry.field(
        description="Time from the start until the carrier must have the package. An order that"
        f" misses it is undone. {_range('deadline')}; null: no limit."
    )
    activity_timeout: strawberry.Maybe[Duration | None] = strawberry.field(
        description=f"Time limit of one attempt at a step. {_range('activity_timeout')}."
    )
    activity_total_timeout: strawberry.Maybe[Duration | None] = strawberry.field(
        description="Time limit of all attempts at a step together, with the delays between them."
        f" {_range('activity_total_timeout')}; null: no limit."
    )
    activity_attempts: strawberry.Maybe[int | None] = strawberry.field(
        description=f"Maximum attempts at a step. {_range('activity_attempts')}; null: no limit."
    )
    shipping_attempts: strawberry.Maybe[int | None] = strawberry.field(
        description=f"Maximum shipping attempts. {_range('shipping_attempts')}."
    )
    activity_retry_delay: strawberry.Maybe[Duration | None] = strawberry.field(
        description="Delay between the first attempt at a step and the second."
        f" {_range('activity_retry_delay')}."
    )
    activity_retry_backoff: strawberry.Maybe[float | None] = strawberry.field(
        description="Factor by which that delay grows with each attempt."
        f" {_range('activity_retry_backoff')}."
    )
    activity_max_retry_delay: strawberry.Maybe[Duration | None] = strawberry.field(
        description="Longest delay between two attempts at a step."
        f" {_range('activity_max_retry_delay')}; null: 5 minutes, or the first delay if that is"
        " longer."
    )
    shipping_retry_delay: strawberry.Maybe[Duration | None] = strawberry.field(
        description="Delay between the first shipping attempt and the second."
        f" {_range('shipping_retry_delay')}."
    )
    shipping_retry_backoff: strawberry.Maybe[float | None] = strawberry.field(
        description="Factor by which that delay grows with each attempt, up to 1 hour."
        f" {_range('shipping_retry_backoff')}."
    )
    delivery_timeout: strawberry.Maybe[Duration | None] = strawberry.field(
        description="How long to wait for `confirmDelivery` after shipping."
        f" {_range('delivery_timeout')}; null: do not wait."
    )

    def restricted_field(self, *, by_customer: bool) -> str | None:
        """Return a field that is set and needs the scope ``orders:policy``, if there is one.

        A customer may set none: it could skip the review of its own order.
        """
        allowed = () if by_customer else BUSINESS_FIELDS
        names = (name for name in Policy.__dataclass_fields__ if name not in allowed)
        return next((name for name in names if getattr(self, name) is not None), None)

    def to_domain(self, problems: list[FieldProblem]) -> dict[str, Any]:
        """Return the fields that are set, under the names of ``Policy``.

        A null that its field does not allow is added to ``problems``.
        """
        fields: dict[str, Any] = {}
        for name in Policy.__dataclass_fields__:
            maybe = getattr(self, name)
            if maybe is None:
                continue
            if maybe.value is None and name not in NULLABLE:
                path = ("policy", name)
                problems.append(FieldProblem(ProblemCode.REQUIRED, path, "must not be null"))
            else:
                fields[name] = maybe.value
        return fields

"""The part of an order's policy that a client sets; settings supply the rest."""

from __future__ import annotations

from typing import Any

import strawberry

from gql.scalars import Duration
from gql.types.enums import ReviewMode
from orchestration.domain.order import Policy
from orchestration.domain.validation import FieldProblem, ProblemCode, policy_range

NULLABLE = frozenset({"review_timeout", "deadline", "activity_attempts", "delivery_timeout"})
"""Fields in which null is a value: no limit, or no wait."""


def _range(name: str) -> str:
    return policy_range(name).capitalize()


@strawberry.input(
    description="Time limits, attempts and review mode of an order. An omitted field takes the"
    " server's setting. A field accepts null only if its description says what null means."
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
        description="Factor by which that delay grows with each attempt, up to 5 minutes or the"
        f" first delay, whichever is longer. {_range('activity_retry_backoff')}."
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

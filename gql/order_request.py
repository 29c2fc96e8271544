"""From the input of startOrder to the domain's request, and what is wrong with it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orchestration.domain.money import (
    CURRENCY_DECIMALS,
    MAX_MINOR_UNITS,
    NotRepresentable,
    to_minor_units,
)
from orchestration.domain.order import LineItem, OrderRequest, Policy
from orchestration.domain.validation import (
    FieldProblem,
    ProblemCode,
    identifier_problems,
    policy_problems,
    request_problems,
)

if TYPE_CHECKING:
    from gql.inputs import OrderItemInput, OrderPolicyInput, StartOrderInput

NULLABLE = frozenset({"review_timeout", "deadline", "activity_attempts", "delivery_timeout"})
"""The policy's fields in which null means: no limit, or no wait."""

_MAX_ID = 64
_PAYMENT = "pay-"
_DIGEST = 16


class InputRefused(Exception):
    """The input breaks the rules that ``problems`` name."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        """Keep them, for the client."""
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def read_request(
    given: StartOrderInput, default_policy: dict[str, Any]
) -> tuple[OrderRequest, Policy]:
    """Return what was asked for and its policy resolved, or raise InputRefused."""
    problems: list[FieldProblem] = []
    policy = _given_policy(given.policy, problems)
    request = OrderRequest(
        customer_id=given.customer_id,
        items=[
            _line(item, index, given.currency, problems) for index, item in enumerate(given.items)
        ],
        currency=given.currency,
        shipping_address=given.shipping_address.to_domain(),
        priority=given.priority,
        payment_id=given.payment_id,
        policy=policy,
    )
    resolved = Policy(**{**default_policy, **policy})
    problems = [
        *identifier_problems(given.id, "id"),
        *request_problems(request),
        *problems,
        *policy_problems(resolved),
    ]
    if problems:
        raise InputRefused(problems)
    return request, resolved


def default_payment_id(order_id: str) -> str:
    """Make the charge's idempotency key: one order id gives one, and never another's."""
    if len(_PAYMENT) + len(order_id) <= _MAX_ID:
        return _PAYMENT + order_id
    kept = _MAX_ID - len(_PAYMENT) - _DIGEST - 1
    digest = sha256(order_id.encode()).hexdigest()[:_DIGEST]
    return f"{_PAYMENT}{order_id[:kept]}-{digest}"


def _line(
    item: OrderItemInput, index: int, currency: str, problems: list[FieldProblem]
) -> LineItem:
    path = ("items", str(index), "unit_price")
    # What cannot be converted keeps its sign: the domain's rules name a negative one all the same.
    price = -1 if item.unit_price < 0 else 0
    if currency in CURRENCY_DECIMALS:
        try:
            price = to_minor_units(item.unit_price, currency)
        except NotRepresentable as error:
            problems.append(FieldProblem(ProblemCode.OUT_OF_RANGE, path, str(error)))
    elif abs(item.unit_price) >= MAX_MINOR_UNITS:
        problems.append(FieldProblem(ProblemCode.OUT_OF_RANGE, path, "is too large"))
    return LineItem(sku=item.sku, quantity=item.quantity, unit_price=price, name=item.name)


def _given_policy(policy: OrderPolicyInput | None, problems: list[FieldProblem]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name in Policy.__dataclass_fields__ if policy else ():
        some = getattr(policy, name)
        if some is None:
            continue
        if some.value is None and name not in NULLABLE:
            path = ("policy", name)
            problems.append(FieldProblem(ProblemCode.REQUIRED, path, "must not be null"))
        else:
            given[name] = some.value
    return given

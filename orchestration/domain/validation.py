"""Validation rules for orders, customers and commands.

Functions return all problems at once and do not raise. The API validates before it starts a
workflow. The workflow validates again, because it can also be started with Temporal's own tools.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orchestration.domain.money import CURRENCY_DECIMALS, MAX_MINOR_UNITS
from orchestration.domain.order import IDENTIFIER, Address, LineItem, Policy, ReviewMode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.domain.order import Actor, Order, OrderRequest

MAX_ITEMS = 200
MAX_QUANTITY = 1_000_000
MAX_ACTIVITY_ATTEMPTS = 100
MAX_SHIPPING_ATTEMPTS = 20
MAX_ACTIVITY_TIMEOUT = 60.0
MAX_RETRY_DELAY = 3600.0
MAX_WAIT = 366 * 24 * 3600.0
MIN_SECONDS = 0.001
MAX_BACKOFF = 10.0
NOTE_LENGTH = 500
ACTOR_LENGTH = 200

_MAX_DURATIONS = {
    "review_timeout": (MAX_WAIT, "366 days"),
    "deadline": (MAX_WAIT, "366 days"),
    "delivery_timeout": (MAX_WAIT, "366 days"),
    "activity_timeout": (MAX_ACTIVITY_TIMEOUT, "60 seconds"),
    "activity_total_timeout": (MAX_WAIT, "366 days"),
    "activity_retry_delay": (MAX_RETRY_DELAY, "1 hour"),
    "activity_max_retry_delay": (MAX_RETRY_DELAY, "1 hour"),
    "shipping_retry_delay": (MAX_RETRY_DELAY, "1 hour"),
}
_MAX_COUNTS = {
    "activity_attempts": MAX_ACTIVITY_ATTEMPTS,
    "shipping_attempts": MAX_SHIPPING_ATTEMPTS,
    "activity_retry_backoff": MAX_BACKOFF,
    "shipping_retry_backoff": MAX_BACKOFF,
}

_COUNTRY = re.compile(r"[A-Z]{2}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_CONTROL_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


class ProblemCode(StrEnum):
    REQUIRED = "REQUIRED"
    BLANK = "BLANK"
    TOO_LONG = "TOO_LONG"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    MALFORMED = "MALFORMED"
    UNKNOWN = "UNKNOWN"
    DUPLICATE = "DUPLICATE"
    OTHER = "OTHER"


@dataclass(frozen=True)
class FieldProblem:
    """A violated rule. ``path`` leads from the input's root to the value: items, 0, quantity.

    ``message`` continues a sentence that begins with the path.
    """

    code: ProblemCode
    path: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(self.path)} {self.message}"


def order_problems(order: Order) -> list[FieldProblem]:
    return [
        *identifier_problems(order.id, "id"),
        *request_problems(order.request),
        *policy_problems(order.policy),
    ]


def request_problems(request: OrderRequest) -> list[FieldProblem]:
    """Validate a request except for its policy."""
    return [
        *identifier_problems(request.customer_id, "customer_id"),
        *identifier_problems(request.payment_id, "payment_id"),
        *_currency_problems(request.currency),
        *_items_problems(request),
        *address_problems(request.shipping_address, "shipping_address"),
    ]


def identifier_problems(value: str | None, *path: str) -> Iterator[FieldProblem]:
    """Validate an ID. None is valid: the server generates one."""
    if value is not None and not IDENTIFIER.fullmatch(value):
        yield FieldProblem(
            ProblemCode.MALFORMED,
            path,
            "must be 1 to 64 characters from A-Z a-z 0-9 . _ : - and start with a letter or digit",
        )


def text_problems(
    value: str | None, limit: int, *path: str, required: bool = True
) -> Iterator[FieldProblem]:
    """Validate that a text is not blank, within the limit, and free of control characters."""
    if value is None:
        if required:
            yield FieldProblem(ProblemCode.REQUIRED, path, "is required")
    elif not value.strip():
        yield FieldProblem(ProblemCode.BLANK, path, "must not be blank")
    elif len(value) > limit:
        yield FieldProblem(ProblemCode.TOO_LONG, path, f"must not exceed {limit} characters")
    elif any(unicodedata.category(character) in _CONTROL_CATEGORIES for character in value):
        yield FieldProblem(ProblemCode.MALFORMED, path, "must not contain control characters")


def address_problems(address: Address, *path: str) -> Iterator[FieldProblem]:
    yield from text_problems(address.street, 200, *path, "street")
    yield from text_problems(address.city, 100, *path, "city")
    yield from text_problems(address.region, 100, *path, "region", required=False)
    yield from text_problems(address.postal_code, 20, *path, "postal_code", required=False)
    if not _COUNTRY.fullmatch(address.country):
        yield FieldProblem(
            ProblemCode.MALFORMED,
            (*path, "country"),
            "must be two uppercase letters, for example US",
        )


def customer_problems(name: str, email: str, phone: str | None) -> list[FieldProblem]:
    problems = [
        *text_problems(name, 200, "name"),
        *text_problems(email, 254, "email"),
        *text_problems(phone, 40, "phone", required=False),
    ]
    if not any(problem.path == ("email",) for problem in problems) and not _EMAIL.fullmatch(email):
        problems.append(FieldProblem(ProblemCode.MALFORMED, ("email",), "must be an email address"))
    return problems


def note_problems(note: str | None, *path: str) -> list[FieldProblem]:
    """Validate the optional free text of a command."""
    return list(text_problems(note, NOTE_LENGTH, *path, required=False))


def actor_problems(actor: Actor | None) -> list[FieldProblem]:
    """Validate the sender of a command. Postgres cannot store every control character."""
    if actor is None:
        return []
    return [
        *text_problems(actor.id, ACTOR_LENGTH, "actor", "id"),
        *text_problems(actor.name, ACTOR_LENGTH, "actor", "name", required=False),
    ]


def policy_problems(policy: Policy) -> list[FieldProblem]:
    """Validate a resolved policy, with all defaults applied."""
    return list(_policy_problems(policy))


def policy_range(name: str) -> str:
    """Describe the values that a field of Policy allows, for example "from 1 to 20"."""
    if name in _MAX_DURATIONS:
        return f"from 1 millisecond to {_MAX_DURATIONS[name][1]}"
    return f"from 1 to {_MAX_COUNTS[name]:g}"


def _currency_problems(currency: str) -> Iterator[FieldProblem]:
    if currency not in CURRENCY_DECIMALS:
        yield FieldProblem(
            ProblemCode.UNKNOWN, ("currency",), "must be an ISO 4217 currency code, for example USD"
        )


def _items_problems(request: OrderRequest) -> Iterator[FieldProblem]:
    items = request.items
    if not items:
        yield FieldProblem(ProblemCode.REQUIRED, ("items",), "must contain at least one item")
    if len(items) > MAX_ITEMS:
        yield FieldProblem(
            ProblemCode.TOO_LONG, ("items",), f"must not contain more than {MAX_ITEMS} items"
        )
        return
    for index, item in enumerate(items):
        yield from _item_problems(item, "items", str(index))
    if request.total.minor >= MAX_MINOR_UNITS:
        yield FieldProblem(ProblemCode.OUT_OF_RANGE, ("items",), "must have a lower total")


def _item_problems(item: LineItem, *path: str) -> Iterator[FieldProblem]:
    yield from text_problems(item.sku, 64, *path, "sku")
    yield from text_problems(item.name, 200, *path, "name", required=False)
    if not 1 <= item.quantity <= MAX_QUANTITY:
        yield FieldProblem(
            ProblemCode.OUT_OF_RANGE, (*path, "quantity"), f"must be from 1 to {MAX_QUANTITY}"
        )
    if item.unit_price < 0:
        yield FieldProblem(ProblemCode.OUT_OF_RANGE, (*path, "unit_price"), "must not be negative")


def _policy_problems(policy: Policy) -> Iterator[FieldProblem]:
    limits = {name: (MIN_SECONDS, most) for name, (most, _) in _MAX_DURATIONS.items()}
    limits |= {name: (1, most) for name, most in _MAX_COUNTS.items()}
    for name, (least, most) in limits.items():
        value = getattr(policy, name)
        if value is not None and not least <= value <= most:
            yield FieldProblem(
                ProblemCode.OUT_OF_RANGE, ("policy", name), f"must be {policy_range(name)}"
            )
    if policy.review_mode is ReviewMode.TIMER and policy.review_timeout is None:
        yield FieldProblem(
            ProblemCode.REQUIRED, ("policy", "review_timeout"), "is required for review mode TIMER"
        )

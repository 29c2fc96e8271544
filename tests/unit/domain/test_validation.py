from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orchestration.domain.money import MAX_MINOR_UNITS
from orchestration.domain.order import LineItem, ReviewMode, differing_fields
from orchestration.domain.validation import (
    MAX_ITEMS,
    ProblemCode,
    customer_problems,
    order_problems,
)
from tests.support.orders import ADDRESS, REQUEST, make_order

ITEM = LineItem(sku="SKU-1", quantity=1, unit_price=100)


def test_a_valid_order_has_no_problems() -> None:
    assert order_problems(make_order()) == []


@pytest.mark.parametrize(
    ("request_fields", "code", "path"),
    [
        ({"items": []}, "REQUIRED", ("items",)),
        ({"items": [ITEM] * (MAX_ITEMS + 1)}, "TOO_LONG", ("items",)),
        ({"items": [replace(ITEM, quantity=0)]}, "OUT_OF_RANGE", ("items", "0", "quantity")),
        (
            {"items": [ITEM, replace(ITEM, unit_price=-1)]},
            "OUT_OF_RANGE",
            ("items", "1", "unit_price"),
        ),
        ({"items": [replace(ITEM, sku="")]}, "BLANK", ("items", "0", "sku")),
        (
            {"items": [replace(ITEM, quantity=1000, unit_price=MAX_MINOR_UNITS // 1000)]},
            "OUT_OF_RANGE",
            ("items",),
        ),
        ({"currency": "XXX"}, "UNKNOWN", ("currency",)),
        ({"currency": "usd"}, "UNKNOWN", ("currency",)),
        ({"customer_id": "-x"}, "MALFORMED", ("customer_id",)),
        ({"payment_id": "a" * 65}, "MALFORMED", ("payment_id",)),
        ({"payment_id": "a\n"}, "MALFORMED", ("payment_id",)),
        (
            {"shipping_address": replace(ADDRESS, street="")},
            "BLANK",
            ("shipping_address", "street"),
        ),
        (
            {"shipping_address": replace(ADDRESS, city="a\x07b")},
            "MALFORMED",
            ("shipping_address", "city"),
        ),
        (
            {"shipping_address": replace(ADDRESS, region="\ud800")},
            "MALFORMED",
            ("shipping_address", "region"),
        ),
        (
            {"shipping_address": replace(ADDRESS, postal_code="1" * 21)},
            "TOO_LONG",
            ("shipping_address", "postal_code"),
        ),
        (
            {"shipping_address": replace(ADDRESS, country="USA")},
            "MALFORMED",
            ("shipping_address", "country"),
        ),
    ],
)
def test_an_invalid_field_is_reported_with_its_path(
    request_fields: dict[str, Any], code: str, path: tuple[str, ...]
) -> None:
    [problem] = order_problems(make_order(request=request_fields))
    assert (problem.code, problem.path) == (code, path)
    assert problem.message


@pytest.mark.parametrize(
    ("policy", "path"),
    [
        ({"deadline": 0}, "deadline"),
        ({"review_timeout": -1}, "review_timeout"),
        ({"activity_timeout": 0}, "activity_timeout"),
        ({"activity_attempts": 0}, "activity_attempts"),
        ({"shipping_attempts": 0}, "shipping_attempts"),
        ({"shipping_retry_backoff": 0.5}, "shipping_retry_backoff"),
        ({"activity_retry_backoff": float("nan")}, "activity_retry_backoff"),
        ({"review_mode": ReviewMode.TIMER, "review_timeout": None}, "review_timeout"),
    ],
)
def test_an_invalid_policy_field_is_reported_with_its_path(
    policy: dict[str, Any], path: str
) -> None:
    [problem] = order_problems(make_order(**policy))
    assert problem.path == ("policy", path)


@pytest.mark.parametrize(
    ("field", "most", "cap"),
    [
        ("review_timeout", 366 * 86400, "366 days"),
        ("deadline", 366 * 86400, "366 days"),
        ("delivery_timeout", 366 * 86400, "366 days"),
        ("activity_timeout", 60, "60 seconds"),
        ("activity_total_timeout", 366 * 86400, "366 days"),
        ("activity_attempts", 100, "100"),
        ("activity_retry_delay", 3600, "1 hour"),
        ("activity_retry_backoff", 10, "10"),
        ("activity_max_retry_delay", 3600, "1 hour"),
        ("shipping_attempts", 20, "20"),
        ("shipping_retry_delay", 3600, "1 hour"),
        ("shipping_retry_backoff", 10, "10"),
    ],
)
def test_every_value_of_a_policy_has_a_cap_that_the_message_names(
    field: str, most: float, cap: str
) -> None:
    allowed: dict[str, Any] = {field: most}
    refused: dict[str, Any] = {field: most + 1}
    assert order_problems(make_order(**allowed)) == []
    [problem] = order_problems(make_order(**refused))
    assert (problem.code, problem.path) == ("OUT_OF_RANGE", ("policy", field))
    assert problem.message.endswith(f"to {cap}")


def test_all_problems_are_reported_at_once() -> None:
    order = make_order(request={"items": [], "currency": "??"}, deadline=0)
    assert {problem.path[0] for problem in order_problems(order)} == {"items", "currency", "policy"}


def test_a_problem_reads_as_a_sentence_that_begins_with_its_path() -> None:
    expensive = [replace(ITEM, quantity=1000, unit_price=MAX_MINOR_UNITS // 1000)]
    order = make_order(
        request={"items": expensive}, review_mode=ReviewMode.TIMER, review_timeout=None
    )
    assert [str(problem) for problem in order_problems(order)] == [
        "items must have a lower total",
        "policy.review_timeout is required for review mode TIMER",
    ]


@pytest.mark.parametrize("email", ["", "ada", "ada@", "@x.org", "ada@x", "a b@x.org", "a@x..org"])
def test_a_malformed_email_address_is_reported(email: str) -> None:
    [problem] = customer_problems("Ada", email, None)
    assert problem.path == ("email",)
    assert problem.code in {ProblemCode.BLANK, ProblemCode.MALFORMED}


def test_differing_fields_of_two_requests_are_named() -> None:
    other = replace(REQUEST, currency="EUR", policy={"deadline": 5.0})
    assert differing_fields(REQUEST, REQUEST) == []
    assert differing_fields(REQUEST, other) == ["currency", "policy"]

"""Which values the scalars accept and refuse, and how they are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import graphql
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.duration import format_duration, parse_duration
from gql.scalars import SCALARS, Duration, InvalidScalar
from gql.schema import schema


def parse(kind: object, value: object) -> Any:
    parser = SCALARS[kind].parse_value
    assert parser is not None
    return parser(value)


def serialize(kind: object, value: object) -> Any:
    serializer = SCALARS[kind].serialize
    assert serializer is not None
    return serializer(value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT5M", 300),
        ("PT30S", 30),
        ("PT0S", 0),
        ("PT0.5S", 0.5),
        ("PT0,25S", 0.25),
        ("P1D", 86400),
        ("P2W", 14 * 86400),
        ("P1W2DT3H4M5.000006S", 9 * 86400 + 3 * 3600 + 4 * 60 + 5.000006),
        ("PT90M", 5400),
    ],
)
def test_an_iso_8601_duration_is_accepted(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "", "P", "PT", "P1", "5", "5 seconds", "PT5", "P1Y", "P1M", "P1DT", "PT1S1M", "pt5m",
        "PT-5M", "-PT5M", "PT5M ", "PT.5S", "PT1.S", "PT1.5M", "PT1_0S", "PT٣S", "P9999999W",
        "PT5M\n",
    ],
)  # fmt: skip
def test_a_text_that_is_not_a_duration_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "PT0S"),
        (300, "PT5M"),
        (90, "PT1M30S"),
        (0.5, "PT0.5S"),
        (86400, "P1D"),
        (93784.25, "P1DT2H3M4.25S"),
        (0.1 + 0.2, "PT0.3S"),
    ],
)
def test_a_duration_serializes_in_canonical_form(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
    assert serialize(Duration, seconds) == text


@given(st.integers(min_value=0, max_value=10**15))
def test_a_serialized_duration_can_be_parsed_again(micros: int) -> None:
    written = format_duration(micros / 1_000_000)
    assert format_duration(parse_duration(written)) == written


@pytest.mark.parametrize(
    ("value", "decimal"),
    [("249.90", "249.90"), ("-1.5", "-1.5"), ("0", "0"), (12, "12"), (-3, "-3"), ("007", "7")],
)
def test_a_decimal_is_parsed_exactly(value: object, decimal: str) -> None:
    assert parse(Decimal, value) == Decimal(decimal)


@pytest.mark.parametrize(
    "value",
    [
        "", "abc", "NaN", "Infinity", "-Infinity", "sNaN", "1_000", "1e5", "1E999999", " 1", "1 ",
        "+1", ".5", "5.", "1,5", "٣", "1\n", "9" * 21, 10**30, 1.5, True, None, [], {},
    ],
)  # fmt: skip
def test_a_value_that_is_not_a_decimal_is_rejected(value: object) -> None:
    with pytest.raises(InvalidScalar, match=r"249\.90"):
        parse(Decimal, value)


def test_a_decimal_serializes_without_an_exponent() -> None:
    assert serialize(Decimal, Decimal("1E+3")) == "1000"
    assert serialize(Decimal, Decimal("0E-2")) == "0.00"


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00Z",
        "2026-01-31T13:00:00+01:00",
        "2026-01-31T12:00:00.000000-00:00",
    ],
)
def test_a_date_time_with_an_offset_is_accepted(text: str) -> None:
    assert parse(datetime, text) == datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026", "2026-01-31", "2026-01-31T12:00:00", "2026-02-30T12:00:00Z", "20260131T120000Z",
        "2026-01-31 12:00:00Z", "2026-01-31T25:00:00Z", "2026-01-31T12:00:00+99:00", "now", "",
        "0001-01-01T00:00:00+14:00", "2026-W05-6T12:00:00Z", 1769860800, None,
    ],
)  # fmt: skip
def test_a_value_that_is_not_a_date_time_with_an_offset_is_rejected(value: object) -> None:
    with pytest.raises(InvalidScalar, match="ISO 8601 with an offset"):
        parse(datetime, value)


def test_a_date_time_serializes_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    assert (
        serialize(datetime, datetime(2026, 1, 31, 13, tzinfo=berlin)) == "2026-01-31T12:00:00+00:00"
    )


def test_a_duration_that_is_not_a_string_is_rejected() -> None:
    with pytest.raises(InvalidScalar, match="must be a string such as"):
        parse(Duration, 5)


@pytest.mark.parametrize(
    ("document", "column"),
    [
        ('{ orders(filter: {total: {from: "NaN"}}) { totalCount } }', 33),
        ("{ orders(filter: {total: {from: 1.5}}) { totalCount } }", 33),
        ('{ orders(filter: {createdAt: {from: "2026"}}) { totalCount } }', 37),
    ],
)
def test_the_error_for_an_invalid_literal_has_its_location(document: str, column: int) -> None:
    [error] = graphql.validate(schema.graphql_schema, graphql.parse(document))
    assert error.locations == [(1, column)]
    assert error.extensions == {"code": "BAD_USER_INPUT"}


def test_a_variable_within_a_literal_is_accepted() -> None:
    document = "query ($min: Decimal) { orders(filter: {total: {from: $min}}) { totalCount } }"
    assert graphql.validate(schema.graphql_schema, graphql.parse(document)) == []

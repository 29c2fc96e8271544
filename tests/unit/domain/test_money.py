from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.domain.money import (
    CURRENCY_DECIMALS,
    MAX_MINOR_UNITS,
    Money,
    NotRepresentable,
    to_minor_units,
)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("249.90", "USD", 24990),
        ("249.9", "USD", 24990),
        ("1.000", "USD", 100),
        ("5", "JPY", 5),
        ("1.234", "KWD", 1234),
        ("0", "EUR", 0),
        ("-1", "USD", -100),
    ],
)
def test_an_amount_is_converted_to_minor_units(amount: str, currency: str, minor: int) -> None:
    assert to_minor_units(Decimal(amount), currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("1.001", "USD"), ("1.5", "JPY"), ("1.2345", "KWD"), ("1e15", "JPY"), ("1e999999", "USD")],
)
def test_an_amount_that_cannot_be_represented_exactly_is_rejected(
    amount: str, currency: str
) -> None:
    with pytest.raises(NotRepresentable):
        to_minor_units(Decimal(amount), currency)


@given(
    minor=st.integers(-MAX_MINOR_UNITS + 1, MAX_MINOR_UNITS - 1),
    currency=st.sampled_from(sorted(CURRENCY_DECIMALS)),
)
def test_converting_money_to_an_amount_and_back_changes_nothing(minor: int, currency: str) -> None:
    amount = Money(minor, currency).amount
    assert to_minor_units(amount, currency) == minor
    assert amount.as_tuple().exponent == -CURRENCY_DECIMALS[currency]

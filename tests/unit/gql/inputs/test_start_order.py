"""The startOrder input: generated payment IDs, and prices."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from gql.inputs.address import AddressInput
from gql.inputs.start_order import (
    InvalidOrder,
    OrderItemInput,
    StartOrderInput,
    default_payment_id,
)
from orchestration.domain.order import IDENTIFIER
from tests.support.orders import POLICY

IDS = st.from_regex(IDENTIFIER, fullmatch=True)


@given(IDS)
def test_a_generated_payment_id_is_a_valid_identifier(order_id: str) -> None:
    assert IDENTIFIER.fullmatch(default_payment_id(order_id))


def test_long_order_ids_get_different_payment_ids() -> None:
    first, second = (default_payment_id("x" * 63 + end) for end in "ab")
    assert first != second
    assert default_payment_id("x" * 60) == "pay-" + "x" * 60


@pytest.mark.parametrize(
    ("currency", "price", "messages"),
    [
        ("USD", "-1", ["must not be negative"]),
        ("USD", "-1.001", ["must not be negative", "has more decimals than USD, which has 2"]),
        ("usd", "-1", ["must not be negative"]),
        ("usd", "1e16", ["is too large"]),
        ("usd", "1.001", []),
    ],
)
def test_a_wrong_price_is_reported_even_if_its_currency_is_unknown(
    currency: str, price: str, messages: list[str]
) -> None:
    asked = StartOrderInput(
        id=None,
        customer_id=strawberry.ID("customer-1"),
        customer=None,
        items=[OrderItemInput(sku="CUP", name=None, quantity=1, unit_price=Decimal(price))],
        currency=currency,
        shipping_address=AddressInput(
            street="1 Main St", city="Springfield", region=None, postal_code=None, country="US"
        ),
        payment_id=None,
        policy=None,
    )
    with pytest.raises(InvalidOrder) as refused:
        asked.to_domain(asdict(POLICY))
    named = [(problem.path, problem.message) for problem in refused.value.problems]
    price_at = ("items", "0", "unit_price")
    assert [message for path, message in named if path == price_at] == messages
    assert (("currency",) in dict(named)) is (currency == "usd")

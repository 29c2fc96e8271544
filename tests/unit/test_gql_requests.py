"""Ids made here, pages asked for, and what is looked for in a selection."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import strawberry
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from gql.inputs import AddressInput, OrderItemInput, StartOrderInput
from gql.order_pages import OrderSorting
from gql.order_request import InputRefused, default_payment_id, read_request
from gql.paging import PageArguments, encode_cursor, event_cursor, page_arguments, sequence_of
from orchestration.domain.order import IDENTIFIER
from persistence.reads import SortField
from tests.orders import POLICY

IDS = st.from_regex(IDENTIFIER, fullmatch=True)


@given(IDS)
def test_a_payment_id_made_here_is_an_identifier(order_id: str) -> None:
    assert IDENTIFIER.fullmatch(default_payment_id(order_id))


def test_a_long_order_id_gives_a_payment_id_of_its_own() -> None:
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
def test_a_wrong_price_is_named_whether_or_not_its_currency_is_known(
    currency: str, price: str, messages: list[str]
) -> None:
    asked = StartOrderInput(
        id=None,
        customer_id=strawberry.ID("customer-1"),
        items=[OrderItemInput(sku="CUP", name=None, quantity=1, unit_price=Decimal(price))],
        currency=currency,
        shipping_address=AddressInput(
            street="1 Main St", city="Springfield", region=None, postal_code=None
        ),
        payment_id=None,
        policy=None,
    )
    with pytest.raises(InputRefused) as refused:
        read_request(asked, asdict(POLICY))
    named = [(problem.path, problem.message) for problem in refused.value.problems]
    price_at = ("items", "0", "unit_price")
    assert [message for path, message in named if path == price_at] == messages
    assert (("currency",) in dict(named)) is (currency == "usd")


@pytest.mark.parametrize(
    ("given_arguments", "page"),
    [
        ((None, None), PageArguments(20, None, backward=False)),
        ((100, "c"), PageArguments(100, "c", backward=False)),
        ((None, None, 5, None), PageArguments(5, None, backward=True)),
        ((None, None, None, "c"), PageArguments(20, "c", backward=True)),
    ],
)
def test_a_page_is_twenty_forward_unless_asked_otherwise(
    given_arguments: tuple[int | None, str | None], page: PageArguments
) -> None:
    assert page_arguments(*given_arguments) == page


@given(st.integers(min_value=0, max_value=2**30))
def test_an_event_cursor_reads_back(sequence: int) -> None:
    assert sequence_of(event_cursor(sequence)) == sequence


TIME = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sorting", "value", "place"),
    [
        (OrderSorting(), TIME, TIME),
        (OrderSorting(SortField.TOTAL, descending=False), "12.50", Decimal("12.50")),
    ],
)
def test_an_order_cursor_reads_back_in_its_own_sort(
    sorting: OrderSorting, value: object, place: object
) -> None:
    cursor = encode_cursor(sorting.field, sorting.descending, value, "order-1")
    keyset = sorting.place_of(cursor)
    assert keyset is not None
    assert (keyset.value, keyset.id) == (place, "order-1")
    with pytest.raises(GraphQLError):
        OrderSorting(SortField.UPDATED_AT).place_of(cursor)


@pytest.mark.parametrize(
    "parts",
    [
        ("CREATED_AT", True, "yesterday", "order-1"),
        ("CREATED_AT", True, "2026-01-31T12:00:00", "order-1"),
        ("CREATED_AT", True, 3, "order-1"),
        ("CREATED_AT", True, TIME, "no id\x00"),
        ("CREATED_AT", False, TIME, "order-1"),
        ("CREATED_AT", True, TIME),
        ("event", 3),
    ],
)
def test_a_forged_cursor_is_refused(parts: tuple[object, ...]) -> None:
    with pytest.raises(GraphQLError, match="not of this list"):
        OrderSorting().place_of(encode_cursor(*parts))


@pytest.mark.parametrize("total", ["NaN", "Infinity", "1e400", "ten", "1" * 30])
def test_a_forged_total_is_refused(total: str) -> None:
    with pytest.raises(GraphQLError, match="not of this list"):
        OrderSorting(SortField.TOTAL).place_of(encode_cursor("TOTAL", True, total, "order-1"))


@given(st.text(max_size=60))
def test_no_text_makes_a_cursor_fail_otherwise(text: str) -> None:
    for read in (sequence_of, OrderSorting().place_of):
        with pytest.raises(GraphQLError):
            read(text)

"""Page arguments and cursors."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from gql.reading.order_pages import OrderSorting
from gql.reading.paging import (
    PageArguments,
    encode_cursor,
    event_cursor,
    page_arguments,
    sequence_of,
)
from persistence.reads import SortField


@pytest.mark.parametrize(
    ("given_arguments", "page"),
    [
        ((None, None), PageArguments(20, None, backward=False)),
        ((100, "c"), PageArguments(100, "c", backward=False)),
        ((None, None, 5, None), PageArguments(5, None, backward=True)),
        ((None, None, None, "c"), PageArguments(20, "c", backward=True)),
    ],
)
def test_a_page_has_twenty_entries_forward_by_default(
    given_arguments: tuple[int | None, str | None], page: PageArguments
) -> None:
    assert page_arguments(*given_arguments) == page


@given(st.integers(min_value=0, max_value=2**30))
def test_an_event_cursor_decodes_to_its_position(sequence: int) -> None:
    assert sequence_of(event_cursor(sequence)) == sequence


TIME = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sorting", "value", "place"),
    [
        (OrderSorting(), TIME, TIME),
        (OrderSorting(SortField.TOTAL, descending=False), "12.50", Decimal("12.50")),
    ],
)
def test_an_order_cursor_decodes_only_in_its_own_sort_order(
    sorting: OrderSorting, value: object, place: object
) -> None:
    cursor = encode_cursor(sorting.field, sorting.descending, value, "order-1")
    keyset = sorting.keyset_of(cursor)
    assert keyset is not None
    assert (keyset.value, keyset.id) == (place, "order-1")
    with pytest.raises(GraphQLError):
        OrderSorting(SortField.UPDATED_AT).keyset_of(cursor)


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
    with pytest.raises(GraphQLError, match="does not belong to this list"):
        OrderSorting().keyset_of(encode_cursor(*parts))


@pytest.mark.parametrize("total", ["NaN", "Infinity", "1e400", "ten", "1" * 30])
def test_a_forged_total_is_refused(total: str) -> None:
    with pytest.raises(GraphQLError, match="does not belong to this list"):
        OrderSorting(SortField.TOTAL).keyset_of(encode_cursor("TOTAL", True, total, "order-1"))


@given(st.text(max_size=60))
def test_arbitrary_text_as_a_cursor_raises_no_other_error(text: str) -> None:
    for read in (sequence_of, OrderSorting().keyset_of):
        with pytest.raises(GraphQLError):
            read(text)

"""Page arguments and cursors."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st
from strawberry import UNSET

from gql.reading.order_pages import OrderSorting
from gql.reading.paging import (
    DEFAULT_PAGE,
    PageArguments,
    encode_cursor,
    event_cursor,
    page_arguments,
    sequence_of,
)
from persistence.reads import Keyset, SortField


@pytest.mark.parametrize(
    ("given_arguments", "page"),
    [
        ((None, None), PageArguments(20, None, backward=False)),
        ((100, "c"), PageArguments(100, "c", backward=False)),
        ((None, None, 5, None), PageArguments(5, None, backward=True)),
        ((None, None, None, "c"), PageArguments(20, "c", backward=True)),
        ((DEFAULT_PAGE, None, 5, None), PageArguments(5, None, backward=True)),
        ((DEFAULT_PAGE, UNSET, UNSET, UNSET), PageArguments(20, None, backward=False)),
    ],
)
def test_a_page_has_twenty_entries_forward_by_default(
    given_arguments: tuple[int | None, str | None], page: PageArguments
) -> None:
    assert page_arguments(*given_arguments) == page


def test_a_default_of_first_is_not_mistaken_for_the_same_size_sent_by_a_client() -> None:
    assert page_arguments(DEFAULT_PAGE, None, 1).backward
    with pytest.raises(GraphQLError, match="Use first and after"):
        page_arguments(int(DEFAULT_PAGE), None, 1)


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
    sorting: OrderSorting, value: object, place: datetime | Decimal
) -> None:
    cursor = encode_cursor(sorting.field, sorting.descending, value, "order-1")
    keyset = sorting.cursors.decode(cursor)
    assert keyset == Keyset(place, "order-1")
    assert sorting.cursors.encode(keyset) == cursor
    with pytest.raises(GraphQLError):
        OrderSorting(SortField.UPDATED_AT).cursors.decode(cursor)


@pytest.mark.parametrize(
    "parts",
    [
        ("CREATED_AT", True, "yesterday", "order-1"),
        ("CREATED_AT", True, "2026-01-31T12:00:00", "order-1"),
        ("CREATED_AT", True, 3, "order-1"),
        ("CREATED_AT", True, "0001-01-01T00:00:00+14:00", "order-1"),
        ("CREATED_AT", True, "9999-12-31T23:59:59-14:00", "order-1"),
        ("CREATED_AT", True, TIME, "no id\x00"),
        ("CREATED_AT", False, TIME, "order-1"),
        ("CREATED_AT", True, TIME),
        ("event", 3),
    ],
)
def test_a_forged_cursor_is_refused(parts: tuple[object, ...]) -> None:
    with pytest.raises(GraphQLError, match="does not belong to this list"):
        OrderSorting().cursors.decode(encode_cursor(*parts))


@pytest.mark.parametrize(
    "total", ["NaN", "Infinity", "1e400", "0e999999", "1e-16384", "ten", "1" * 30]
)
def test_a_forged_total_is_refused(total: str) -> None:
    with pytest.raises(GraphQLError, match="does not belong to this list"):
        OrderSorting(SortField.TOTAL).cursors.decode(encode_cursor("TOTAL", True, total, "order-1"))


@given(st.text(max_size=60))
def test_arbitrary_text_as_a_cursor_raises_no_other_error(text: str) -> None:
    for read in (sequence_of, OrderSorting().cursors.decode):
        with pytest.raises(GraphQLError):
            read(text)

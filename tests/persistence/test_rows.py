from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from orchestration.domain.order import OrderSnapshot
from orchestration.domain.states import EventType, OrderState
from persistence.rows import order_event, placed_columns
from persistence.tables import PLACED_COLUMNS, SNAPSHOT_COLUMNS
from tests.support.orders import make_order
from tests.support.timelines import NOON

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_every_field_of_a_snapshot_has_a_column_of_its_name() -> None:
    names = {field.name for field in fields(OrderSnapshot)}
    stored_in_two_columns = {"failure"}

    assert {column.name for column in SNAPSHOT_COLUMNS} == names - stored_in_two_columns | {
        "failure_code",
        "failure_message",
    }


def test_every_column_of_a_placed_order_has_a_value() -> None:
    values = placed_columns(make_order(customer_id="customer-1"), NOON)

    assert {column.name for column in PLACED_COLUMNS} <= values.keys()


def test_an_event_type_of_a_later_version_is_read_as_other() -> None:
    row: Sequence[object] = (
        "order-1",
        1,
        "ORDER_HELD",
        None,
        "PLACED",
        "Held.",
        None,
        None,
        {},
        NOON,
    )

    event = order_event(row)

    assert (event.type, event.state, event.message) == (EventType.OTHER, OrderState.PLACED, "Held.")

"""SQL, the feed and a plain reading of the filter select the same orders and events."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orchestration.domain.order import (
    FailureCode,
    LineItem,
    OrderFailure,
    PaymentStatus,
    Priority,
)
from orchestration.domain.states import EventType, OrderState
from persistence.ledger import PostgresLedger
from persistence.order_filter import OrderFilter, conditions_of
from persistence.reads import PageQuery, Reads, SortField, TailedEvent, feed_matcher
from tests.support.horizon import past_all_written
from tests.support.orders import make_order
from tests.support.timelines import NOON, UNTIL_PAID, Timeline, create_customer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.domain.order import OrderSnapshot

_MINUTE = timedelta(minutes=1)
_E = EventType
_COURSES = (
    (_E.ORDER_RECEIVED,),
    UNTIL_PAID,
    (*UNTIL_PAID, _E.UNDO_STARTED, _E.PAYMENT_REFUNDED, _E.ORDER_CANCELLED),
    (_E.ORDER_RECEIVED, _E.UNDO_STARTED, _E.ORDER_CANCELLED),
    (*UNTIL_PAID[:3], _E.PAYMENT_DECLINED, _E.ORDER_FAILED),
    (*UNTIL_PAID[:2], _E.REVIEW_STARTED, _E.APPROVAL_TIMED_OUT),
)
_FAILURES = {
    OrderState.CANCELLED: FailureCode.CANCELLED,
    OrderState.FAILED: FailureCode.PAYMENT_DECLINED,
    OrderState.APPROVAL_TIMEOUT: FailureCode.APPROVAL_TIMEOUT,
}
_NAMES = ("Ada 100%_Lovelace", "Zoë Straße", "ada\\byron")
_CURRENCIES = ("USD", "JPY", "KWD")
_SKUS = ("CUP", "POT", 'a"b')


class Shop:
    """Orders of every course, and their events as the feed reads them.

    Not a dataclass: Hypothesis would print all of it with a failing example, and refuses to.
    """

    def __init__(self, timelines: list[Timeline], events: list[TailedEvent]) -> None:
        self.timelines = timelines
        self.events = events

    @property
    def ids(self) -> list[str]:
        return [timeline.order.id for timeline in self.timelines]


def _timeline(number: int, customer_id: str) -> Timeline:
    sku = _SKUS[number % 3]
    order = make_order(
        customer_id=customer_id,
        customer_name=_NAMES[number % 3],
        request={
            "items": [LineItem(sku, 1, number % 5 * 100), LineItem("LID", 2, 25)],
            "currency": _CURRENCIES[number // 2 % 3],
            "priority": [*Priority][number // 3 % 3],
        },
    )
    timeline = Timeline(order, placed_at=NOON + number % 4 * _MINUTE)
    timeline.add(*_COURSES[number % len(_COURSES)])
    last = timeline.snapshots[-1]
    failure = _FAILURES.get(last.state)
    if failure is not None:
        pending = last.payment_status is PaymentStatus.PENDING
        timeline.snapshots[-1] = replace(
            last,
            failure=OrderFailure(failure, "It failed."),
            ended_at=last.updated_at,
            payment_status=PaymentStatus.VOIDED if pending else last.payment_status,
        )
    return timeline


@pytest.fixture(scope="module")
async def shop(engine: AsyncEngine) -> Shop:
    ledger, reads = PostgresLedger(engine), Reads(engine)
    customers = [(await create_customer(engine)).id for _ in range(2)]
    timelines = [_timeline(number, customers[number % 2]) for number in range(24)]
    position = await past_all_written(engine, reads)
    for timeline in timelines:
        await ledger.record(timeline.batch(1, len(timeline.events)))
    await past_all_written(engine, reads)
    mine = {timeline.order.id for timeline in timelines}
    events, full = [], True
    while full:
        page = await reads.tail(position, 500)
        events += [tailed for tailed in page.events if tailed.stored.order_id in mine]
        position, full = page.position, page.full
    assert len(events) == sum(len(timeline.events) for timeline in timelines)
    return Shop(timelines, events)


def _some(values: Iterable[object]) -> st.SearchStrategy[list[object] | None]:
    return st.none() | st.lists(st.sampled_from([*values]), max_size=3)


def _optional(*values: object) -> st.SearchStrategy[object]:
    return st.none() | st.sampled_from(values)


_TIMES = _optional(
    *(NOON + minute * _MINUTE + timedelta(milliseconds=3) for minute in range(4)), NOON
)
_TOTALS = _optional(*(Decimal(total) for total in ("0.5", "1.05", "2.500", "50", "350")))
_CUSTOMER = st.sampled_from([None, 0, 1])
_NUMBERS = st.none() | st.lists(st.integers(0, 23), max_size=20)
_VALUES: dict[str, st.SearchStrategy[object]] = {
    "states": _some(OrderState),
    "customer_name": _optional("ADA", "strasse", "0%_l", "%", "\\", ""),
    "priorities": _some(Priority),
    "currency": _optional(*_CURRENCIES, "EUR"),
    "total_from": _TOTALS,
    "total_to": _TOTALS,
    "sku": _optional(*_SKUS, "LID", "CU", ""),
    "payment_statuses": _some(PaymentStatus),
    "failure_codes": _some(FailureCode),
    "created_from": _TIMES,
    "created_to": _TIMES,
    "updated_from": _TIMES,
    "updated_to": _TIMES,
}
_FILTERS = st.fixed_dictionaries({}, optional=_VALUES)
_DRAWN_FROM_THE_SHOP = {"ids", "customer_id", "owner"}


def _plainly(
    filter_: OrderFilter, timeline: Timeline, before: OrderSnapshot, after: OrderSnapshot
) -> bool:
    """Apply the filter to an order that changes: to one row if both snapshots are the same."""
    request, order = timeline.order.request, timeline.order
    failure = after.failure.code if after.failure else None
    conditions = (
        filter_.ids is None or order.id in filter_.ids,
        filter_.states is None or {before.state, after.state} & {*filter_.states},
        filter_.customer_id in {None, request.customer_id},
        filter_.owner in {None, request.customer_id},
        (filter_.customer_name or "").casefold() in order.customer_name.casefold(),
        filter_.priorities is None or request.priority in filter_.priorities,
        filter_.currency in {None, request.currency},
        filter_.total_from is None or request.total.amount >= filter_.total_from,
        filter_.total_to is None or request.total.amount <= filter_.total_to,
        filter_.sku is None or any(item.sku == filter_.sku for item in request.items),
        filter_.payment_statuses is None
        or {before.payment_status, after.payment_status} & {*filter_.payment_statuses},
        filter_.failure_codes is None or failure in filter_.failure_codes,
        filter_.created_from is None or timeline.placed_at >= filter_.created_from,
        filter_.created_to is None or timeline.placed_at <= filter_.created_to,
        filter_.updated_from is None or after.updated_at >= filter_.updated_from,
        filter_.updated_to is None or after.updated_at <= filter_.updated_to,
    )
    return all(conditions)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(values=_FILTERS, numbers=_NUMBERS, customer=_CUSTOMER, owner=_CUSTOMER)
@example(values={"payment_statuses": [PaymentStatus.VOIDED]}, numbers=None, customer=None, owner=0)
@example(values={"payment_statuses": [PaymentStatus.CHARGED]}, numbers=None, customer=1, owner=None)
@example(values={"failure_codes": [FailureCode.CANCELLED]}, numbers=None, customer=0, owner=1)
async def test_sql_the_feed_and_a_plain_reading_of_a_filter_agree(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - drawn
    reads: Reads,
    shop: Shop,
    values: dict[str, object],
    numbers: list[int] | None,
    customer: int | None,
    owner: int | None,
) -> None:
    filter_ = OrderFilter(**values)  # type: ignore[arg-type]
    for name, number in {"customer_id": customer, "owner": owner}.items():
        if number is not None:
            customer_id = shop.timelines[number].order.request.customer_id
            filter_ = replace(filter_, **{name: customer_id})  # type: ignore[arg-type]
    ids = shop.ids if numbers is None else [shop.ids[number] for number in numbers]
    filter_ = replace(filter_, ids=ids)
    query = PageQuery(filter=filter_, sort_field=SortField.CREATED_AT, descending=False, limit=100)

    page = await reads.page(query)
    matches = feed_matcher(filter_)
    passed = {
        (tailed.stored.order_id, tailed.stored.event.sequence)
        for tailed in shop.events
        if matches(tailed.stored, tailed.facts)
    }

    assert {stored.order.id for stored in page.nodes} == {
        timeline.order.id
        for timeline in shop.timelines
        if _plainly(filter_, timeline, timeline.snapshots[-1], timeline.snapshots[-1])
    }
    assert passed == {
        (timeline.order.id, after.sequence)
        for timeline in shop.timelines
        for before, after in pairwise(timeline.snapshots)
        if _plainly(filter_, timeline, before, after)
    }
    assert await reads.count(filter_) == len(page.nodes)


def test_every_field_of_the_filter_has_values_to_try() -> None:
    untried = {field.name for field in fields(OrderFilter)} - {*_VALUES, *_DRAWN_FROM_THE_SHOP}
    assert untried == set(), "add values to _VALUES, and the condition to _plainly"


def test_a_field_of_the_filter_without_a_condition_is_refused_when_it_is_defined() -> None:
    @dataclass(frozen=True, kw_only=True)
    class WithoutCondition(OrderFilter):
        city: str | None = None

    with pytest.raises(TypeError, match="city does not say how SQL and the feed apply it"):
        conditions_of(WithoutCondition)

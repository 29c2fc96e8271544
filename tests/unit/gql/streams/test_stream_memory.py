"""What streams keep in memory, how a feed is filtered, and the budget of queries."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gql.streams.polling import QueryBudget
from gql.streams.watch import Watch
from orchestration.domain.order import Priority
from orchestration.domain.states import OrderState
from persistence.order_page import filter_conditions
from persistence.reads import OrderFilter
from persistence.tail import matches
from tests.support.waiting import wait_until
from tests.unit.gql.streams.stream_sources import NOW, RUN, tailed, two_events

if TYPE_CHECKING:
    from orchestration.domain.lifecycle import OrderLifecycle


@pytest.fixture
def life() -> OrderLifecycle:
    return two_events()


def test_no_event_after_a_gap_is_delivered_before_the_gap_is_filled(life: OrderLifecycle) -> None:
    life.review_started()
    watch = Watch("order-1", RUN)
    watch.behind = False
    first, second, third = life.events
    watch.receive([first])
    watch.receive([third])
    assert (watch.head, watch.behind, watch.events_after(0)) == (1, True, [first])
    watch.receive([first, second, third])
    assert watch.events_after(1) == [second, third]


def test_a_watch_at_capacity_drops_its_oldest_events(
    life: OrderLifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gql.streams.watch._CAPACITY", 2)
    life.review_started()
    watch = Watch("order-1", RUN)
    watch.receive(life.events)
    assert watch.events_after(0) is None
    assert watch.events_after(1) == life.events[1:]
    assert watch.events_after(9) == []


FILTERS = [
    (OrderFilter(), True),
    (OrderFilter(ids=["order-2"]), False),
    (OrderFilter(states=[OrderState.VALIDATED]), True),
    (OrderFilter(states=[OrderState.RECEIVED]), True),
    (OrderFilter(states=[OrderState.PAID]), False),
    (OrderFilter(states=[]), False),
    (OrderFilter(customer_id="customer-2"), False),
    (OrderFilter(customer_name="LOVE"), True),
    (OrderFilter(customer_name="Bob"), False),
    (OrderFilter(priorities=[Priority.NORMAL]), False),
    (OrderFilter(total_min=Decimal(25), total_max=Decimal(25)), True),
    (OrderFilter(total_min=Decimal(26)), False),
    (OrderFilter(total_max=Decimal(24)), False),
    (OrderFilter(created_to=NOW, created_from=NOW), True),
    (OrderFilter(created_from=datetime(2099, 1, 1, tzinfo=UTC)), False),
    (OrderFilter(created_to=datetime(2026, 1, 1, tzinfo=UTC)), False),
]


@pytest.mark.parametrize(("order_filter", "passes"), FILTERS)
def test_a_feed_applies_each_condition_of_the_order_filter(
    life: OrderLifecycle, order_filter: OrderFilter, passes: bool
) -> None:
    validated = life.events[1]
    assert matches(order_filter, tailed("order-1", validated)) is passes


def test_every_field_of_the_order_filter_is_applied_by_pages_and_by_feeds() -> None:
    excluding = [vars(order_filter) for order_filter, passes in FILTERS if not passes]
    for field in fields(OrderFilter):
        assert filter_conditions([field.name]), field.name
        assert any(values[field.name] is not None for values in excluding), (
            f"FILTERS has no case that {field.name} excludes from a feed"
        )


async def test_a_query_that_is_cancelled_while_waiting_uses_no_budget() -> None:
    budget = QueryBudget(max_concurrent=2, max_per_second=1000)

    async def query(until: asyncio.Event) -> None:
        async with budget:
            await until.wait()

    never, done = asyncio.Event(), asyncio.Event()
    held = [asyncio.create_task(query(never)) for _ in range(2)]
    waiting = [asyncio.create_task(query(done)) for _ in range(3)]
    async with asyncio.timeout(30):
        await wait_until(lambda: budget.used >= 2, interval=0)
        waiting[0].cancel()
        held[0].cancel()
        done.set()
        await asyncio.gather(*waiting[1:])
    assert budget.used == 4
    held[1].cancel()
    await asyncio.gather(*held, *waiting, return_exceptions=True)

"""What streams keep in memory, and the budget of queries."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gql.streams.polling import QueryBudget
from gql.streams.watch import Watch
from tests.support.waiting import wait_until
from tests.unit.gql.streams.stream_sources import RUN, two_events

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

"""Search, pages and counts of the events of all orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sqlalchemy import text

from orchestration.domain.states import EventType
from persistence.event_search import event_page_statement
from persistence.ledger import PostgresLedger
from persistence.reads import EventFilter, EventQuery, Page, Reads, StoredEvent, event_keyset
from tests.support.orders import make_order
from tests.support.pages import all_pages
from tests.support.timelines import NOON, UNTIL_PAID, Timeline, create_customer, unique_id

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

MILLISECOND = timedelta(milliseconds=1)


class Twelve(NamedTuple):
    """Twelve events of three orders, latest first. Always three of them have the same time."""

    customer_id: str
    events: list[StoredEvent]


@pytest.fixture(scope="module")
async def twelve(engine: AsyncEngine) -> Twelve:
    customer = await create_customer(engine)
    stored = []
    for _ in range(3):
        timeline = Timeline(make_order(customer_id=customer.id)).add(*UNTIL_PAID)
        await PostgresLedger(engine).record(timeline.batch(1, 4))
        stored += [StoredEvent(timeline.order.id, event) for event in timeline.events]
    return Twelve(customer.id, sorted(stored, key=event_keyset, reverse=True))


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("types", [None, UNTIL_PAID])
@pytest.mark.parametrize("limit", [1, 5, 12])
async def test_pages_in_either_direction_contain_each_event_once_latest_first(
    reads: Reads, twelve: Twelve, *, backward: bool, types: tuple[EventType, ...] | None, limit: int
) -> None:
    limited = reads.of_customer(twelve.customer_id)
    filter_ = EventFilter(types=None if types is None else list(types))
    query = EventQuery(filter=filter_, limit=limit, backward=backward)
    pages = await all_pages(limited.search_events, query, event_keyset)

    assert [stored for page in pages for stored in page.nodes] == twelve.events


async def test_events_must_meet_every_condition_of_a_filter(reads: Reads, twelve: Twelve) -> None:
    first_order = twelve.events[0].order_id
    received, paid = NOON + MILLISECOND, NOON + 4 * MILLISECOND
    mine = EventFilter(customer_id=twelve.customer_id)
    for filter_, number in (
        (mine, 12),
        (EventFilter(order_id=first_order), 4),
        (replace(mine, order_id=first_order, types=[EventType.PAYMENT_CHARGED]), 1),
        (replace(mine, types=[EventType.PAYMENT_CHARGED, EventType.ORDER_RECEIVED]), 6),
        (replace(mine, types=[]), 0),
        (replace(mine, at_to=received), 3),
        (replace(mine, at_from=received + MILLISECOND, at_to=paid), 9),
        (replace(mine, at_from=paid, types=[EventType.ORDER_RECEIVED]), 0),
        (EventFilter(customer_id=unique_id("nobody")), 0),
    ):
        found = await reads.search_events(EventQuery(filter=filter_, limit=100))
        assert (len(found.nodes), await reads.count_events(filter_)) == (number, number), filter_


async def test_the_events_of_other_customers_are_not_found_by_any_filter(
    engine: AsyncEngine, reads: Reads, twelve: Twelve
) -> None:
    stranger = reads.of_customer((await create_customer(engine)).id)
    for filter_ in (
        EventFilter(),
        EventFilter(order_id=twelve.events[0].order_id),
        EventFilter(customer_id=twelve.customer_id),
        EventFilter(types=list(UNTIL_PAID), at_from=NOON),
    ):
        empty = await stranger.search_events(EventQuery(filter=filter_, limit=9))
        assert empty == Page([], has_next=False, has_previous=False)
        assert await stranger.count_events(filter_) == 0


@pytest.mark.parametrize(
    ("filter_", "index"),
    [
        (EventFilter(), "events_at_idx"),
        (EventFilter(at_from=NOON, at_to=NOON), "events_at_idx"),
        (
            EventFilter(types=[EventType.ORDER_FAILED, EventType.PAYMENT_DECLINED]),
            "events_type_idx",
        ),
        (EventFilter(types=[EventType.ORDER_FAILED], at_from=NOON), "events_type_idx"),
        (EventFilter(order_id="o"), "events_pkey"),
        (EventFilter(customer_id="c"), "orders_customer_idx"),
    ],
)
async def test_a_page_of_events_is_read_from_an_index(
    engine: AsyncEngine, filter_: EventFilter, index: str
) -> None:
    """Also the sort: a full page must not depend on how many events there are."""
    statement, parameters = event_page_statement(EventQuery(filter=filter_, limit=20))
    compiled = statement.params(**parameters).compile(
        engine.sync_engine, compile_kwargs={"literal_binds": True}
    )
    async with engine.connect() as connection:
        await connection.execute(text("SET enable_seqscan = off"))
        try:
            explained = await connection.exec_driver_sql(f"EXPLAIN {compiled}")
            plan = "\n".join(row[0] for row in explained)
        finally:
            await connection.execute(text("RESET enable_seqscan"))
    assert index in plan, plan

"""What was written since: nothing twice, and nothing skipped that commits late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from persistence.reads import FeedPosition, Reads, TailedEvent
from tests.persistence.horizon import past_all_written
from tests.persistence.stories import UNTIL_PAID, Story, a_customer, an_order

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.ledger import PostgresLedger

_APPEND_A_COPY = """
INSERT INTO events (order_id, sequence, key, type, from_state, state, message, payload, at)
SELECT order_id, sequence + 1, 'copy', type, from_state, state, message, payload, at
FROM events WHERE order_id = :order_id AND sequence = 4
"""


async def a_story(engine: AsyncEngine) -> Story:
    customer = await a_customer(engine)
    return Story(an_order(customer.id)).tell(*UNTIL_PAID)


def places(events: list[TailedEvent]) -> list[tuple[str, int]]:
    return [(one.stored.order_id, one.stored.event.sequence) for one in events]


async def test_an_event_that_commits_late_is_read_before_those_that_came_after_it(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    early, late = await a_story(engine), await a_story(engine)
    await ledger.record(early.batch(1, 4))
    began = await past_all_written(engine, reads)
    ids = [early.order.id, late.order.id]
    async with engine.connect() as connection:
        await connection.execute(text("BEGIN"))
        await connection.execute(text(_APPEND_A_COPY), {"order_id": early.order.id})
        await ledger.record(late.batch(1, 4))

        meanwhile = await reads.tail(began, 100, ids)
        assert meanwhile.events == []
        await connection.execute(text("COMMIT"))
    await past_all_written(engine, reads)
    page = await reads.tail(meanwhile.position, 100, ids)

    assert places(page.events) == [
        (early.order.id, 5),
        *((late.order.id, sequence) for sequence in range(1, 5)),
    ]
    assert (await reads.tail(page.position, 100, ids)).events == []


async def test_a_burst_comes_page_by_page_even_within_one_transaction(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    began = await past_all_written(engine, reads)
    story = await a_story(engine)
    await ledger.record(story.batch(1, 4))
    await past_all_written(engine, reads)

    position, seen = began, []
    full = True
    while full:
        page = await reads.tail(position, 3, [story.order.id])
        seen += places(page.events)
        position, full = page.position, page.full

    assert seen == [(story.order.id, sequence) for sequence in range(1, 5)]
    assert position > FeedPosition(began.xid)


async def test_it_brings_all_orders_with_their_facts_or_some_without(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    began = await past_all_written(engine, reads)
    story, other = await a_story(engine), await a_story(engine)
    await ledger.record(story.batch(1, 4))
    await ledger.record(other.batch(1, 4))
    await past_all_written(engine, reads)

    some = (await reads.tail(began, 100, [story.order.id])).events
    everything = (await reads.tail(began, 100)).events

    assert [one.stored.event for one in some] == story.events
    assert all(one.facts is None for one in some)
    assert {one.stored.order_id for one in everything} >= {story.order.id, other.order.id}
    facts = next(one.facts for one in everything if one.stored.order_id == story.order.id)
    assert facts is not None
    assert facts.customer_id == story.order.request.customer_id
    assert facts.folded_customer_name == story.order.customer_name.casefold()


async def test_without_events_it_still_moves_on(engine: AsyncEngine, reads: Reads) -> None:
    began = await past_all_written(engine, reads)
    await a_customer(engine)
    await past_all_written(engine, reads)
    page = await reads.tail(began, 100, [])
    assert (page.events, page.full) == ([], False)
    assert page.position > began


async def test_a_position_of_a_server_that_is_ahead_is_kept(reads: Reads) -> None:
    ahead = FeedPosition(2**62, "order-1", 3)
    assert (await reads.tail(ahead, 100)).position == ahead

"""The tail delivers every event once, including those of transactions that commit late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from persistence.reads import FeedPosition, OtherEpoch, Reads, TailedEvent
from tests.support.horizon import past_all_written
from tests.support.orders import make_order
from tests.support.timelines import UNTIL_PAID, Timeline, create_customer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.ledger import PostgresLedger

_APPEND_A_COPY = """
INSERT INTO events (order_id, sequence, key, type, from_state, state, message, payload, at)
SELECT order_id, sequence + 1, 'copy', type, from_state, state, message, payload, at
FROM events WHERE order_id = :order_id AND sequence = 4
"""


async def new_timeline(engine: AsyncEngine) -> Timeline:
    customer = await create_customer(engine)
    return Timeline(make_order(customer_id=customer.id)).add(*UNTIL_PAID)


def keys(events: list[TailedEvent]) -> list[tuple[str, int]]:
    return [(tailed.stored.order_id, tailed.stored.event.sequence) for tailed in events]


async def test_an_event_that_commits_late_is_read_before_later_transactions(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    early, late = await new_timeline(engine), await new_timeline(engine)
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

    assert keys(page.events) == [
        (early.order.id, 5),
        *((late.order.id, sequence) for sequence in range(1, 5)),
    ]
    assert (await reads.tail(page.position, 100, ids)).events == []


async def test_the_events_of_one_transaction_can_span_several_pages(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    began = await past_all_written(engine, reads)
    timeline = await new_timeline(engine)
    await ledger.record(timeline.batch(1, 4))
    await past_all_written(engine, reads)

    position, seen = began, []
    full = True
    while full:
        page = await reads.tail(position, 3, [timeline.order.id])
        seen += keys(page.events)
        position, full = page.position, page.full

    assert seen == [(timeline.order.id, sequence) for sequence in range(1, 5)]
    assert position > FeedPosition(began.xid)


async def test_the_tail_of_all_orders_has_their_facts_and_that_of_selected_orders_has_not(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    began = await past_all_written(engine, reads)
    timeline, other = await new_timeline(engine), await new_timeline(engine)
    await ledger.record(timeline.batch(1, 4))
    await ledger.record(other.batch(1, 4))
    await past_all_written(engine, reads)

    some = (await reads.tail(began, 100, [timeline.order.id])).events
    everything = (await reads.tail(began, 100)).events

    assert [tailed.stored.event for tailed in some] == timeline.events
    assert all(tailed.facts is None for tailed in some)
    assert {tailed.stored.order_id for tailed in everything} >= {timeline.order.id, other.order.id}
    facts = next(
        tailed.facts for tailed in everything if tailed.stored.order_id == timeline.order.id
    )
    assert facts is not None
    assert facts.customer_id == timeline.order.request.customer_id
    assert facts.folded_customer_name == timeline.order.customer_name.casefold()


async def test_an_order_that_cannot_be_read_does_not_hold_up_the_events_of_others(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads, caplog: pytest.LogCaptureFixture
) -> None:
    began = await past_all_written(engine, reads)
    edited, other = await new_timeline(engine), await new_timeline(engine)
    await ledger.record(edited.batch(1, 4))
    async with engine.begin() as connection:
        by_hand = text("UPDATE orders SET failure_code = 'FRAUD' WHERE id = :id")
        await connection.execute(by_hand, {"id": edited.order.id})
    await ledger.record(other.batch(1, 4))
    await past_all_written(engine, reads)

    position, seen, full = began, [], True
    while full:
        page = await reads.tail(position, 3)
        seen += keys(page.events)
        position, full = page.position, page.full

    assert {order_id for order_id, _ in seen} >= {other.order.id}
    assert edited.order.id not in {order_id for order_id, _ in seen}
    assert f"event 1 of order {edited.order.id} cannot be read" in caplog.text


async def test_the_position_advances_without_events(engine: AsyncEngine, reads: Reads) -> None:
    began = await past_all_written(engine, reads)
    await create_customer(engine)
    await past_all_written(engine, reads)
    page = await reads.tail(began, 100, [])
    assert (page.events, page.full) == ([], False)
    assert page.position > began


async def test_a_position_of_another_epoch_is_refused_although_the_counter_has_passed_it(
    reads: Reads,
) -> None:
    now = await reads.feed_position()
    for order_ids in (None, ["order-1"]):
        with pytest.raises(OtherEpoch):
            await reads.tail(FeedPosition(1, epoch=f"{now.epoch}1"), 100, order_ids)


async def test_a_position_ahead_of_the_server_is_kept(reads: Reads) -> None:
    ahead = FeedPosition(2**62, "order-1", 3, (await reads.feed_position()).epoch)
    assert (await reads.tail(ahead, 100)).position == ahead

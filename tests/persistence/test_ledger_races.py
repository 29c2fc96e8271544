from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from orchestration.domain.errors import RecordDiverged
from orchestration.domain.states import EventType
from orchestration.ports import Recorded
from tests.support.lock_waits import wait_for_lock_waits
from tests.support.orders import make_order
from tests.support.timelines import (
    UNTIL_PAID,
    Timeline,
    create_customer,
    stored_rows,
    unique_id,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.ledger import PostgresLedger
    from persistence.reads import Reads


async def test_twenty_concurrent_copies_of_a_batch_are_stored_once(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads, timeline: Timeline
) -> None:
    for first, last in ((1, 2), (3, 4)):
        answers = await asyncio.gather(
            *(ledger.record(timeline.batch(first, last)) for _ in range(20))
        )
        assert set(answers) == {Recorded(customer_exists=True, payment_owner=None)}

    assert [e.event for e in await reads.events_after(timeline.order.id, 0)] == timeline.events
    order, payment, *events = await stored_rows(engine, timeline)
    assert len(events) == 4
    # One transaction wrote the order, its payment and the events of the last batch.
    assert order[-1] == payment[-1] == events[2][-1] == events[3][-1]


async def test_copies_of_a_batch_that_waited_for_each_other_return_the_same_result(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline
) -> None:
    """Each copy begins before the row or the events that it waits for are visible to it."""
    for first, last in ((1, 2), (3, 4)):
        async with engine.connect() as blocked:
            await blocked.execute(text("BEGIN"))
            if first == 1:
                await blocked.execute(
                    text("SELECT 1 FROM customers WHERE id = :id FOR UPDATE"),
                    {"id": timeline.order.request.customer_id},
                )
            else:
                await blocked.execute(
                    text("SELECT 1 FROM orders WHERE id = :id FOR UPDATE"),
                    {"id": timeline.order.id},
                )
            copies = [
                asyncio.create_task(ledger.record(timeline.batch(first, last))) for _ in "abc"
            ]
            await wait_for_lock_waits(engine, 3, recording=True)
            await blocked.execute(text("COMMIT"))
            answers = await asyncio.gather(*copies)
        assert set(answers) == {Recorded(customer_exists=True, payment_owner=None)}
    events = (await stored_rows(engine, timeline))[2:]
    assert [row[1] for row in events] == [1, 2, 3, 4]


async def test_of_two_concurrent_batches_that_differ_the_second_is_rejected_and_writes_nothing(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads, timeline: Timeline
) -> None:
    """The second waits for the first, and begins before the first one's event is visible."""
    await ledger.record(timeline.batch(1, 2))
    other = timeline.batch(3, 4)
    other.events[0] = replace(other.events[0], command_id="another")
    async with engine.connect() as blocked:
        await blocked.execute(text("BEGIN"))
        await blocked.execute(
            text("SELECT 1 FROM orders WHERE id = :id FOR UPDATE"), {"id": timeline.order.id}
        )
        told = asyncio.create_task(ledger.record(timeline.batch(3, 3)))
        await wait_for_lock_waits(engine, 1, recording=True)
        refused = asyncio.create_task(ledger.record(other))
        await wait_for_lock_waits(engine, 2, recording=True)
        await blocked.execute(text("COMMIT"))
    await told
    with pytest.raises(RecordDiverged, match="event 3 is recorded as ORDER_APPROVED"):
        await refused
    events = await reads.events_after(timeline.order.id, 0)
    assert [stored.event for stored in events] == timeline.events[:3]


async def test_the_first_order_with_a_payment_id_owns_it_even_if_batches_are_repeated(
    ledger: PostgresLedger, reads: Reads, timeline: Timeline
) -> None:
    loser = Timeline(
        make_order(
            customer_id=timeline.order.request.customer_id, payment_id=timeline.order.payment_id
        )
    )
    loser.add(*UNTIL_PAID[:2], EventType.ORDER_FAILED)
    lost = Recorded(customer_exists=True, payment_owner=timeline.order.id)

    await ledger.record(timeline.batch(1, 1))
    for first, last in ((1, 1), (2, 3)):
        assert await ledger.record(loser.batch(first, last)) == lost
        assert await ledger.record(loser.batch(first, last)) == lost
    assert (await ledger.record(timeline.batch(1, 1))).payment_owner is None
    assert await reads.payments_by_order_ids([loser.order.id]) == []


async def test_concurrent_orders_with_the_same_payment_id_agree_on_its_owner(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await create_customer(engine)
    for _ in range(10):
        payment_id = unique_id("pay")
        racers = [
            Timeline(make_order(customer_id=customer.id, payment_id=payment_id)).add(
                EventType.ORDER_RECEIVED
            )
            for _ in range(4)
        ]
        answers = await asyncio.gather(*(ledger.record(racer.batch(1, 1)) for racer in racers))

        (payment,) = await reads.payments_by_order_ids([racer.order.id for racer in racers])
        for racer, answer in zip(racers, answers, strict=True):
            owner = None if racer.order.id == payment.order_id else payment.order_id
            assert answer.payment_owner == owner


async def test_a_payment_id_claimed_while_the_statement_waited_is_reported(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline
) -> None:
    loser = Timeline(
        make_order(
            customer_id=timeline.order.request.customer_id, payment_id=timeline.order.payment_id
        )
    )
    loser.add(EventType.ORDER_RECEIVED)
    other = await create_customer(engine)
    async with engine.connect() as winner:
        await winner.execute(text("BEGIN"))
        owner = Timeline(make_order(customer_id=other.id)).add(EventType.ORDER_RECEIVED)
        await ledger.record(owner.batch(1, 1))
        await winner.execute(
            text("UPDATE payments SET id = :id WHERE order_id = :order_id"),
            {"id": timeline.order.payment_id, "order_id": owner.order.id},
        )
        recording = asyncio.create_task(ledger.record(loser.batch(1, 1)))
        await wait_for_lock_waits(engine, 1, recording=True)
        await winner.execute(text("COMMIT"))
        assert (await recording).payment_owner == owner.order.id


async def test_a_customer_deleted_while_the_statement_waited_is_reported_missing(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline
) -> None:
    async with engine.connect() as deleting:
        await deleting.execute(text("BEGIN"))
        await deleting.execute(
            text("DELETE FROM customers WHERE id = :id"), {"id": timeline.order.request.customer_id}
        )
        recording = asyncio.create_task(ledger.record(timeline.batch(1, 1)))
        await wait_for_lock_waits(engine, 1, recording=True)
        await deleting.execute(text("COMMIT"))
        assert (await recording).customer_exists is False

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import text

from orchestration.domain.states import EventType
from persistence.reads import StartFacts
from tests.persistence.stories import UNTIL_PAID, Story, a_customer, an_order, fresh
from tests.support.horizon import past_all_written

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.ledger import PostgresLedger
    from persistence.reads import Reads


async def test_unknown_orders_and_customers_are_none_or_omitted(reads: Reads) -> None:
    nobody = fresh("nobody")

    assert await reads.order(nobody) is None
    assert await reads.orders_by_ids([nobody]) == []
    assert await reads.orders_by_ids([]) == []
    assert await reads.event_pages([nobody], 5, 0) == {nobody: []}
    assert await reads.command_event(nobody, "c") is None
    assert await reads.start_facts(nobody, nobody, nobody) == StartFacts(None, None, None)


async def test_orders_and_payments_are_read_by_many_ids_at_once(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await a_customer(engine)
    stories = [Story(an_order(customer.id)).tell(*UNTIL_PAID) for _ in range(3)]
    for story in stories:
        await ledger.record(story.batch(1, 4))
    ids = [story.order.id for story in stories]

    assert {stored.order.id for stored in await reads.orders_by_ids([*ids, ids[0]])} == set(ids)
    assert {payment.order_id for payment in await reads.payments_by_order_ids(ids)} == set(ids)


async def test_each_order_gets_a_separate_page_of_events(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await a_customer(engine)
    long = Story(an_order(customer.id)).tell(*UNTIL_PAID)
    short = Story(an_order(customer.id)).tell(*UNTIL_PAID[:2])
    await ledger.record(long.batch(1, 4))
    await ledger.record(short.batch(1, 2))

    pages = await reads.event_pages([long.order.id, short.order.id], limit=2, after=1)

    assert [stored.event.sequence for stored in pages[long.order.id]] == [2, 3]
    assert [stored.event.sequence for stored in pages[short.order.id]] == [2]
    after = await reads.events_after(long.order.id, 3)
    assert [stored.event for stored in after] == long.events[3:]


async def test_the_event_of_a_command_is_found_by_order_and_command_id(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await a_customer(engine)
    story = Story(an_order(customer.id)).tell(*UNTIL_PAID[:2])
    story.tell(EventType.ORDER_APPROVED, command_id="approve-1")
    await ledger.record(story.batch(1, 3))

    found = await reads.command_event(story.order.id, "approve-1")
    assert found is not None
    assert found.event == story.events[2]
    assert await reads.command_event(story.order.id, "approve-2") is None
    assert await reads.command_event(fresh("other"), "approve-1") is None


async def test_start_facts_contain_the_order_the_customer_and_the_owner_of_the_payment_id(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await a_customer(engine)
    story = Story(an_order(customer.id)).tell(EventType.ORDER_RECEIVED)
    await ledger.record(story.batch(1, 1))
    order = story.order

    again = await reads.start_facts(order.id, customer.id, order.payment_id)
    other = await reads.start_facts(fresh("order"), customer.id, order.payment_id)

    assert again == StartFacts(await reads.order(order.id), customer.name, None)
    assert other == StartFacts(None, customer.name, order.id)


async def test_the_feed_position_does_not_pass_a_running_transaction(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("BEGIN"))
        found = await connection.execute(text("SELECT pg_current_xact_id()::text"))
        running = int(found.scalar_one())
        customer = await a_customer(engine)
        await ledger.record(Story(an_order(customer.id)).tell(*UNTIL_PAID).batch(1, 4))

        assert int(await reads.feed_position()) <= running
        await connection.execute(text("COMMIT"))
    assert (await past_all_written(engine, reads)).xid > running


async def test_more_concurrent_reads_than_connections_all_succeed(reads: Reads) -> None:
    answers = await asyncio.gather(*(reads.order(fresh("nobody")) for _ in range(200)))

    assert answers == [None] * 200

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import text

from orchestration.domain.states import EventType
from persistence.reads import EventRange, NamedCustomer, StartFacts
from tests.support.horizon import past_all_written
from tests.support.orders import make_order
from tests.support.timelines import UNTIL_PAID, Timeline, create_customer, unique_id

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.ledger import PostgresLedger
    from persistence.reads import Reads


async def test_unknown_orders_and_customers_are_none_or_omitted(reads: Reads) -> None:
    nobody = unique_id("nobody")

    assert await reads.order(nobody) is None
    assert await reads.orders_by_ids([nobody]) == []
    assert await reads.orders_by_ids([]) == []
    assert await reads.event_pages([nobody], 5, 0) == {nobody: []}
    assert await reads.command_event(nobody, "c") is None
    assert await reads.start_facts(nobody, nobody, customer_id=nobody) == StartFacts(
        None, None, None
    )


async def test_orders_and_payments_are_read_by_many_ids_at_once(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await create_customer(engine)
    timelines = [Timeline(make_order(customer_id=customer.id)).add(*UNTIL_PAID) for _ in range(3)]
    for timeline in timelines:
        await ledger.record(timeline.batch(1, 4))
    ids = [timeline.order.id for timeline in timelines]

    assert {stored.order.id for stored in await reads.orders_by_ids([*ids, ids[0]])} == set(ids)
    assert {payment.order_id for payment in await reads.payments_by_order_ids(ids)} == set(ids)


async def test_the_shipping_events_of_many_orders_are_read_at_once(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await create_customer(engine)
    shipped = Timeline(make_order(customer_id=customer.id)).add(
        *UNTIL_PAID, EventType.SHIPPING_STARTED, EventType.SHIPPING_ATTEMPT_FAILED
    )
    shipped.events[4:] = [replace(event, attempt=1) for event in shipped.events[4:]]
    paid = Timeline(make_order(customer_id=customer.id)).add(*UNTIL_PAID)
    await ledger.record(shipped.batch(1, 6))
    await ledger.record(paid.batch(1, 4))

    found = await reads.shipping_events([shipped.order.id, paid.order.id])

    assert found == {shipped.order.id: shipped.events[4:], paid.order.id: []}


async def test_each_order_gets_a_separate_page_of_events(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await create_customer(engine)
    long = Timeline(make_order(customer_id=customer.id)).add(*UNTIL_PAID)
    short = Timeline(make_order(customer_id=customer.id)).add(*UNTIL_PAID[:2])
    await ledger.record(long.batch(1, 4))
    await ledger.record(short.batch(1, 2))

    pages = await reads.event_pages([long.order.id, short.order.id], limit=2, after=1)

    assert [stored.event.sequence for stored in pages[long.order.id]] == [2, 3]
    assert [stored.event.sequence for stored in pages[short.order.id]] == [2]
    ranges = [
        EventRange(long.order.id, 2, 4),
        EventRange(short.order.id, 0, 9),
        EventRange(long.order.id, 0, 3),
        EventRange(long.order.id, 4, 4),
    ]
    assert await reads.events_of(ranges) == [
        long.events[2:],
        short.events,
        long.events[:3],
        [],
    ]
    assert await reads.of_customer("stranger").events_of(ranges) == [[]] * 4
    after = await reads.events_after(long.order.id, 3)
    assert [stored.event for stored in after] == long.events[3:]


async def test_the_event_of_a_command_is_found_by_order_and_command_id(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await create_customer(engine)
    timeline = Timeline(make_order(customer_id=customer.id)).add(*UNTIL_PAID[:2])
    timeline.add(EventType.ORDER_APPROVED, command_id="approve-1")
    await ledger.record(timeline.batch(1, 3))

    found = await reads.command_event(timeline.order.id, "approve-1")
    assert found is not None
    assert found.event == timeline.events[2]
    assert await reads.command_event(timeline.order.id, "approve-2") is None
    assert await reads.command_event(unique_id("other"), "approve-1") is None


async def test_start_facts_contain_the_order_the_customer_and_the_owner_of_the_payment_id(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await create_customer(engine)
    timeline = Timeline(make_order(customer_id=customer.id)).add(EventType.ORDER_RECEIVED)
    await ledger.record(timeline.batch(1, 1))
    order = timeline.order

    again = await reads.start_facts(order.id, order.payment_id, customer_id=customer.id)
    other = await reads.start_facts(
        unique_id("order"), order.payment_id, email=customer.email.upper()
    )

    named = NamedCustomer(customer.id, customer.name)
    assert again == StartFacts(await reads.order(order.id), named, None)
    assert other == StartFacts(None, named, order.id)


async def test_the_feed_position_does_not_pass_a_running_transaction(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("BEGIN"))
        found = await connection.execute(text("SELECT pg_current_xact_id()::text"))
        running = int(found.scalar_one())
        customer = await create_customer(engine)
        await ledger.record(
            Timeline(make_order(customer_id=customer.id)).add(*UNTIL_PAID).batch(1, 4)
        )

        assert (await reads.feed_position()).xid <= running
        await connection.execute(text("COMMIT"))
    assert (await past_all_written(engine, reads)).xid > running


async def test_more_concurrent_reads_than_connections_all_succeed(reads: Reads) -> None:
    answers = await asyncio.gather(*(reads.order(unique_id("nobody")) for _ in range(200)))

    assert answers == [None] * 200

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from orchestration.domain.errors import RecordDiverged
from orchestration.domain.money import Money
from orchestration.domain.order import FailureCode, LineItem, OrderFailure, PaymentStatus
from orchestration.domain.states import EventType
from orchestration.ports import Recorded
from persistence.customers import PostgresCustomers
from tests.support.orders import make_order
from tests.support.timelines import (
    NOON,
    Timeline,
    create_customer,
    stored_rows,
    unique_id,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from persistence.ledger import PostgresLedger
    from persistence.reads import Reads


# Longer than an index entry may be, even when compressed.
LONG = "".join(unique_id("ä") for _ in range(600))


async def test_a_recorded_order_is_read_back_unchanged(
    ledger: PostgresLedger, reads: Reads, timeline: Timeline
) -> None:
    batch = timeline.batch(1, 2)
    snapshot = replace(
        batch.snapshot,
        review_deadline=NOON,
        ended_at=NOON,
        failure=OrderFailure(FailureCode.INVALID, "because"),
        undoing=True,
    )

    recorded = await ledger.record(replace(batch, snapshot=snapshot))

    assert recorded == Recorded(customer_exists=True, payment_owner=None)
    stored = await reads.order(timeline.order.id)
    assert stored is not None
    assert stored.order == timeline.order
    assert stored.run_id == timeline.run_id
    assert stored.created_at == NOON
    assert stored.snapshot == snapshot
    events = await reads.events_after(timeline.order.id, 0)
    assert [stored.event for stored in events] == timeline.events[:2]
    (payment,) = await reads.payments_by_order_ids([timeline.order.id])
    assert (payment.id, payment.status, payment.amount) == (
        timeline.order.payment_id,
        PaymentStatus.PENDING,
        Money(2500, "USD"),
    )


async def test_later_batches_update_the_order_and_its_payment(
    ledger: PostgresLedger, reads: Reads, timeline: Timeline
) -> None:
    await ledger.record(timeline.batch(1, 2))
    await ledger.record(timeline.batch(3, 4))

    stored = await reads.order(timeline.order.id)
    assert stored is not None
    assert stored.snapshot == timeline.snapshots[4]
    assert [e.event for e in await reads.events_after(timeline.order.id, 0)] == timeline.events
    (payment,) = await reads.payments_by_order_ids([timeline.order.id])
    assert payment.status is PaymentStatus.CHARGED
    assert payment.created_at == NOON
    assert payment.updated_at == timeline.snapshots[4].updated_at


async def test_each_batch_takes_one_statement(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline
) -> None:
    statements = []

    def count(*arguments: object) -> None:
        statements.append(arguments[2])

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    try:
        for first, last in ((1, 2), (1, 2), (3, 4), (3, 4)):
            await ledger.record(timeline.batch(first, last))
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", count)
    assert len(statements) == 4


async def test_recording_a_batch_again_changes_nothing(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline
) -> None:
    for first, last in ((1, 2), (3, 4)):
        recorded = await ledger.record(timeline.batch(first, last))
        before = await stored_rows(engine, timeline)

        assert await ledger.record(timeline.batch(first, last)) == recorded
        assert await stored_rows(engine, timeline) == before


async def test_a_late_copy_of_an_older_batch_does_not_revert_the_order(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline
) -> None:
    first = await ledger.record(timeline.batch(1, 2))
    await ledger.record(timeline.batch(3, 4))
    before = await stored_rows(engine, timeline)

    assert await ledger.record(timeline.batch(1, 2)) == first
    assert await stored_rows(engine, timeline) == before


async def test_only_the_new_events_of_an_overlapping_batch_are_written(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline
) -> None:
    await ledger.record(timeline.batch(1, 3))
    before = (await stored_rows(engine, timeline))[2:]

    await ledger.record(timeline.batch(2, 4))

    after = (await stored_rows(engine, timeline))[2:]
    assert after[:3] == before
    assert [row[1] for row in after] == [1, 2, 3, 4]


async def test_a_batch_of_another_run_is_rejected_and_writes_nothing(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline
) -> None:
    await ledger.record(timeline.batch(1, 2))
    before = await stored_rows(engine, timeline)
    other = replace(timeline, run_id=unique_id("run"), snapshots=[]).add()
    other.snapshots = timeline.snapshots

    for batch in (other.batch(1, 2), other.batch(3, 4)):
        with pytest.raises(RecordDiverged, match=f"run {timeline.run_id} is recorded, but"):
            await ledger.record(batch)

    assert await stored_rows(engine, timeline) == before


async def test_a_batch_with_another_event_under_a_stored_sequence_is_rejected_and_writes_nothing(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline
) -> None:
    await ledger.record(timeline.batch(1, 2))
    before = await stored_rows(engine, timeline)
    batch = timeline.batch(2, 4)
    batch.events[0] = replace(batch.events[0], type=EventType.ADDRESS_UPDATED, command_id="c1")

    with pytest.raises(
        RecordDiverged, match="event 2 is recorded as ORDER_VALIDATED, but ADDRESS_UPDATED:c1 was"
    ):
        await ledger.record(batch)

    assert await stored_rows(engine, timeline) == before


async def test_a_batch_after_a_gap_writes_nothing_and_asks_for_the_missing_events(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline
) -> None:
    assert (await ledger.record(timeline.batch(3, 4))).resend_after == 0
    assert await stored_rows(engine, timeline) == []

    await ledger.record(timeline.batch(1, 1))
    before = await stored_rows(engine, timeline)
    assert (await ledger.record(timeline.batch(3, 4))).resend_after == 1
    assert await stored_rows(engine, timeline) == before

    assert (await ledger.record(timeline.batch(2, 4))).resend_after is None


async def test_an_ended_order_rejects_a_batch_that_does_not_reach_its_end(
    engine: AsyncEngine, ledger: PostgresLedger
) -> None:
    timeline = Timeline(make_order(customer_id=unique_id("nobody")))
    timeline.add(EventType.ORDER_RECEIVED, EventType.ORDER_FAILED)
    recorded = await ledger.record(timeline.batch(1, 2))
    before = await stored_rows(engine, timeline)

    with pytest.raises(RecordDiverged, match="has ended with event 2"):
        await ledger.record(timeline.batch(1, 1))

    assert await ledger.record(timeline.batch(1, 2)) == recorded
    assert await stored_rows(engine, timeline) == before


async def test_a_batch_with_a_gap_in_its_events_is_rejected(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline
) -> None:
    batch = timeline.batch(1, 3)
    del batch.events[1]

    with pytest.raises(RecordDiverged, match="are not consecutive up to event 3"):
        await ledger.record(batch)
    assert await stored_rows(engine, timeline) == []


async def test_a_first_batch_without_its_order_is_rejected(
    ledger: PostgresLedger, timeline: Timeline
) -> None:
    with pytest.raises(RecordDiverged, match="the batch does not contain the order"):
        await ledger.record(replace(timeline.batch(1, 2), order=None))


async def test_an_order_of_an_unknown_customer_is_recorded_and_the_customer_reported_missing(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    timeline = Timeline(make_order(customer_id=unique_id("nobody")))
    timeline.add(EventType.ORDER_RECEIVED, EventType.ORDER_FAILED)
    unknown = Recorded(customer_exists=False, payment_owner=None)

    assert await ledger.record(timeline.batch(1, 1)) == unknown
    late = timeline.order.request.customer_id  # creating the customer later changes nothing
    await PostgresCustomers(engine).create(late, "Late", f"{late}@example.com", None)
    assert await ledger.record(timeline.batch(1, 1)) == unknown
    for _ in range(2):
        assert await ledger.record(timeline.batch(2, 2)) == unknown
    stored = await reads.order(timeline.order.id)
    assert stored is not None
    assert stored.order.request.customer_id == timeline.order.request.customer_id


async def test_an_order_with_values_that_postgres_cannot_store_is_still_recorded(
    engine: AsyncEngine, ledger: PostgresLedger, reads: Reads
) -> None:
    customer = await create_customer(engine)
    order = make_order(
        customer_id=customer.id,
        payment_id="p\0" + LONG,
        customer_name="half a \ud83d pair",
        request={
            "currency": "???",
            "items": [LineItem("nul \0 and \\u0000 😀", 10**12, 10**15)],
            "policy": {"deadline": float("inf")},
        },
    )
    timeline = Timeline(order).add(
        EventType.ORDER_RECEIVED, EventType.ORDER_FAILED, command_id=LONG
    )

    for _ in range(2):
        assert await ledger.record(timeline.batch(1, 2)) == Recorded(
            customer_exists=True, payment_owner=None
        )

    stored = await reads.order(order.id)
    assert stored is not None
    assert stored.order.customer_name == "half a \ufffd pair"
    assert stored.order.request.items[0].sku == "nul \ufffd and \\u0000 😀"
    assert stored.snapshot.state == "FAILED"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET message = 'rewritten' WHERE order_id = :id",
        "DELETE FROM events WHERE order_id = :id",
        "DELETE FROM events WHERE order_id = :id || 'no such order'",
        "TRUNCATE events",
    ],
)
async def test_the_database_rejects_changes_of_events(
    engine: AsyncEngine, ledger: PostgresLedger, timeline: Timeline, statement: str
) -> None:
    await ledger.record(timeline.batch(1, 2))
    before = await stored_rows(engine, timeline)

    parameters = {"id": timeline.order.id} if ":id" in statement else {}
    async with engine.connect() as connection:
        with pytest.raises(IntegrityError, match="events are append-only"):
            await connection.execute(text(statement), parameters)

    assert await stored_rows(engine, timeline) == before

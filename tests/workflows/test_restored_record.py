"""The record is restored from a backup that is older than what workflows did since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Table, delete, insert, select, text
from temporalio.client import WorkflowFailureError

from cli.service.repair import NothingToRepair
from orchestration.domain.commands import ApproveOrder, UpdateAddress
from orchestration.domain.errors import RecordDiverged
from orchestration.domain.order import Address, FailureCode
from orchestration.domain.states import EventType, OrderState
from persistence.tables import events, orders, payments
from tests.support.orders import make_order
from tests.workflows.test_repair import repair, terminate

if TYPE_CHECKING:
    from tests.support.shop import Shop

_ELSEWHERE = UpdateAddress(
    command_id="move", address=Address(street="2 Side St", city="Springfield", country="US")
)
_OF_AN_ORDER = {orders: orders.c.id, payments: payments.c.order_id, events: events.c.order_id}

Backup = dict[Table, list[dict[str, Any]]]


async def back_up(shop: Shop, order_id: str) -> Backup:
    """Return what is on record of an order."""
    async with shop.engine.connect() as connection:
        backup: Backup = {}
        for table, key in _OF_AN_ORDER.items():
            found = await connection.execute(select(table).where(key == order_id))
            backup[table] = [dict(row) for row in found.mappings()]
        return backup


async def restore(shop: Shop, order_id: str, backup: Backup) -> None:
    """Have that on record, and nothing else of the order."""
    engine = shop.engine.execution_options(isolation_level="READ COMMITTED")
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE events DISABLE TRIGGER events_append_only"))
        for table, key in reversed(_OF_AN_ORDER.items()):
            await connection.execute(delete(table).where(key == order_id))
        for table, rows in backup.items():
            if rows:
                await connection.execute(insert(table), rows)
        await connection.execute(text("ALTER TABLE events ENABLE TRIGGER events_append_only"))


@pytest.mark.parametrize("on_record_then", [True, False])
async def test_an_order_that_has_ended_since_is_written_and_not_undone(
    shop: Shop, *, on_record_then: bool
) -> None:
    order = make_order()
    backup = await back_up(shop, order.id)
    await shop.start_in_review(order)
    if on_record_then:
        backup = await back_up(shop, order.id)
    await shop.apply(order.id, ApproveOrder(command_id="yes"))
    assert (await shop.outcome(order.id)).state is OrderState.COMPLETED
    before = await shop.events(order.id)
    await restore(shop, order.id, backup)
    assert await shop.events(order.id) != before

    assert await repair(shop, order.id) is OrderState.COMPLETED

    await shop.snapshot_on_both_sides(order.id)
    assert await shop.events(order.id) == before
    assert await shop.gateway_row(order.payment_id) == "CHARGED"


async def test_an_order_that_runs_goes_on_once_its_record_is_brought_up(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order())
    backup = await back_up(shop, order_id)
    await shop.apply(order_id, _ELSEWHERE)
    await shop.until(order_id, lambda s: s.recorded_sequence == s.snapshot.sequence)
    await restore(shop, order_id, backup)

    assert await repair(shop, order_id) is OrderState.AWAITING_APPROVAL

    await shop.apply(order_id, ApproveOrder(command_id="yes"))
    assert (await shop.outcome(order_id)).state is OrderState.COMPLETED
    await shop.snapshot_on_both_sides(order_id)


async def test_an_order_that_went_on_without_its_record_is_brought_up_and_undone(
    shop: Shop,
) -> None:
    order = make_order()
    order_id = await shop.start_in_review(order)
    backup = await back_up(shop, order_id)
    await shop.apply(order_id, _ELSEWHERE)
    await shop.until(order_id, lambda s: s.recorded_sequence == s.snapshot.sequence)
    await restore(shop, order_id, backup)
    await shop.apply(order_id, ApproveOrder(command_id="yes"))
    with pytest.raises(WorkflowFailureError):
        await shop.outcome(order_id)

    assert await repair(shop, order_id) is OrderState.FAILED

    stored = await shop.stored(order_id)
    assert stored.snapshot.failure is not None
    assert stored.snapshot.failure.code is FailureCode.TERMINATED
    assert (await shop.types(order_id))[3:] == [
        EventType.ADDRESS_UPDATED,
        EventType.ORDER_APPROVED,
        EventType.UNDO_STARTED,
        EventType.PAYMENT_VOIDED,
        EventType.ORDER_FAILED,
    ]
    assert await shop.gateway_row(order.payment_id) == "VOIDED"


async def test_a_repair_that_was_lost_with_the_record_is_done_again(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order())
    backup = await back_up(shop, order_id)
    await terminate(shop, order_id)
    assert await repair(shop, order_id) is OrderState.FAILED
    await restore(shop, order_id, backup)
    assert (await shop.stored(order_id)).snapshot.state is OrderState.AWAITING_APPROVAL

    assert await repair(shop, order_id) is OrderState.FAILED
    assert (await shop.stored(order_id)).snapshot.state is OrderState.FAILED


async def test_a_record_that_tells_another_story_is_not_mixed_with_the_workflows(
    shop: Shop,
) -> None:
    order_id = await shop.start_in_review(make_order())
    backup = await back_up(shop, order_id)
    [third] = [event for event in backup[events] if event["sequence"] == 3]
    third["key"] = "another"
    await shop.apply(order_id, _ELSEWHERE)
    await shop.until(order_id, lambda s: s.recorded_sequence == s.snapshot.sequence)
    await restore(shop, order_id, backup)

    with pytest.raises(RecordDiverged, match="event 3 is recorded as another"):
        await repair(shop, order_id)
    assert len(await shop.events(order_id)) == len(backup[events])


async def test_an_order_that_has_ended_is_not_undone_for_a_record_of_another_run(
    shop: Shop,
) -> None:
    order = make_order()
    await shop.start_in_review(order)
    backup = await back_up(shop, order.id)
    backup[orders][0]["run_id"] = "another"
    await shop.apply(order.id, ApproveOrder(command_id="yes"))
    assert (await shop.outcome(order.id)).state is OrderState.COMPLETED
    await restore(shop, order.id, backup)

    with pytest.raises(NothingToRepair, match="is COMPLETED, and its record is another run's"):
        await repair(shop, order.id)
    assert await shop.gateway_row(order.payment_id) == "CHARGED"

"""Repair after the record was restored from a backup that is older than the workflows' progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import Table, delete, insert, select, text
from temporalio.client import WorkflowFailureError

from cli.service.repair import NothingToRepair
from orchestration.domain.commands import ApproveOrder, UpdateAddress
from orchestration.domain.errors import RecordDiverged
from orchestration.domain.order import Address
from orchestration.domain.states import EventType, OrderState
from orchestration.messages import Repair
from orchestration.repair_workflow import RepairWorkflow, repair_workflow_id
from orchestration.simulation import DECLINE
from persistence.tables import events, orders, payments
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop

_UPDATE_ADDRESS = UpdateAddress(
    command_id="move", address=Address(street="2 Side St", city="Springfield", country="US")
)
_ORDER_ID_COLUMNS = {orders: orders.c.id, payments: payments.c.order_id, events: events.c.order_id}

Backup = dict[Table, list[dict[str, Any]]]


async def back_up(shop: Shop, order_id: str) -> Backup:
    """Return all recorded rows of an order."""
    async with shop.engine.connect() as connection:
        backup: Backup = {}
        for table, key in _ORDER_ID_COLUMNS.items():
            found = await connection.execute(select(table).where(key == order_id))
            backup[table] = [dict(row) for row in found.mappings()]
        return backup


async def restore(shop: Shop, order_id: str, backup: Backup) -> None:
    """Replace all recorded rows of the order with those of the backup."""
    engine = shop.engine.execution_options(isolation_level="READ COMMITTED")
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE events DISABLE TRIGGER events_append_only"))
        for table, key in reversed(_ORDER_ID_COLUMNS.items()):
            await connection.execute(delete(table).where(key == order_id))
        for table, rows in backup.items():
            if rows:
                await connection.execute(insert(table), rows)
        await connection.execute(text("ALTER TABLE events ENABLE TRIGGER events_append_only"))


@pytest.mark.parametrize("was_recorded", [True, False])
async def test_an_order_that_ended_after_the_backup_is_recorded_and_not_undone(
    shop: Shop, *, was_recorded: bool
) -> None:
    order = make_order()
    backup = await back_up(shop, order.id)
    await shop.start_in_review(order)
    if was_recorded:
        backup = await back_up(shop, order.id)
    await shop.apply(order.id, ApproveOrder(command_id="yes"))
    assert (await shop.outcome(order.id)).state is OrderState.COMPLETED
    before = await shop.events(order.id)
    await restore(shop, order.id, backup)
    assert await shop.events(order.id) != before

    assert await shop.repair(order.id) is OrderState.COMPLETED

    await shop.snapshot_on_both_sides(order.id)
    assert await shop.events(order.id) == before
    assert await shop.gateway_row(order.payment_id) == "CHARGED"


async def test_a_running_order_continues_after_its_record_is_brought_up_to_date(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order())
    backup = await back_up(shop, order_id)
    await shop.apply(order_id, _UPDATE_ADDRESS)
    await shop.until(order_id, lambda s: s.recorded_sequence == s.snapshot.sequence)
    await restore(shop, order_id, backup)

    assert await shop.repair(order_id) is OrderState.AWAITING_APPROVAL

    await shop.apply(order_id, ApproveOrder(command_id="yes"))
    assert (await shop.outcome(order_id)).state is OrderState.COMPLETED
    await shop.snapshot_on_both_sides(order_id)


@pytest.mark.parametrize("had_a_row", [True, False])
async def test_a_running_order_writes_what_its_restored_record_lacks_with_its_next_event(
    shop: Shop, *, had_a_row: bool
) -> None:
    order = make_order()
    backup = await back_up(shop, order.id)
    order_id = await shop.start_in_review(order)
    if had_a_row:
        backup = await back_up(shop, order_id)
    await shop.apply(order_id, _UPDATE_ADDRESS)
    await shop.until(order_id, lambda s: s.recorded_sequence == s.snapshot.sequence)
    await restore(shop, order_id, backup)

    await shop.apply(order_id, ApproveOrder(command_id="yes"))

    assert (await shop.outcome(order_id)).state is OrderState.COMPLETED
    await shop.snapshot_on_both_sides(order_id)


async def test_a_repair_whose_record_is_restored_meanwhile_fails_and_can_be_repeated(
    shop: Shop,
) -> None:
    order = make_order()
    order_id = await shop.start_in_review(order)
    backup = await back_up(shop, order_id)
    await shop.apply(order_id, _UPDATE_ADDRESS)
    await shop.until(order_id, lambda s: s.recorded_sequence == s.snapshot.sequence)
    stored = await shop.stored(order_id)
    await shop.terminate(order_id)
    await restore(shop, order_id, backup)
    repair = Repair(
        order=order,
        placed_at=stored.created_at,
        run_id=stored.run_id,
        snapshot=stored.snapshot,
        attempts=0,
        reason="test",
    )
    with pytest.raises(WorkflowFailureError):
        await shop.client.execute_workflow(
            RepairWorkflow.run,
            repair,
            id=repair_workflow_id(order_id),
            task_queue=shop.settings.order_task_queue,
        )
    assert await shop.repair(order_id) is OrderState.FAILED
    assert (await shop.types(order_id))[3:5] == [
        EventType.ADDRESS_UPDATED,
        EventType.UNDO_STARTED,
    ]


async def test_a_repair_that_was_lost_with_the_record_can_be_repeated(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order())
    backup = await back_up(shop, order_id)
    await shop.terminate(order_id)
    assert await shop.repair(order_id) is OrderState.FAILED
    await restore(shop, order_id, backup)
    assert (await shop.stored(order_id)).snapshot.state is OrderState.AWAITING_APPROVAL

    assert await shop.repair(order_id) is OrderState.FAILED
    assert (await shop.stored(order_id)).snapshot.state is OrderState.FAILED


async def test_a_record_with_a_different_event_is_not_overwritten(
    shop: Shop,
) -> None:
    order_id = await shop.start_in_review(make_order())
    backup = await back_up(shop, order_id)
    [third] = [event for event in backup[events] if event["sequence"] == 3]
    third["key"] = "another"
    await shop.apply(order_id, _UPDATE_ADDRESS)
    await shop.until(order_id, lambda s: s.recorded_sequence == s.snapshot.sequence)
    await restore(shop, order_id, backup)

    with pytest.raises(RecordDiverged, match="event 3 is recorded as another"):
        await shop.repair(order_id)
    assert len(await shop.events(order_id)) == len(backup[events])


@pytest.mark.parametrize(
    ("prefix", "end", "payment"),
    [("pay-", OrderState.COMPLETED, "CHARGED"), (DECLINE, OrderState.FAILED, "DECLINED")],
)
async def test_an_ended_order_is_not_undone_if_its_record_belongs_to_another_run(
    shop: Shop, prefix: str, end: OrderState, payment: str
) -> None:
    order = make_order(payment_id=f"{prefix}{uuid4()}")
    await shop.start_in_review(order)
    backup = await back_up(shop, order.id)
    backup[orders][0]["run_id"] = "another"
    await shop.apply(order.id, ApproveOrder(command_id="yes"))
    assert (await shop.outcome(order.id)).state is end
    await restore(shop, order.id, backup)

    with pytest.raises(NothingToRepair, match=f"{end}, but Postgres has the events of another run"):
        await shop.repair(order.id)
    assert await shop.gateway_row(order.payment_id) == payment

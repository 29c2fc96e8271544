"""Reconciliation finds orders that differ between the servers, and repairs those it safely can.

The servers are shared with other tests, so each test looks at the findings of its own orders only.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from cli.service.reconcile import Bounds
from cli.service.reconcile_report import FindingKind, Outcome
from cli.service.repair import RepairResult, Repairs
from orchestration.domain.order import ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.workflow_listing import WorkflowListing
from tests.support.orders import make_order
from tests.support.reconciliation import AT_ONCE, findings_of, reconciliation
from tests.support.shop import TIMEOUT
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from cli.service.reconcile_report import Finding
    from tests.support.shop import Shop


async def until_found(shop: Shop, order_id: str) -> Finding:
    """Reconcile until the visibility store, which lags, shows the order. Repairs nothing."""

    async def finding() -> Finding | None:
        report = await reconciliation(shop).run(dry_run=True)
        return next((found for found in report.findings if found.order_id == order_id), None)

    return await wait_until(finding, timeout=TIMEOUT)


async def until_listed_as_closed(shop: Shop, *order_ids: str) -> None:
    async def are_closed() -> bool:
        return not await WorkflowListing(shop.client).running(order_ids)

    await wait_until(are_closed, timeout=TIMEOUT)


async def last_event_was(shop: Shop, order_id: str, age: timedelta) -> None:
    """Move the time of the order's last event into the past."""
    async with shop.engine.connect() as connection:
        await connection.execute(
            text("UPDATE orders SET updated_at = now() - CAST(:age AS interval) WHERE id = :id"),
            {"age": age, "id": order_id},
        )


async def test_a_terminated_order_is_found_and_undone_and_a_running_one_is_untouched(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    async with shop.working("order"):
        terminated = await shop.start_shipping()
        running = await shop.start_in_review(make_order())
        before = await shop.stored(running)
        await shop.terminate(terminated.id)
        await until_listed_as_closed(shop, terminated.id)

        dry = await reconciliation(shop).run(dry_run=True)
        assert findings_of(dry, terminated.id, running) == {
            terminated.id: (FindingKind.WORKFLOW_CLOSED, Outcome.REPAIRABLE)
        }
        assert not dry.all_repaired
        assert (await shop.stored(terminated.id)).snapshot.state is OrderState.SHIPPING

        report = await reconciliation(shop).run()
        assert findings_of(report, terminated.id, running) == {
            terminated.id: (FindingKind.WORKFLOW_CLOSED, Outcome.REPAIRED)
        }
        assert await shop.gateway_row(terminated.payment_id) == "REFUNDED"
        assert await shop.stored(running) == before

        again = await reconciliation(shop).run()
        assert findings_of(again, terminated.id, running) == {}


async def test_an_order_whose_workflow_is_missing_is_only_reported(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    async with shop.working("order"):
        order = await shop.start_shipping()
        await shop.terminate(order.id)
        await shop.delete_workflow(order.id)
        await until_listed_as_closed(shop, order.id)
        # Longer ago than Temporal keeps workflows.
        await last_event_was(shop, order.id, timedelta(days=1000))

        report = await reconciliation(shop).run()

        assert findings_of(report, order.id) == {
            order.id: (FindingKind.WORKFLOW_MISSING, Outcome.UNRESOLVED)
        }
        assert f"orders repair {order.id}" in report.as_text()
        assert await shop.gateway_row(order.payment_id) == "CHARGED"
        assert await shop.repair(order.id) is OrderState.FAILED


async def test_an_order_that_waits_for_a_worker_is_no_finding(shop_without_workers: Shop) -> None:
    shop = shop_without_workers
    waiting, terminated = [make_order(review_mode=ReviewMode.NONE) for _ in range(2)]
    for order in (waiting, terminated):
        await shop.start(order)
    # Started after the other, it shows that the visibility store has both.
    await shop.terminate(terminated.id)
    await until_found(shop, terminated.id)

    report = await reconciliation(shop).run(dry_run=True)

    assert waiting.id not in findings_of(report, waiting.id)
    async with shop.working("order"):
        await shop.repair(terminated.id)
        await shop.until_state(waiting.id, OrderState.SHIPPING)
        await shop.client.get_workflow_handle(waiting.id).cancel()
        await shop.until_state(waiting.id, OrderState.CANCELLED)


async def test_a_workflow_that_was_terminated_before_its_first_write_gets_a_row(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    order = make_order()
    await shop.start(order)
    await shop.terminate(order.id)
    found = await until_found(shop, order.id)
    assert (found.kind, found.outcome) == (FindingKind.ROW_MISSING, Outcome.REPAIRABLE)

    async with shop.working("order"):
        report = await reconciliation(shop).run()

    assert findings_of(report, order.id) == {order.id: (FindingKind.ROW_MISSING, Outcome.REPAIRED)}
    assert (await shop.stored(order.id)).snapshot.state is OrderState.FAILED
    assert await shop.gateway_row(order.payment_id) == "VOIDED"


async def test_orders_that_changed_recently_are_left_alone(shop_without_workers: Shop) -> None:
    shop = shop_without_workers
    async with shop.working("order"):
        recorded = await shop.start_shipping()
    unrecorded = make_order()
    await shop.start(unrecorded)
    for order in (recorded, unrecorded):
        await shop.terminate(order.id)
    await until_found(shop, unrecorded.id)
    await until_listed_as_closed(shop, recorded.id)
    # The row is old enough, and the workflow has closed only now.
    await last_event_was(shop, recorded.id, timedelta(days=1))

    bounds = Bounds(min_age=timedelta(hours=1))
    report = await reconciliation(shop, bounds).run(dry_run=True)

    assert findings_of(report, recorded.id, unrecorded.id) == {}
    async with shop.working("order"):
        for order in (recorded, unrecorded):
            await shop.repair(order.id)


@asynccontextmanager
async def gateway_row_locked(shop: Shop, payment_id: str) -> AsyncGenerator[None]:
    """Keep the gateway from changing this payment, as a transaction that never ends would."""
    engine = shop.engine.execution_options(isolation_level="READ COMMITTED")
    async with engine.begin() as connection:
        await connection.execute(
            text("SELECT 1 FROM gateway_charges WHERE payment_id = :id FOR UPDATE"),
            {"id": payment_id},
        )
        yield


@dataclass(frozen=True, kw_only=True)
class Impatient(Repairs):
    """Gives up on one order after half a second. On a busy machine, the others may take longer."""

    with_order: str

    async def try_repair(self, order_id: str) -> RepairResult:
        limit = 0.5 if order_id == self.with_order else TIMEOUT
        return await Repairs.try_repair(
            replace(self, time_limit=timedelta(seconds=limit)), order_id
        )


async def test_an_order_whose_repair_cannot_finish_does_not_stop_the_others(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    async with shop.working("order"):
        orders = [await shop.start_shipping() for _ in range(3)]
        ids = [order.id for order in orders]
        for order_id in ids:
            await shop.terminate(order_id)
        await until_listed_as_closed(shop, *ids)
        wedged = orders[0]
        async with gateway_row_locked(shop, wedged.payment_id):
            impatient = Impatient(**vars(shop.repairs), with_order=wedged.id)
            report = await replace(reconciliation(shop), repairs=impatient).run()

        closed = FindingKind.WORKFLOW_CLOSED
        assert findings_of(report, *ids) == {
            ids[0]: (closed, Outcome.UNRESOLVED),
            ids[1]: (closed, Outcome.REPAIRED),
            ids[2]: (closed, Outcome.REPAIRED),
        }
        assert f"Order {wedged.id} was not repaired within 0.5 seconds" in report.as_text()
        # Unless its repair has finished meanwhile, the next reconciliation waits for it.
        report = await reconciliation(shop).run()
        assert findings_of(report, *ids) in ({}, {ids[0]: (closed, Outcome.REPAIRED)})
    assert await shop.gateway_row(wedged.payment_id) == "REFUNDED"


async def test_orders_over_the_limit_of_repairs_wait_for_the_next_run(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    async with shop.working("order"):
        order = await shop.start_shipping()
        await shop.terminate(order.id)
        await until_listed_as_closed(shop, order.id)

        report = await reconciliation(shop, replace(AT_ONCE, max_repairs=0)).run()
        assert findings_of(report, order.id) == {
            order.id: (FindingKind.WORKFLOW_CLOSED, Outcome.POSTPONED)
        }
        assert not report.all_repaired
        assert (await shop.stored(order.id)).snapshot.state is OrderState.SHIPPING

        await reconciliation(shop).run()
    assert (await shop.stored(order.id)).snapshot.state is OrderState.FAILED


async def test_two_reconciliations_at_once_undo_an_order_once(shop_without_workers: Shop) -> None:
    shop = shop_without_workers
    async with shop.working("order"):
        order = await shop.start_shipping()
        await shop.terminate(order.id)
        await until_listed_as_closed(shop, order.id)

        reports = await asyncio.gather(*(reconciliation(shop).run() for _ in range(2)))

    for report in reports:
        assert findings_of(report, order.id) in (
            {order.id: (FindingKind.WORKFLOW_CLOSED, Outcome.REPAIRED)},
            {},
        )
    assert (await shop.types(order.id))[-3:] == [
        EventType.UNDO_STARTED,
        EventType.PAYMENT_REFUNDED,
        EventType.ORDER_FAILED,
    ]
    assert (await shop.types(order.id)).count(EventType.UNDO_STARTED) == 1


async def test_a_full_page_of_the_longest_ids_fits_in_a_visibility_query(shop: Shop) -> None:
    ids = [f"{number:064}" for number in range(100)]
    assert await WorkflowListing(shop.client).running([*ids, "no' identifier"]) == set()

"""Repair undoes or completes an order whose workflow was closed externally, and ends its record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cli.service.repair import NothingToRepair
from orchestration.domain.order import FailureCode, PaymentStatus, ReviewMode
from orchestration.domain.states import EventType, OrderState
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def test_an_order_terminated_while_shipping_is_refunded_and_failed(
    shop_without_workers: Shop,
) -> None:
    order = make_order(review_mode=ReviewMode.NONE)
    async with shop_without_workers.working("order"):
        await shop_without_workers.start(order)
        await shop_without_workers.until(
            order.id, lambda s: s.snapshot.state is OrderState.SHIPPING
        )
        await shop_without_workers.until(
            order.id, lambda s: s.recorded_sequence == s.snapshot.sequence
        )
        await shop_without_workers.terminate(order.id)
        assert await shop_without_workers.repair(order.id) is OrderState.FAILED
    types = await shop_without_workers.types(order.id)
    assert types[-3:] == [
        EventType.UNDO_STARTED,
        EventType.PAYMENT_REFUNDED,
        EventType.ORDER_FAILED,
    ]
    snapshot = (await shop_without_workers.stored(order.id)).snapshot
    assert snapshot.payment_status is PaymentStatus.REFUNDED
    assert snapshot.failure is not None
    assert snapshot.failure.code is FailureCode.TERMINATED
    assert snapshot.sequence == len(types)
    assert await shop_without_workers.gateway_row(order.payment_id) == "REFUNDED"
    without_worker = replace(
        shop_without_workers.repairs, orders=shop_without_workers.orders_with_timeout(2)
    )
    with pytest.raises(NothingToRepair, match="has ended"):
        await without_worker.repair(order.id)


async def test_an_order_terminated_before_its_first_step_gets_a_row(
    shop_without_workers: Shop,
) -> None:
    order = make_order()
    await shop_without_workers.start(order)
    await shop_without_workers.terminate(order.id)
    async with shop_without_workers.working("order"):
        assert await shop_without_workers.repair(order.id) is OrderState.FAILED
    assert (await shop_without_workers.stored(order.id)).order == order
    assert await shop_without_workers.gateway_row(order.payment_id) == "VOIDED"


async def test_an_order_terminated_after_dispatch_is_completed(
    shop: Shop,
) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE, delivery_timeout=600))
    await shop.until(
        order_id,
        lambda s: (
            s.snapshot.state is OrderState.SHIPPED and s.recorded_sequence == s.snapshot.sequence
        ),
    )
    await shop.terminate(order_id)
    assert await shop.repair(order_id) is OrderState.COMPLETED


async def test_a_running_or_unknown_order_is_not_repaired(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order())
    with pytest.raises(NothingToRepair, match="RUNNING"):
        await shop.repair(order_id)
    with pytest.raises(NothingToRepair, match="Neither Temporal nor Postgres"):
        await shop.repair("no-such-order")


async def test_an_order_whose_workflow_is_deleted_is_refunded_from_its_record_alone(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    async with shop.working("order"):
        order = await shop.start_shipping()
        before = await shop.events(order.id)
        await shop.terminate(order.id)
        await shop.delete_workflow(order.id)

        assert await shop.repair(order.id) is OrderState.FAILED

        with pytest.raises(NothingToRepair, match="has ended"):
            await shop.repair(order.id)
    after = await shop.events(order.id)
    assert after[: len(before)] == before
    assert [event.type for event in after[len(before) :]] == [
        EventType.UNDO_STARTED,
        EventType.PAYMENT_REFUNDED,
        EventType.ORDER_FAILED,
    ]
    assert [event.sequence for event in after] == list(range(1, len(after) + 1))
    assert await shop.gateway_row(order.payment_id) == "REFUNDED"
    assert await shop.parcel_row(order.id, 1) == "RECALLED"


async def test_a_repair_that_cannot_finish_reports_it_after_its_time_limit(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    async with shop.working("order"):
        order = await shop.start_shipping()
    await shop.terminate(order.id)
    await shop.delete_workflow(order.id)

    result = await replace(shop.repairs, time_limit=timedelta(seconds=0.5)).try_repair(order.id)

    assert not result.repaired
    assert f"Order {order.id} was not repaired within 0.5 seconds" in result.message
    assert f"{order.id}/repair" in result.message
    async with shop.working("order"):
        assert await shop.repair(order.id) is OrderState.FAILED

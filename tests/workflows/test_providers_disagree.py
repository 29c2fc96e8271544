"""Answers of the payment gateway and the carrier that contradict the record, or come too late."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import text

from orchestration.domain.commands import ApproveOrder, CancelPayment
from orchestration.domain.errors import PaymentRefused
from orchestration.domain.order import FailureCode, PaymentStatus, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.simulation import RECALL_TOO_LATE
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook
from tests.support.orders import make_order

if TYPE_CHECKING:
    from orchestration.domain.order import Order
    from orchestration.ports import Charge, Parcel
    from tests.support.shop import Shop

STOP = CancelPayment(command_id="stop")
CANCELLED = (OrderState.CANCELLED, FailureCode.PAYMENT_CANCELLED)


async def gateway_says(shop: Shop, payment_id: str, status: str) -> None:
    async with shop.engine.begin() as connection:
        await connection.execute(
            text("UPDATE gateway_charges SET status = :status WHERE payment_id = :id"),
            {"status": status, "id": payment_id},
        )


@pytest.mark.parametrize("status", ["VOIDED", "DECLINED"])
async def test_a_gateway_that_denies_a_recorded_charge_does_not_keep_the_order_from_ending(
    shop_without_workers: Shop, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop = shop_without_workers
    order = make_order(review_mode=ReviewMode.NONE)
    async with shop.working("order"):
        await shop.start(order)
        await shop.until_state(order.id, OrderState.SHIPPING)
        await gateway_says(shop, order.payment_id, status)
        await shop.apply(order.id, STOP)
        assert await shop.end(order.id) == CANCELLED
        snapshot = await shop.snapshot_on_both_sides(order.id)
    assert snapshot.payment_status is PaymentStatus(status)
    assert f"PAYMENT_{status}" in await shop.types(order.id)
    [alert] = [r for r in caplog.records if r.getMessage().startswith("payment mismatch:")]
    assert alert.levelname == "ERROR"


async def test_a_repair_ends_an_order_whose_recorded_charge_the_gateway_denies(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    order = make_order(review_mode=ReviewMode.NONE)
    async with shop.working("order"):
        await shop.start(order)
        await shop.until_state(order.id, OrderState.SHIPPING)
        await gateway_says(shop, order.payment_id, "VOIDED")
        await shop.terminate(order.id)
        assert await shop.repair(order.id) is OrderState.FAILED
    assert (await shop.stored(order.id)).snapshot.payment_status is PaymentStatus.VOIDED


async def start_second_order_with_the_payment_of(shop: Shop, owner: Order) -> Order:
    second = make_order(payment_id=owner.payment_id)
    await shop.start(second)
    return second


async def test_an_order_cancelled_before_its_first_write_does_not_void_anothers_payment(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    owner = make_order()
    async with shop.working("order", "shipping"):
        await shop.start_in_review(owner)
    second = await start_second_order_with_the_payment_of(shop, owner)
    await shop.client.get_workflow_handle(second.id).signal("cancel_payment", STOP)
    async with shop.working("order", "shipping"):
        assert await shop.end(second.id) == CANCELLED
        await shop.apply(owner.id, ApproveOrder(command_id="yes"))
        assert await shop.end(owner.id) == (OrderState.COMPLETED, None)
    assert await shop.gateway_row(owner.payment_id) == "CHARGED"


async def test_a_repair_of_an_order_does_not_void_anothers_payment(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    owner = make_order()
    async with shop.working("order", "shipping"):
        await shop.start_in_review(owner)
    second = await start_second_order_with_the_payment_of(shop, owner)
    await shop.terminate(second.id)
    async with shop.working("order", "shipping"):
        assert await shop.repair(second.id) is OrderState.FAILED
        await shop.apply(owner.id, ApproveOrder(command_id="yes"))
        assert await shop.end(owner.id) == (OrderState.COMPLETED, None)


class RefusingBook(PostgresGatewayBook):
    """A gateway's book that refuses the first reversal of every payment."""

    refused: set[str]

    async def reverse(self, charge: Charge) -> PaymentStatus:
        if charge.payment_id not in self.refused:
            self.refused.add(charge.payment_id)
            raise PaymentRefused(charge.payment_id, "not now")
        return await super().reverse(charge)


async def test_a_refused_reversal_is_retried(shop_without_workers: Shop) -> None:
    book = RefusingBook(shop_without_workers.engine)
    book.refused = set()
    shop = replace(shop_without_workers.with_faults(), gateway_book=book)
    order = make_order(review_mode=ReviewMode.NONE)
    async with shop.working("order"):
        await shop.start(order)
        await shop.until_state(order.id, OrderState.SHIPPING)
        await shop.apply(order.id, STOP)
        assert await shop.end(order.id) == CANCELLED
    assert book.refused == {order.payment_id}
    assert await shop.gateway_row(order.payment_id) == "REFUNDED"


async def dispatch_behind_the_workflows_back(shop: Shop, order: Order) -> None:
    """Dispatch the parcel of the first attempt, as if the carrier's response had been lost."""
    async with shop.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO carrier_parcels (order_id, attempt, status)"
                " VALUES (:id, 1, 'DISPATCHED')"
            ),
            {"id": order.id},
        )


@pytest.mark.parametrize(
    ("prefix", "parcel"), [(RECALL_TOO_LATE, "DISPATCHED"), ("in-time-", "RECALLED")]
)
async def test_an_order_stopped_during_its_dispatch_is_refunded_and_its_parcel_followed_up(
    shop_without_workers: Shop, prefix: str, parcel: str
) -> None:
    shop = shop_without_workers
    order = make_order(id=f"{prefix}{uuid4()}", review_mode=ReviewMode.NONE)
    async with shop.working("order"):
        await shop.start(order)
        await shop.until_state(order.id, OrderState.SHIPPING)
        await dispatch_behind_the_workflows_back(shop, order)
        await shop.apply(order.id, STOP)
        assert await shop.end(order.id) == CANCELLED
        await shop.snapshot_on_both_sides(order.id)
    assert await shop.gateway_row(order.payment_id) == "REFUNDED"
    assert await shop.parcel_row(order.id, 1) == parcel
    refused = [e for e in await shop.events(order.id) if e.type is EventType.RECALL_REFUSED]
    if parcel == "RECALLED":
        assert not refused
    else:
        [event] = refused
        assert event.payload == {"attempt": 1, "trackingNumber": f"TRK-{order.id}-1"}


class SilentCarrierBook(PostgresCarrierBook):
    """A carrier's book that dispatches parcels but never says so."""

    async def dispatch(self, parcel: Parcel) -> bool:
        await super().dispatch(parcel)
        raise TimeoutError


async def test_a_dispatch_whose_response_was_lost_is_not_repeated_if_it_cannot_be_recalled(
    shop_without_workers: Shop,
) -> None:
    book = SilentCarrierBook(shop_without_workers.engine)
    shop = replace(shop_without_workers.with_faults(), carrier_book=book)
    order = make_order(
        id=f"{RECALL_TOO_LATE}{uuid4()}", review_mode=ReviewMode.NONE, activity_attempts=1
    )
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == (OrderState.COMPLETED, None)
        await shop.snapshot_on_both_sides(order.id)
    types = await shop.types(order.id)
    assert types.count(EventType.SHIPPING_STARTED) == 1
    assert types[-4:] == [
        EventType.SHIPPING_ATTEMPT_FAILED,
        EventType.CARRIER_DISPATCHED,
        EventType.ORDER_SHIPPED,
        EventType.ORDER_COMPLETED,
    ]
    assert await shop.gateway_row(order.payment_id) == "CHARGED"

"""Failed shipping attempts are retried. After the last one the order is undone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from orchestration.domain.order import FailureCode, LineItem, PaymentStatus, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.domain.validation import MAX_ACTIVITY_TIMEOUT
from orchestration.simulation import DISPATCH_FAILS, DISPATCH_FAILS_ONCE
from persistence.simulation_books import PostgresCarrierBook
from tests.support.orders import make_order

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.ports import Parcel
    from tests.support.shop import Shop

FAILING = {"items": [LineItem(sku=DISPATCH_FAILS, quantity=1, unit_price=1)]}
FAILING_ONCE = {"items": [LineItem(sku=DISPATCH_FAILS_ONCE, quantity=1, unit_price=1)]}


async def test_a_failed_shipping_attempt_is_retried(shop: Shop) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE, request=FAILING_ONCE))
    assert await shop.end(order_id) == (OrderState.COMPLETED, None)
    attempts = [(e.type, e.attempt) for e in await shop.events(order_id) if e.attempt]
    assert attempts == [
        (EventType.SHIPPING_STARTED, 1),
        (EventType.PACKAGE_PREPARED, 1),
        (EventType.SHIPPING_ATTEMPT_FAILED, 1),
        (EventType.SHIPPING_STARTED, 2),
        (EventType.PACKAGE_PREPARED, 2),
        (EventType.CARRIER_DISPATCHED, 2),
    ]


@pytest.mark.parametrize(
    ("delay", "backoff", "pauses"), [(2, 1, [2, 2]), (0.5, 3, [0.5, 1.5])], ids=["fixed", "growing"]
)
async def test_an_order_is_refunded_and_failed_after_three_shipping_attempts(
    shop: Shop, delay: float, backoff: float, pauses: list[float]
) -> None:
    order = make_order(
        review_mode=ReviewMode.NONE,
        shipping_retry_delay=delay,
        shipping_retry_backoff=backoff,
        request=FAILING,
    )
    await shop.start(order)
    assert await shop.end(order.id) == (OrderState.FAILED, FailureCode.SHIPPING_FAILED)
    events = await shop.events(order.id)
    starts = [e.at for e in events if e.type is EventType.SHIPPING_STARTED]
    taken = [(after - before).total_seconds() for before, after in pairwise(starts)]
    assert all(time >= pause for time, pause in zip(taken, pauses, strict=True))
    assert [e.type for e in events][-3:] == [
        EventType.UNDO_STARTED,
        EventType.PAYMENT_REFUNDED,
        EventType.ORDER_FAILED,
    ]
    snapshot = await shop.snapshot_on_both_sides(order.id)
    assert snapshot.payment_status is PaymentStatus.REFUNDED
    assert snapshot.failure is not None
    assert "no courier available" in snapshot.failure.message
    assert await shop.gateway_row(order.payment_id) == "REFUNDED"


async def test_a_failed_dispatch_is_signalled_after_its_package(shop: Shop) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE, request=FAILING_ONCE))
    await shop.end(order_id)
    history = await shop.client.get_workflow_handle(order_id).fetch_history()
    signals = [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    # A slow machine may add the package of the second attempt.
    assert signals[:2] == ["package_prepared", "dispatch_failed"]


class SlowCarrierBook(PostgresCarrierBook):
    """Dispatches parcels when it is released."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.release = asyncio.Event()

    async def dispatch(self, parcel: Parcel) -> bool:
        await self.release.wait()
        return await super().dispatch(parcel)


async def test_a_package_whose_dispatch_is_slow_is_recorded_before_it(separate_shop: Shop) -> None:
    book = SlowCarrierBook(separate_shop.engine)
    shop = replace(separate_shop, carrier_book=book)
    async with shop.working("order", "shipping"):
        order_id = await shop.start(
            make_order(review_mode=ReviewMode.NONE, activity_timeout=MAX_ACTIVITY_TIMEOUT)
        )
        await shop.until_state(order_id, OrderState.PACKAGE_PREPARED)
        book.release.set()
        assert await shop.end(order_id) == (OrderState.COMPLETED, None)
        assert (await shop.types(order_id)).count(EventType.PACKAGE_PREPARED) == 1

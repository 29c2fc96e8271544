"""Attempts, delays and time limits of steps, and what happens when they are used up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from orchestration.domain.order import FailureCode, PaymentStatus, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.domain.validation import MAX_ACTIVITY_TIMEOUT
from orchestration.simulation import HANG_THEN_DECLINE, SimulatedFault
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook
from tests.support.orders import make_order
from tests.support.shop import TIMEOUT
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.domain.order import Order
    from orchestration.ports import Charge, Parcel, SettledCharge
    from tests.support.shop import Shop

FAILED_CHARGE = (OrderState.FAILED, FailureCode.OTHER)
FOREVER = 24 * 3600


class FailingGatewayBook(PostgresGatewayBook):
    """Fails the first calls for each charge, after or before they take effect."""

    def __init__(self, engine: AsyncEngine, failures: int, *, takes_effect: bool = False) -> None:
        super().__init__(engine)
        self._failures = failures
        self._takes_effect = takes_effect
        self.calls: list[float] = []

    async def settle(
        self, charge: Charge, outcome: PaymentStatus, reason: str | None
    ) -> SettledCharge:
        self.calls.append(asyncio.get_running_loop().time())
        fails = len(self.calls) <= self._failures
        if fails and not self._takes_effect:
            raise SimulatedFault("the gateway is overloaded")
        settled = await super().settle(charge, outcome, reason)
        if fails:
            raise SimulatedFault("the gateway is overloaded")
        return settled


class SlowGatewayBook(PostgresGatewayBook):
    """Charges when it is released, even if nobody waits for the response any more."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.release = asyncio.Event()
        self.requests: list[asyncio.Task[SettledCharge]] = []

    async def settle(
        self, charge: Charge, outcome: PaymentStatus, reason: str | None
    ) -> SettledCharge:
        request = asyncio.create_task(self._settle_later(charge, outcome, reason))
        self.requests.append(request)
        return await asyncio.shield(request)

    async def _settle_later(
        self, charge: Charge, outcome: PaymentStatus, reason: str | None
    ) -> SettledCharge:
        await self.release.wait()
        return await super().settle(charge, outcome, reason)


@dataclass
class FailingCarrier:
    """Shipping attempts whose dispatches fail, or hang, and the calls for each attempt."""

    attempts: set[int]
    hangs: bool = False
    calls: list[int] = field(default_factory=list)

    def book(self, engine: AsyncEngine) -> PostgresCarrierBook:
        carrier = self

        class Book(PostgresCarrierBook):
            async def dispatch(self, parcel: Parcel) -> bool:
                carrier.calls.append(parcel.attempt)
                if parcel.attempt in carrier.attempts:
                    if carrier.hangs:
                        await asyncio.sleep(FOREVER)
                    raise SimulatedFault("the carrier is overloaded")
                return await super().dispatch(parcel)

        return Book(engine)


def order_with(**policy: Any) -> Order:
    return make_order(review_mode=ReviewMode.NONE, **policy)


async def current_retry_interval(shop: Shop, order_id: str, attempt: int) -> timedelta:
    """Wait until the charge waits for this attempt or a later one, and return its last delay."""

    async def interval() -> timedelta | None:
        described = await shop.client.get_workflow_handle(order_id).describe()
        for pending in described.raw_description.pending_activities:
            if pending.activity_type.name == "charge_payment" and pending.attempt >= attempt:
                return pending.current_retry_interval.ToTimedelta() or None
        return None

    return await wait_until(interval, timeout=TIMEOUT, interval=0.01)


async def test_the_delays_between_attempts_at_a_charge_grow(separate_shop: Shop) -> None:
    book = FailingGatewayBook(separate_shop.engine, failures=4)
    shop = replace(separate_shop, gateway_book=book)
    order = order_with(activity_retry_delay=0.1, activity_retry_backoff=3)
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == (OrderState.COMPLETED, None)
    pauses = [after - before for before, after in pairwise(book.calls)]
    delays = [0.1, 0.3, 0.9, 2.7]
    # A busy machine can only add to a delay.
    assert all(pause >= delay * 0.95 for pause, delay in zip(pauses, delays, strict=True))
    assert await shop.gateway_row(order.payment_id) == "CHARGED"


async def test_delays_grow_from_5_milliseconds_up_to_200_milliseconds(separate_shop: Shop) -> None:
    book = FailingGatewayBook(separate_shop.engine, failures=1_000_000)
    shop = replace(separate_shop, gateway_book=book)
    order = order_with(
        activity_retry_delay=0.005, activity_retry_backoff=2, activity_max_retry_delay=0.2
    )
    async with shop.working("order", "shipping"):
        await shop.start(order)
        # Without the limit, the eighth delay would be 640 milliseconds. The server calculates it
        # from two times.
        delay = await current_retry_interval(shop, order.id, 9)
        assert timedelta(seconds=0.19) < delay < timedelta(seconds=0.3)
        await shop.terminate(order.id)


@pytest.mark.parametrize(
    ("takes_effect", "payment_status"),
    [(True, PaymentStatus.REFUNDED), (False, PaymentStatus.VOIDED)],
    ids=["charged", "not-charged"],
)
async def test_a_charge_without_an_answer_is_undone_after_its_last_attempt(
    separate_shop: Shop, *, takes_effect: bool, payment_status: PaymentStatus
) -> None:
    book = FailingGatewayBook(separate_shop.engine, failures=3, takes_effect=takes_effect)
    shop = replace(separate_shop, gateway_book=book)
    order = order_with(activity_attempts=3)
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == FAILED_CHARGE
        snapshot = await shop.snapshot_on_both_sides(order.id)
    assert len(book.calls) == 3
    assert snapshot.payment_status is payment_status
    assert snapshot.failure is not None
    assert snapshot.failure.message == "the payment could not be charged: the gateway is overloaded"
    assert await shop.gateway_row(order.payment_id) == payment_status
    assert EventType.PAYMENT_CHARGED not in await shop.types(order.id)


async def test_a_charge_that_uses_up_its_time_is_undone(shop: Shop) -> None:
    order = order_with(
        payment_id=f"{HANG_THEN_DECLINE}{uuid4()}",
        activity_timeout=MAX_ACTIVITY_TIMEOUT,
        activity_total_timeout=0.5,
    )
    await shop.start(order)
    assert await shop.end(order.id) == FAILED_CHARGE
    snapshot = await shop.snapshot_on_both_sides(order.id)
    assert snapshot.failure is not None
    assert snapshot.failure.message.startswith("the payment could not be charged: ")
    assert snapshot.payment_status is PaymentStatus.VOIDED
    assert await shop.gateway_row(order.payment_id) == "VOIDED"


async def test_a_charge_that_fails_fast_is_not_tried_again_after_its_time(
    separate_shop: Shop,
) -> None:
    book = FailingGatewayBook(separate_shop.engine, failures=1_000_000, takes_effect=True)
    shop = replace(separate_shop, gateway_book=book)
    order = order_with(
        activity_retry_delay=0.1, activity_retry_backoff=10, activity_total_timeout=5
    )
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == FAILED_CHARGE
        assert (await shop.types(order.id))[-2] is EventType.PAYMENT_REFUNDED
    # The delays are 0.1, 1 and 10 seconds.
    assert 1 <= len(book.calls) <= 3
    assert await shop.gateway_row(order.payment_id) == "REFUNDED"


async def test_a_charge_that_arrives_after_its_time_does_not_stand(separate_shop: Shop) -> None:
    book = SlowGatewayBook(separate_shop.engine)
    shop = replace(separate_shop, gateway_book=book)
    order = order_with(activity_timeout=MAX_ACTIVITY_TIMEOUT, activity_total_timeout=2)
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == FAILED_CHARGE
        book.release.set()
        late = await asyncio.gather(*book.requests)
    assert [settled.status for settled in late] == [PaymentStatus.VOIDED]
    assert await shop.gateway_row(order.payment_id) == "VOIDED"


@pytest.mark.parametrize(
    ("policy", "hangs", "calls"),
    [
        ({"activity_attempts": 3}, False, [1, 1, 1, 2]),
        ({"activity_attempts": 2, "activity_timeout": 1}, True, [1, 1, 2]),
        (
            {"activity_timeout": MAX_ACTIVITY_TIMEOUT, "activity_total_timeout": 3},
            True,
            [1, 2],
        ),
    ],
    ids=["attempts-fail", "attempts-hang", "time"],
)
async def test_an_order_ships_again_after_a_flaky_shipment_gave_up(
    separate_shop: Shop, policy: dict[str, Any], calls: list[int], *, hangs: bool
) -> None:
    carrier = FailingCarrier({1}, hangs=hangs)
    shop = replace(separate_shop, carrier_book=carrier.book(separate_shop.engine))
    order = order_with(**policy)
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == (OrderState.COMPLETED, None)
        await shop.snapshot_on_both_sides(order.id)
    assert carrier.calls == calls
    attempts = [(e.type, e.attempt) for e in await shop.events(order.id) if e.attempt]
    assert attempts == [
        (EventType.SHIPPING_STARTED, 1),
        (EventType.PACKAGE_PREPARED, 1),
        (EventType.SHIPPING_ATTEMPT_FAILED, 1),
        (EventType.SHIPPING_STARTED, 2),
        (EventType.PACKAGE_PREPARED, 2),
        (EventType.CARRIER_DISPATCHED, 2),
    ]
    assert await shop.parcel_row(order.id, 1) == "RECALLED"
    assert await shop.parcel_row(order.id, 2) == "DISPATCHED"


async def test_an_order_whose_shipments_all_give_up_is_refunded(separate_shop: Shop) -> None:
    carrier = FailingCarrier({1, 2})
    shop = replace(separate_shop, carrier_book=carrier.book(separate_shop.engine))
    order = order_with(activity_attempts=2, shipping_attempts=2)
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == (OrderState.FAILED, FailureCode.SHIPPING_FAILED)
        failure = (await shop.snapshot_on_both_sides(order.id)).failure
    assert carrier.calls == [1, 1, 2, 2]
    assert failure is not None
    assert (
        failure.message == "all 2 shipping attempts failed; the last one: the carrier is overloaded"
    )
    assert await shop.gateway_row(order.payment_id) == "REFUNDED"
    assert await shop.parcel_row(order.id, 2) == "RECALLED"


IN_FIFTEEN_SECONDS: dict[str, Any] = {
    "review_mode": ReviewMode.TIMER,
    "review_timeout": 2,
    "deadline": 15,
    "activity_timeout": 4,
    "activity_total_timeout": 4,
    "activity_attempts": 3,
    "activity_retry_delay": 0.005,
    "activity_retry_backoff": 2,
    "activity_max_retry_delay": 0.2,
}


async def test_an_order_completes_within_fifteen_seconds_on_the_third_attempt_after_a_timer_review(
    separate_shop: Shop,
) -> None:
    gateway = FailingGatewayBook(separate_shop.engine, failures=2, takes_effect=True)
    carrier = FailingCarrier({1})
    shop = replace(
        separate_shop, gateway_book=gateway, carrier_book=carrier.book(separate_shop.engine)
    )
    order = make_order(**IN_FIFTEEN_SECONDS)
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == (OrderState.COMPLETED, None)
        snapshot = await shop.snapshot_on_both_sides(order.id)
    assert len(gateway.calls) == 3
    assert carrier.calls == [1, 1, 1, 2]
    assert await shop.gateway_row(order.payment_id) == "CHARGED"
    at = {event.type: event.at for event in await shop.events(order.id)}
    assert at[EventType.ORDER_APPROVED] - at[EventType.REVIEW_STARTED] >= timedelta(seconds=2)
    assert snapshot.deadline is not None
    assert at[EventType.CARRIER_DISPATCHED] < snapshot.deadline


async def test_an_order_is_undone_within_fifteen_seconds_if_three_attempts_fail(
    separate_shop: Shop,
) -> None:
    gateway = FailingGatewayBook(separate_shop.engine, failures=3, takes_effect=True)
    shop = replace(separate_shop, gateway_book=gateway)
    order = make_order(**IN_FIFTEEN_SECONDS)
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == FAILED_CHARGE
        await shop.snapshot_on_both_sides(order.id)
    assert len(gateway.calls) == 3
    assert await shop.gateway_row(order.payment_id) == "REFUNDED"


async def test_an_order_whose_carrier_never_responds_is_undone_at_its_deadline(
    separate_shop: Shop,
) -> None:
    carrier = FailingCarrier(set(range(1, 100)), hangs=True)
    shop = replace(separate_shop, carrier_book=carrier.book(separate_shop.engine))
    order = make_order(**IN_FIFTEEN_SECONDS | {"deadline": 8, "shipping_attempts": 20})
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == (OrderState.FAILED, FailureCode.DEADLINE_PASSED)
        snapshot = await shop.snapshot_on_both_sides(order.id)
    assert snapshot.payment_status is PaymentStatus.REFUNDED
    assert EventType.CARRIER_DISPATCHED not in await shop.types(order.id)

"""Reconciliation reports payments whose recorded status is not the gateway's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import text

from cli.service.reconcile_report import FindingKind, Outcome
from orchestration.domain.order import PaymentStatus, ReviewMode
from orchestration.domain.states import OrderState
from orchestration.simulation import Faults, SimulatedGateway
from persistence.reconciliation import ReconciliationReads
from persistence.simulation_books import PostgresGatewayBook
from tests.support.orders import make_order
from tests.support.reconciliation import findings_of, reconciliation
from tests.support.shop import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orchestration.ports import Charge
    from tests.support.shop import Shop


async def set_gateway_status(shop: Shop, payment_id: str, status: PaymentStatus) -> None:
    async with shop.engine.connect() as connection:
        await connection.execute(
            text("UPDATE gateway_charges SET status = :status WHERE payment_id = :id"),
            {"status": status.value, "id": payment_id},
        )


async def test_a_payment_that_differs_from_the_gateway_is_reported_and_not_changed(
    shop: Shop,
) -> None:
    refunded_by_hand, equal = [make_order(review_mode=ReviewMode.NONE) for _ in range(2)]
    for order in (refunded_by_hand, equal):
        await shop.start(order)
        await shop.outcome(order.id)
    await set_gateway_status(shop, refunded_by_hand.payment_id, PaymentStatus.REFUNDED)

    report = await reconciliation(shop).run()

    assert findings_of(report, refunded_by_hand.id, equal.id) == {
        refunded_by_hand.id: (FindingKind.PAYMENT_DIFFERS, Outcome.UNRESOLVED)
    }
    assert "recorded as CHARGED, but the gateway has it as REFUNDED" in report.as_text()
    assert not report.all_repaired
    stored = await shop.stored(refunded_by_hand.id)
    assert stored.snapshot.payment_status is PaymentStatus.CHARGED
    await set_gateway_status(shop, refunded_by_hand.payment_id, PaymentStatus.CHARGED)


class SlowBook(PostgresGatewayBook):
    """A gateway whose answer about one payment arrives after something else has happened."""

    def __init__(self, shop: Shop, payment_id: str, first: Callable[[], Awaitable[None]]) -> None:
        super().__init__(shop.engine)
        self._payment_id = payment_id
        self._first = first

    async def status(self, charge: Charge) -> PaymentStatus | None:
        if charge.payment_id == self._payment_id:
            await self._first()
        return await super().status(charge)


async def test_an_order_that_is_refunded_during_the_scan_is_no_finding(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    async with shop.working("order"):
        order = await shop.start_shipping()

        async def refund() -> None:
            await shop.client.get_workflow_handle(order.id).cancel()
            await shop.until_state(order.id, OrderState.CANCELLED)

        gateway = SimulatedGateway(SlowBook(shop, order.payment_id, refund), Faults())
        patient = replace(reconciliation(shop), gateway=gateway, gateway_timeout=TIMEOUT)
        report = await patient.run(dry_run=True)

    assert await shop.gateway_row(order.payment_id) == "REFUNDED"
    assert findings_of(report, order.id) == {}


class TimedOutBook(PostgresGatewayBook):
    asked = 0

    async def status(self, charge: Charge) -> PaymentStatus | None:
        self.asked += 1
        raise TimeoutError(charge.payment_id)


async def test_a_gateway_that_hangs_is_asked_about_one_page_of_payments(shop: Shop) -> None:
    orders = [make_order(review_mode=ReviewMode.NONE) for _ in range(2)]
    for order in orders:
        await shop.start(order)
        await shop.outcome(order.id)
    book = TimedOutBook(shop.engine)
    gateway = SimulatedGateway(book, Faults())
    reads = ReconciliationReads(shop.engine, page_size=1)

    report = await replace(reconciliation(shop), gateway=gateway, reads=reads).run(dry_run=True)

    assert book.asked == 1
    assert not report.all_repaired

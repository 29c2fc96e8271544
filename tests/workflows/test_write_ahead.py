"""A charge writes the record before it acts. If it cannot, the ordinary writer does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from orchestration import activities, fulfillment, worker
from orchestration.activities import RECORD_DIVERGED
from orchestration.domain.commands import ApproveOrder, CancelPayment
from orchestration.domain.order import ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.domain.validation import MAX_ACTIVITY_TIMEOUT
from orchestration.simulation import HANG_THEN_DECLINE
from persistence.engine import create_engine
from persistence.ledger import PostgresLedger
from persistence.settings import PersistenceSettings
from tests.support.orders import make_order
from tests.support.shop import TIMEOUT
from tests.support.tcp_proxy import TcpProxy, proxy_to_database
from tests.support.workers import running_workers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.ports import OrderLedger, RecordBatch, Recorded
    from tests.support.shop import Shop


async def scheduled_activities(shop: Shop, order_id: str) -> list[str]:
    history = await shop.client.get_workflow_handle(order_id).fetch_history()
    return [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]


async def test_a_charge_needs_no_write_of_its_own_before_it(shop: Shop) -> None:
    order_id = await shop.start(make_order(review_mode=ReviewMode.NONE))
    assert await shop.end(order_id) == (OrderState.COMPLETED, None)
    await shop.snapshot_on_both_sides(order_id)
    assert (await scheduled_activities(shop, order_id))[:2] == ["record_events", "charge_payment"]


@pytest.fixture
async def proxy(database_url: str) -> AsyncGenerator[TcpProxy]:
    async with proxy_to_database(make_url(database_url)).listening() as proxy:
        yield proxy


@pytest.fixture
async def engine_through_proxy(database_url: str, proxy: TcpProxy) -> AsyncGenerator[AsyncEngine]:
    url = make_url(database_url).difference_update_query(["host", "port"])
    url = url.set(host="127.0.0.1", port=proxy.port)
    address = SecretStr(url.render_as_string(hide_password=False))
    engine = create_engine(PersistenceSettings(database_url=address))
    yield engine
    proxy.restore()
    proxy.resume()
    await engine.dispose()


@pytest.mark.parametrize("hangs", [False, True], ids=["refuses", "hangs"])
async def test_without_postgres_a_charge_waits_and_keeps_its_only_attempt(
    separate_shop: Shop, proxy: TcpProxy, engine_through_proxy: AsyncEngine, *, hangs: bool
) -> None:
    shop = separate_shop
    order = make_order(activity_attempts=1)
    async with replace(shop, engine=engine_through_proxy).working("order", "shipping"):
        await shop.start_in_review(order)
        if hangs:
            proxy.pause()
        else:
            proxy.cut()
        await shop.apply(order.id, ApproveOrder(command_id="yes"))
        await shop.until_in_history(order.id, "activity_task_failed_event_attributes")
        await shop.until_pending(order.id, "record_events", attempt=2)
        assert await shop.gateway_row(order.payment_id) is None

        proxy.restore()
        proxy.resume()
        assert await shop.end(order.id) == (OrderState.COMPLETED, None)
        await shop.snapshot_on_both_sides(order.id)
    assert await shop.gateway_row(order.payment_id) == "CHARGED"
    assert (await scheduled_activities(shop, order.id))[2:5] == [
        "charge_payment",
        "record_events",
        "charge_payment",
    ]


async def test_a_record_that_diverges_before_a_charge_fails_the_workflow_and_not_the_charge(
    separate_shop: Shop,
) -> None:
    shop = separate_shop
    order = make_order()
    async with shop.working("order", "shipping"):
        await shop.start_in_review(order)
        async with shop.engine.connect() as connection:
            await connection.execute(
                text("UPDATE orders SET run_id = 'another' WHERE id = :id"), {"id": order.id}
            )
        await shop.apply(order.id, ApproveOrder(command_id="yes"))
        with pytest.raises(WorkflowFailureError) as failed:
            await shop.outcome(order.id)
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == RECORD_DIVERGED
    assert await shop.gateway_row(order.payment_id) is None
    assert (await shop.types(order.id))[-1] is EventType.REVIEW_STARTED


@pytest.mark.usefixtures("without_grace")
async def test_a_charge_without_a_free_slot_does_not_delay_the_record(
    separate_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PROVIDER_SLOTS", 1)
    hanging = make_order(
        payment_id=f"{HANG_THEN_DECLINE}{uuid4()}",
        review_mode=ReviewMode.NONE,
        activity_timeout=MAX_ACTIVITY_TIMEOUT,
    )
    order = make_order(review_mode=ReviewMode.NONE)
    async with separate_shop.working("order", "shipping"):
        await separate_shop.start(hanging)
        await separate_shop.until_stored(hanging.id, OrderState.APPROVED)
        await separate_shop.start(order)
        await separate_shop.until_stored(order.id, OrderState.APPROVED)
        assert await separate_shop.gateway_row(order.payment_id) is None
        await separate_shop.terminate(hanging.id)
        await separate_shop.terminate(order.id)


class _LateLedger:
    """Holds back the writes that end with an approval, until they are released."""

    def __init__(self, ledger: OrderLedger) -> None:
        self._ledger = ledger
        self.is_held = asyncio.Event()
        self.release = asyncio.Event()
        self.is_late_write_done = asyncio.Event()

    async def record(self, batch: RecordBatch) -> Recorded:
        if batch.snapshot.state is not OrderState.APPROVED or batch.snapshot.undoing:
            return await self._ledger.record(batch)
        self.is_held.set()
        await self.release.wait()
        try:
            return await self._ledger.record(batch)
        finally:
            self.is_late_write_done.set()


async def test_a_write_ahead_that_arrives_late_changes_nothing_and_is_not_followed_by_a_charge(
    separate_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (activities, fulfillment):
        monkeypatch.setattr(module, "WRITE_AHEAD_TIMEOUT", timedelta(seconds=TIMEOUT))
    shop = separate_shop
    ledger = _LateLedger(PostgresLedger(shop.engine))
    order = make_order(review_mode=ReviewMode.NONE)
    async with running_workers(
        shop.engine,
        shop.settings,
        ledger=ledger,
        gateway_book=shop.gateway_book,
        carrier_book=shop.carrier_book,
    ):
        await shop.start(order)
        await asyncio.wait_for(ledger.is_held.wait(), TIMEOUT)
        await shop.apply(order.id, CancelPayment(command_id="no", reason="changed mind"))
        state, _ = await shop.end(order.id)
        assert state is OrderState.CANCELLED
        stored = await shop.snapshot_on_both_sides(order.id)

        ledger.release.set()
        await asyncio.wait_for(ledger.is_late_write_done.wait(), TIMEOUT)

    assert (await shop.stored(order.id)).snapshot == stored
    assert await shop.types(order.id) == [
        EventType.ORDER_RECEIVED,
        EventType.ORDER_VALIDATED,
        EventType.ORDER_APPROVED,
        EventType.UNDO_STARTED,
        EventType.PAYMENT_VOIDED,
        EventType.ORDER_CANCELLED,
    ]
    assert await shop.gateway_row(order.payment_id) == "VOIDED"

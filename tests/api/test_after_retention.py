"""After Temporal has deleted a workflow, the API answers for its order from the record alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from orchestration.domain.commands import ApproveOrder, CancelOrder, CancelPayment
from orchestration.domain.judgement import judge
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import Address, LineItem, initial_snapshot
from orchestration.ports import RecordBatch
from persistence.ledger import PostgresLedger
from tests.support import operations
from tests.support.orders import make_order

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.support.api_client import ApiClient

Json = dict[str, Any]

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def forgotten(engine: AsyncEngine, new_order: Json) -> Json:
    """The input of an order that exists only in the record, approved by command "yes"."""
    order = make_order(
        id=new_order["id"],
        customer_id=new_order["customerId"],
        request={
            "items": [
                LineItem(sku="TEAPOT", name="Teapot", quantity=2, unit_price=2495),
                LineItem(sku="CUP", quantity=4, unit_price=500),
            ],
            "shipping_address": Address("1 Main St", "Springfield", "US", "IL"),
        },
    )
    life = OrderLifecycle(order, initial_snapshot(order, NOW), lambda: NOW)
    life.received()
    life.validated()
    life.review_started()
    judge(life, ApproveOrder(command_id="yes"), "yes")
    life.charged()
    life.shipping_started(1)
    life.package_prepared(1, "package-1")
    life.carrier_dispatched(1, "tracking-1")
    life.shipped()
    life.completed()
    await PostgresLedger(engine).record(
        RecordBatch(order.id, "run-1", NOW, order, life.events, life.snapshot)
    )
    return new_order


async def test_an_order_past_retention_is_read_from_its_row(
    api: ApiClient, forgotten: Json
) -> None:
    answer = await api.send(operations.ORDER, id=forgotten["id"])
    order = answer["data"]["order"]
    assert (order["state"], order["workflow"]) == ("COMPLETED", None)
    assert len(order["events"]["nodes"]) == 10
    assert "degraded" not in answer["extensions"]


async def test_an_applied_command_is_recognized_by_its_event_after_retention(
    api: ApiClient, forgotten: Json
) -> None:
    applied = await api.approve(forgotten["id"], commandId="yes")
    assert (applied["__typename"], applied["replayed"]) == ("CommandApplied", True)
    conflict = await api.approve(forgotten["id"], commandId="yes", note="other")
    assert conflict["__typename"] == "CommandConflict"
    found = await api.field(operations.COMMAND, orderId=forgotten["id"], commandId="yes")
    assert (found["__typename"], found["command"]) == ("CommandApplied", "APPROVE")


@pytest.mark.parametrize(
    ("mutation", "stop"),
    [
        (operations.CANCEL, CancelOrder(command_id="stop", reason="too late")),
        (operations.CANCEL, CancelOrder(command_id="stop")),
        (operations.CANCEL_PAYMENT, CancelPayment(command_id="stop", reason="too late")),
        (operations.CANCEL_PAYMENT, CancelPayment(command_id="stop")),
    ],
)
async def test_a_repeated_cancellation_with_another_reason_is_a_conflict_after_retention(
    api: ApiClient,
    engine: AsyncEngine,
    new_order: Json,
    mutation: str,
    stop: CancelOrder | CancelPayment,
) -> None:
    order = make_order(id=new_order["id"], customer_id=new_order["customerId"])
    life = OrderLifecycle(order, initial_snapshot(order, NOW), lambda: NOW)
    life.received()
    judge(life, stop, "stop")
    life.compensated()
    await PostgresLedger(engine).record(
        RecordBatch(order.id, "run-1", NOW, order, life.events, life.snapshot)
    )
    for reason, answer in ((stop.reason, "CommandApplied"), ("another", "CommandConflict")):
        given = {"orderId": order.id, "commandId": "stop", "reason": reason}
        assert (await api.field(mutation, input=given))["__typename"] == answer


async def test_a_new_command_after_retention_is_refused_with_the_state_of_the_row(
    api: ApiClient, forgotten: Json
) -> None:
    refused = await api.approve(forgotten["id"], commandId="late")
    assert (refused["__typename"], refused["state"]) == ("CommandRefused", "COMPLETED")
    found = await api.field(operations.COMMAND, orderId=forgotten["id"], commandId="late")
    assert found is None


async def test_a_repeated_start_after_retention_is_replayed_and_a_different_one_is_a_conflict(
    api: ApiClient, forgotten: Json
) -> None:
    again = await api.start(forgotten)
    assert (again["__typename"], again["replayed"]) == ("OrderStarted", True)
    assert again["order"]["state"] == "COMPLETED"
    assert (await api.start({**forgotten, "priority": "HIGH"}))["differs"] == ["priority"]


async def test_a_stream_after_retention_delivers_all_events_and_ends(
    api: ApiClient, forgotten: Json
) -> None:
    messages = await api.watch(operations.ORDER_EVENTS, orderId=forgotten["id"], afterSequence=8)
    assert [message["type"] for message in messages] == ["next", "next", "complete"]

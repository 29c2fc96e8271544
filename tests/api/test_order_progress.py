"""The progress stream of an order, merged from its row and its workflow."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.support import operations
from tests.support.api_app import make_app, order_client
from tests.support.api_client import served
from tests.support.workers import running_workers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from orchestration.settings import OrchestrationSettings
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

_TIMEOUT = 60.0  # seconds


async def test_progress_reports_every_change_once_and_ends_with_the_workflow(
    api: ApiClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    told: list[Json] = []
    async with (
        asyncio.timeout(_TIMEOUT),
        api.watching(operations.ORDER_PROGRESS, orderId=order_id) as watch,
    ):
        async for message in watch:
            if message["type"] == "complete":
                break
            told.append(message["payload"]["data"]["orderProgress"])
            if told[-1]["state"] == "AWAITING_APPROVAL":
                await api.approve(order_id)
    assert all(before != after for before, after in pairwise(told))
    sequences = [one["sequence"] for one in told]
    assert sequences == sorted(sequences)
    assert told[-1]["state"] == "COMPLETED"
    assert told[-1]["workflow"]["status"] == "COMPLETED"
    assert told[-1]["payment"] == {"status": "CHARGED"}


async def test_progress_reports_a_changed_address(api: ApiClient, new_order: Json) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    query = "subscription P($id: ID!) { orderProgress(orderId: $id) { shippingAddress { city } } }"
    async with asyncio.timeout(_TIMEOUT), api.watching(query, id=order_id) as watch:
        assert await _city(watch) == "Springfield"
        address = {"street": "2 Elm St", "city": "Shelbyville", "country": "US"}
        await api.field(operations.UPDATE_ADDRESS, input={"orderId": order_id, "address": address})
        assert await _city(watch) == "Shelbyville"


async def test_progress_shows_the_attempt_and_failure_of_a_retried_charge(
    engine: AsyncEngine,
    orchestration: OrchestrationSettings,
    temporal_client: Client,
    new_order: Json,
) -> None:
    name = uuid4().hex[:8]
    broken = orchestration.model_copy(
        update={
            "order_task_queue": f"broken-orders-{name}",
            "shipping_task_queue": f"broken-shipping-{name}",
            "fault_error_rate": 1.0,
        }
    )
    order_id = new_order["id"]
    policy = {"reviewMode": "NONE", "activityRetryDelay": "PT2S", "activityRetryBackoff": 1.0}
    seen: list[Json] = []
    async with (
        asyncio.timeout(_TIMEOUT),
        running_workers(engine, broken),
        served(make_app(engine, order_client(temporal_client, broken))) as api,
    ):
        await api.start({**new_order, "policy": policy})
        async with api.watching(operations.ORDER_PROGRESS, orderId=order_id) as watch:
            async for message in watch:
                pending = message["payload"]["data"]["orderProgress"]["workflow"]
                seen += pending["pendingActivities"]
                if any(one["attempt"] == 3 for one in seen):
                    break
        await temporal_client.get_workflow_handle(order_id).terminate()
    third = next(one for one in seen if one["attempt"] == 3)
    assert third["type"] == "charge_payment"
    assert third["lastFailure"]


async def test_progress_of_a_terminated_order_ends(
    api: ApiClient, new_order: Json, temporal_client: Client
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    await temporal_client.get_workflow_handle(order_id).terminate()
    async with asyncio.timeout(_TIMEOUT):
        messages = await api.watch(operations.ORDER_PROGRESS, orderId=order_id)
    assert [message["type"] for message in messages] == ["next", "complete"]
    told = messages[0]["payload"]["data"]["orderProgress"]
    assert (told["state"], told["workflow"]["status"]) == ("AWAITING_APPROVAL", "TERMINATED")


async def test_progress_of_an_ended_order_is_its_final_state(
    api: ApiClient, new_order: Json
) -> None:
    await api.start({**new_order, "policy": {"reviewMode": "NONE"}})
    await api.reaches(new_order["id"], "COMPLETED")
    async with asyncio.timeout(_TIMEOUT):
        messages = await api.watch(operations.ORDER_PROGRESS, orderId=new_order["id"])
    assert [message["type"] for message in messages][-1] == "complete"
    assert messages[-2]["payload"]["data"]["orderProgress"]["state"] == "COMPLETED"


async def test_progress_of_an_unknown_order_gets_an_error_frame(api: ApiClient) -> None:
    messages = await api.watch(operations.ORDER_PROGRESS, orderId="nobody")
    assert [message["type"] for message in messages] == ["error"]
    assert messages[0]["payload"][0]["extensions"] == {"code": "ORDER_NOT_FOUND"}


async def _city(watch: Any) -> str:
    message = await anext(watch)
    city: str = message["payload"]["data"]["orderProgress"]["shippingAddress"]["city"]
    return city

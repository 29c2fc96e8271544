"""The argument ``waitForEnd`` of ``order``: one request that waits for an order's outcome."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.support.api_app import make_app
from tests.support.api_client import served

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

WAIT = """
query Wait($id: ID!, $wait: Duration!) { order(id: $id, waitForEnd: $wait) { state endedAt } }
"""


async def test_a_request_waits_until_the_order_has_ended(api: ApiClient, new_order: Json) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    waiting = [
        asyncio.create_task(api.field(WAIT, id=new_order["id"], wait="PT1H")) for _ in range(3)
    ]
    await asyncio.sleep(0.3)
    assert not any(task.done() for task in waiting)
    await api.approve(new_order["id"])
    orders = await asyncio.gather(*waiting)
    assert {order["state"] for order in orders} == {"COMPLETED"}
    assert all(order["endedAt"] for order in orders)
    assert await api.field(WAIT, id=new_order["id"], wait="PT1H") == orders[0]


async def test_after_the_wait_a_running_order_is_returned_as_it_is(
    api: ApiClient, new_order: Json
) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    order = await api.field(WAIT, id=new_order["id"], wait="PT0.2S")
    assert order == {"state": "AWAITING_APPROVAL", "endedAt": None}
    assert await api.field(WAIT, id="nobody-started-this", wait="PT1H") is None


async def test_a_wait_ends_before_the_request_times_out_and_few_requests_may_wait(
    api: ApiClient, engine: AsyncEngine, orders: OrderClient, new_order: Json
) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    async with served(make_app(engine, orders, request_timeout=2, max_requests=4)) as small:
        answers = await asyncio.gather(
            *(small.send(WAIT, id=new_order["id"], wait="PT1H") for _ in range(3))
        )
    refused = [answer["errors"] for answer in answers if "errors" in answer]
    assert [errors[0]["extensions"]["code"] for errors in refused] == ["TOO_MANY_REQUESTS"]
    waited = [answer["data"]["order"] for answer in answers if "errors" not in answer]
    assert waited == [{"state": "AWAITING_APPROVAL", "endedAt": None}] * 2

"""The examples of the guide for front ends work against the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.support.examples import front_end_operation

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

Json = dict[str, Any]


async def send(api: ApiClient, operation: str, given: Json) -> Any:
    return await api.field(front_end_operation(operation), input=given)


async def started(api: ApiClient, new_order: Json) -> str:
    """Start another order like this one, and wait for its review."""
    order_id = f"order-{uuid4()}"
    result = await send(api, "StartOrder", {**new_order, "id": order_id})
    assert result["order"]["id"] == order_id
    await api.reaches(order_id, "AWAITING_APPROVAL")
    return order_id


async def test_a_customer_is_created_changed_and_deleted_as_in_the_guide(api: ApiClient) -> None:
    customer_id = f"customer-{uuid4()}"
    details = {"id": customer_id, "name": "Ada", "email": f"{customer_id}@example.com"}
    created = await send(api, "CreateCustomer", details)
    assert created["customer"]["id"] == customer_id
    updated = await send(api, "UpdateCustomer", {"id": customer_id, "name": "Ada Lovelace"})
    assert updated["customer"]["name"] == "Ada Lovelace"
    deleted = await send(api, "DeleteCustomer", {"id": customer_id})
    assert deleted == {"customerId": customer_id}


async def test_every_command_of_the_guide_is_answered(api: ApiClient, new_order: Json) -> None:
    first = await started(api, new_order)
    address = {"street": "2 Main St", "city": "Springfield", "country": "US"}
    for name, order_id, content in (
        ("UpdateAddress", first, {"address": address}),
        ("ApproveOrder", first, {}),
        ("CancelOrder", await started(api, new_order), {}),
        ("CancelPayment", await started(api, new_order), {}),
    ):
        result = await send(api, name, {"orderId": order_id, **content})
        assert result["replayed"] is False, name
        assert result["order"]["id"] == order_id
    refused = await send(api, "ConfirmDelivery", {"orderId": order_id})
    assert refused["code"] == "COMMAND_REFUSED"


async def test_an_order_is_followed_as_in_the_guide(api: ApiClient, new_order: Json) -> None:
    page = await api.field("{ orders(first: 1) { feedCursor } }")
    order_id = await started(api, new_order)
    rejected = await send(api, "RejectOrder", {"orderId": order_id, "reason": "out of stock"})
    assert rejected["order"]["id"] == order_id
    await api.reaches(order_id, "CANCELLED")
    events = await api.watch(front_end_operation("OrderEvents"), orderId=order_id, afterSequence=1)
    assert events[0]["payload"]["data"]["orderEvents"]["sequence"] == 2
    progress = await api.watch(front_end_operation("OrderProgress"), orderId=order_id)
    assert progress[0]["payload"]["data"]["orderProgress"]["state"] == "CANCELLED"
    feed = front_end_operation("OrderFeed")
    filter_ = {"ids": [order_id]}
    async with api.watching(feed, filter=filter_, after=page["feedCursor"]) as watch:
        message = await anext(watch)
    assert message["payload"]["data"]["orderFeed"]["order"]["id"] == order_id

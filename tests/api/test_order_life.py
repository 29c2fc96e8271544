"""An order through the API, from startOrder to COMPLETED."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

Json = dict[str, Any]


async def test_an_order_is_started_approved_and_completed(
    api: ApiClient, new_order: Json, customer_id: str
) -> None:
    started = await api.start(new_order)
    assert started["__typename"] == "OrderStarted"
    assert started["replayed"] is False
    order = started["order"]
    assert (order["id"], order["state"], order["sequence"]) == (new_order["id"], "PLACED", 0)
    assert order["total"] == {"amount": "69.90", "currency": "USD"}
    assert order["payment"] == {"id": f"pay-{new_order['id']}", "status": "PENDING"}
    assert order["availableCommands"] == [
        "APPROVE",
        "REJECT",
        "CANCEL",
        "UPDATE_ADDRESS",
        "CANCEL_PAYMENT",
    ]

    waiting = await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    assert waiting["workflow"]["status"] == "RUNNING"
    assert waiting["workflow"]["step"] == "in review"
    assert waiting["reviewDeadline"] is not None
    assert waiting["customer"] == {
        "id": customer_id,
        "name": "Ada Lovelace",
        "orders": {"nodes": [{"id": new_order["id"]}]},
    }
    assert waiting["shippingAddress"]["region"] == "IL"

    approved = await api.approve(new_order["id"], commandId="yes", note="fine")
    assert approved["__typename"] == "CommandApplied"
    assert approved["command"] == "APPROVE"
    assert approved["replayed"] is False
    assert approved["order"]["id"] == new_order["id"]

    done = await api.reaches(new_order["id"], "COMPLETED")
    events = done["events"]["nodes"]
    assert [event["type"] for event in events] == [
        "ORDER_RECEIVED",
        "ORDER_VALIDATED",
        "REVIEW_STARTED",
        "ORDER_APPROVED",
        "PAYMENT_CHARGED",
        "SHIPPING_STARTED",
        "PACKAGE_PREPARED",
        "CARRIER_DISPATCHED",
        "ORDER_SHIPPED",
        "ORDER_COMPLETED",
    ]
    assert [event["sequence"] for event in events] == list(range(1, 11))
    assert events[3]["commandId"] == "yes"
    assert events[3]["payload"] == {"reviewMode": "MANUAL", "note": "fine"}
    assert events[0]["id"] == f"{new_order['id']}/1"
    assert events[0]["order"] == {"id": new_order["id"]}
    assert done["sequence"] == 10
    assert done["payment"]["status"] == "CHARGED"
    assert done["availableCommands"] == []
    assert done["failure"] is None
    assert done["endedAt"] is not None
    assert done["workflow"]["uiUrl"].startswith("http://temporal.example/namespaces/default/")


async def test_the_response_to_a_start_contains_the_policy_of_the_order(
    api: ApiClient, new_order: Json
) -> None:
    policy = {
        "reviewMode": "TIMER",
        "deadline": "P1DT90M",
        "activityAttempts": 7,
        "activityTotalTimeout": "PT4S",
        "activityMaxRetryDelay": "PT0.2S",
        "shippingRetryDelay": "PT0.5S",
    }
    started = await api.start({**new_order, "policy": policy})
    assert started["order"]["policy"] == {
        "reviewMode": "TIMER",
        "reviewTimeout": "PT5M",
        "deadline": "P1DT1H30M",
        "activityTimeout": "PT10S",
        "activityTotalTimeout": "PT4S",
        "activityAttempts": 7,
        "shippingAttempts": 3,
        "activityRetryDelay": "PT1S",
        "activityRetryBackoff": 2.0,
        "activityMaxRetryDelay": "PT0.2S",
        "shippingRetryDelay": "PT0.5S",
        "shippingRetryBackoff": 1.0,
        "deliveryTimeout": None,
    }


@pytest.mark.parametrize(
    "policy", [{"reviewMode": "NONE"}, {"reviewMode": "TIMER", "reviewTimeout": "PT0.1S"}]
)
async def test_an_order_without_review_completes_by_itself(
    api: ApiClient, new_order: Json, policy: Json
) -> None:
    await api.start({**new_order, "policy": policy})
    done = await api.reaches(new_order["id"], "COMPLETED", "FAILED")
    assert done["state"] == "COMPLETED"


async def test_an_approval_before_the_review_counts(api: ApiClient, new_order: Json) -> None:
    await api.start(new_order)
    assert (await api.approve(new_order["id"]))["__typename"] == "CommandApplied"
    assert (await api.reaches(new_order["id"], "COMPLETED"))["state"] == "COMPLETED"


async def test_the_events_of_an_order_are_paged(api: ApiClient, new_order: Json) -> None:
    await api.start({**new_order, "policy": {"reviewMode": "NONE"}})
    await api.reaches(new_order["id"], "COMPLETED")
    query = """query ($id: ID!, $after: String) { order(id: $id) { events(first: 4, after: $after) {
        edges { cursor node { sequence } } pageInfo { hasNextPage endCursor } } } }"""
    seen: list[int] = []
    after = None
    while True:
        page = (await api.data(query, id=new_order["id"], after=after))["order"]["events"]
        seen += [edge["node"]["sequence"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == list(range(1, 10))


async def test_an_unknown_order_is_null(api: ApiClient) -> None:
    assert await api.order("nobody-started-this") is None
    assert await api.order("not an id\x00") is None

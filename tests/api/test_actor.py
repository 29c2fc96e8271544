"""Events name the sender of the command that caused them, whichever source they are read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gql.access.principal import Scope
from orchestration.domain.commands import CancelOrder
from tests.support.access_fixtures import bearer, calling_as
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from temporalio.client import Client

    from gql.access.development_tokens import DevelopmentKey
    from tests.support.api_client import ApiClient

EVENTS = """query ($id: ID!) { order(id: $id) { events { nodes {
  type commandId payload actor { id kind name } } } } }"""
MOVE = """mutation ($id: ID!) { updateAddress(input: {orderId: $id, commandId: "move",
  address: {street: "x", city: "y", country: "US"}}) { __typename } }"""
CANCEL = """mutation ($id: ID!) { cancelOrder(input: {orderId: $id, commandId: "cancel"}) {
  __typename } }"""


async def events_of_commands(api: ApiClient, order_id: str) -> dict[str, Any]:
    order = await api.field(EVENTS, id=order_id)
    events = order["events"]["nodes"]
    assert all("actor" not in event["payload"] for event in events)
    assert all(event["actor"] is None for event in events if event["commandId"] is None)
    return {event["type"]: event["actor"] for event in events if event["commandId"] is not None}


async def test_events_name_the_sender_of_their_command(
    closed: ApiClient, api: ApiClient, key: DevelopmentKey, new_order: Any
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    async with calling_as(closed, bearer(key, {Scope.ORDERS_START})) as client:
        moved = await client.field(MOVE, id=order_id)
        assert moved == {"__typename": "CommandApplied"}
    assert await api.field(CANCEL, id=order_id) == {"__typename": "CommandApplied"}
    await api.reaches(order_id, "CANCELLED")

    assert await events_of_commands(api, order_id) == {
        "ADDRESS_UPDATED": {"id": "tester", "kind": "USER", "name": None},
        "UNDO_STARTED": {"id": "developer", "kind": "DEVELOPER", "name": None},
    }


async def test_a_command_sent_with_temporals_tools_has_no_sender(
    api: ApiClient, temporal_client: Client, new_order: Any
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    handle = temporal_client.get_workflow_handle(order_id)
    await handle.signal(CancelOrder.signal, {"reason": "by hand"})
    await api.reaches(order_id, "CANCELLED")

    async def recorded() -> bool:
        return "UNDO_STARTED" in await events_of_commands(api, order_id)

    await wait_until(recorded, timeout=30)
    assert await events_of_commands(api, order_id) == {"UNDO_STARTED": None}


async def test_customers_do_not_see_who_of_the_staff_acted(
    closed: ApiClient, key: DevelopmentKey, new_order: Any
) -> None:
    authorization = bearer(key, {Scope.ORDERS_OWN}, new_order["customerId"])
    response = await closed.http.post(
        "/graphql",
        json={"query": EVENTS, "variables": {"id": new_order["id"]}},
        headers={"authorization": authorization},
    )
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["field"] == "OrderEvent.actor"

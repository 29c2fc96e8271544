"""A command returns its result, or "pending" if no worker has processed it yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

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


async def command(api: ApiClient, order_id: str, command_id: str) -> Any:
    answer = await api.data(operations.COMMAND, orderId=order_id, commandId=command_id)
    return answer["command"]


async def test_a_command_sent_twice_is_applied_once(api: ApiClient, new_order: Json) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    answers = [await api.approve(order_id, commandId="yes") for _ in range(2)]
    assert [answer["__typename"] for answer in answers] == ["CommandApplied"] * 2
    assert [answer["replayed"] for answer in answers] == [False, True]

    done = await api.reaches(order_id, "COMPLETED")
    assert [e["type"] for e in done["events"]["nodes"]].count("ORDER_APPROVED") == 1
    after_the_end = await api.approve(order_id, commandId="yes")
    assert (after_the_end["__typename"], after_the_end["replayed"]) == ("CommandApplied", True)
    assert (await command(api, order_id, "yes"))["replayed"] is True


async def test_ten_concurrent_copies_of_a_command_are_applied_once(
    api: ApiClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    answers = await asyncio.gather(*(api.approve(order_id, commandId="yes") for _ in range(10)))
    assert {answer["__typename"] for answer in answers} == {"CommandApplied"}
    assert sorted(answer["replayed"] for answer in answers) == [False] + [True] * 9


async def test_of_fifty_concurrent_approvals_and_cancellations_exactly_one_is_applied(
    api: ApiClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")

    async def send(mutation: str, command_id: str) -> Json:
        given = {"orderId": order_id, "commandId": command_id}
        answer: Json = await api.field(mutation, input=given)
        return answer

    answers = await asyncio.gather(
        *(send(operations.APPROVE, f"approve-{number}") for number in range(25)),
        *(send(operations.CANCEL, f"cancel-{number}") for number in range(25)),
    )

    [applied] = [answer for answer in answers if answer["__typename"] == "CommandApplied"]
    refused = [answer for answer in answers if answer["__typename"] == "CommandRefused"]
    assert not applied["replayed"]
    assert len(refused) == 49
    end = "COMPLETED" if applied["command"] == "APPROVE" else "CANCELLED"
    order = await api.reaches(order_id, "COMPLETED", "CANCELLED")
    assert order["state"] == end
    ids = [event["commandId"] for event in order["events"]["nodes"] if event["commandId"]]
    assert ids == [applied["commandId"]]


async def test_a_command_id_reused_with_other_content_is_a_conflict(
    api: ApiClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    await api.approve(order_id, commandId="yes", note="fine")
    for _ in range(2):
        other_note = await api.approve(order_id, commandId="yes", note="no")
        assert other_note["__typename"] == "CommandConflict"
        cancel = {"orderId": order_id, "commandId": "yes"}
        other_command = await api.data(operations.CANCEL, input=cancel)
        assert other_command["cancelOrder"]["__typename"] == "CommandConflict"
        same = await api.approve(order_id, commandId="yes", note="fine")
        assert same["__typename"] == "CommandApplied"
        # The second time the workflow is closed, so the result comes from the recorded event.
        await api.reaches(order_id, "COMPLETED")


async def test_a_refused_command_reports_the_state_of_the_order(
    api: ApiClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    await api.start({**new_order, "policy": {"deliveryTimeout": "PT1H"}})
    await api.reaches(order_id, "AWAITING_APPROVAL")
    confirm = {"orderId": order_id, "commandId": "early"}
    refused = await api.field(operations.CONFIRM_DELIVERY, input=confirm)
    assert (refused["__typename"], refused["state"]) == ("CommandRefused", "AWAITING_APPROVAL")
    assert refused["order"] == {"id": order_id, "state": "AWAITING_APPROVAL"}
    assert "not allowed while the order is AWAITING_APPROVAL" in refused["message"]
    assert (await command(api, order_id, "early"))["__typename"] == "CommandRefused"


async def signals(client: Client, order_id: str) -> int:
    """Count the signals that an order's workflow has received."""
    history = await client.get_workflow_handle(order_id).fetch_history()
    return sum(
        event.WhichOneof("attributes") == "workflow_execution_signaled_event_attributes"
        for event in history.events
    )


async def test_a_command_that_the_order_can_never_apply_costs_no_signal(
    api: ApiClient, new_order: Json, temporal_client: Client
) -> None:
    order_id = new_order["id"]
    await api.start({**new_order, "policy": {"reviewMode": "TIMER"}})
    await api.reaches(order_id, "AWAITING_APPROVAL")
    for _ in range(2):
        refused = await api.approve(order_id, commandId="yes")
        assert (refused["__typename"], refused["state"]) == ("CommandRefused", "AWAITING_APPROVAL")
        assert "TIMER" in refused["message"]
    # Nobody stored the refusal.
    assert await command(api, order_id, "yes") is None
    assert await signals(temporal_client, order_id) == 0


async def test_the_first_verdict_of_a_command_is_kept_when_the_order_can_no_longer_apply_it(
    api: ApiClient, new_order: Json, temporal_client: Client
) -> None:
    order_id = new_order["id"]
    await api.start({**new_order, "policy": {"deliveryTimeout": "PT1H"}})
    await api.reaches(order_id, "AWAITING_APPROVAL")
    confirm = {"orderId": order_id, "commandId": "early"}
    early = await api.field(operations.CONFIRM_DELIVERY, input=confirm)
    assert (early["__typename"], early["state"]) == ("CommandRefused", "AWAITING_APPROVAL")
    await api.approve(order_id, commandId="yes")
    await api.reaches(order_id, "SHIPPED")
    before = await signals(temporal_client, order_id)

    cancel = {"orderId": order_id, "commandId": "early"}
    conflict = await api.field(operations.CANCEL, input=cancel)
    assert conflict["__typename"] == "CommandConflict"
    again = await api.approve(order_id, commandId="yes")
    assert (again["__typename"], again["replayed"]) == ("CommandApplied", True)
    late = await api.field(operations.CANCEL, input={"orderId": order_id})
    assert (late["__typename"], late["state"]) == ("CommandRefused", "SHIPPED")
    assert await signals(temporal_client, order_id) == before


async def test_a_command_for_an_ended_order_is_refused(api: ApiClient, new_order: Json) -> None:
    await api.start({**new_order, "policy": {"reviewMode": "NONE"}})
    await api.reaches(new_order["id"], "COMPLETED")
    refused = await api.approve(new_order["id"], commandId="late")
    assert (refused["__typename"], refused["state"]) == ("CommandRefused", "COMPLETED")
    assert (refused["code"], refused["reason"]) == ("COMMAND_REFUSED", "ORDER_ENDED")
    assert refused["order"]["state"] == "COMPLETED"
    assert await command(api, new_order["id"], "late") is None


async def test_a_command_for_a_terminated_order_is_refused_with_its_last_state(
    api: ApiClient, new_order: Json, temporal_client: Client
) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    await temporal_client.get_workflow_handle(new_order["id"]).terminate()
    refused = await api.approve(new_order["id"])
    assert (refused["__typename"], refused["state"]) == ("CommandRefused", "AWAITING_APPROVAL")
    assert "TERMINATED" in refused["message"]
    assert (await api.order(new_order["id"]))["workflow"]["status"] == "TERMINATED"


async def test_a_command_for_an_unknown_order_reports_that_it_is_not_found(api: ApiClient) -> None:
    assert (await api.approve("nobody"))["__typename"] == "OrderNotFound"
    assert (await command(api, "nobody", "yes"))["__typename"] == "OrderNotFound"


async def test_the_result_of_a_command_that_was_never_sent_is_null(
    api: ApiClient, new_order: Json
) -> None:
    await api.start(new_order)
    assert await command(api, new_order["id"], "never") is None


async def test_an_applied_address_update_is_visible_at_once(
    api: ApiClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    address = {"street": "2 Side St", "city": "Shelbyville", "postalCode": "62565", "country": "US"}
    given = {"orderId": order_id, "commandId": "move", "address": address}
    answer = (await api.data(operations.UPDATE_ADDRESS, input=given))["updateAddress"]
    assert answer["__typename"] == "CommandApplied"
    order = await api.order(order_id)
    assert order["shippingAddress"]["street"] == "2 Side St"
    assert order["events"]["nodes"][-1]["type"] == "ADDRESS_UPDATED"

    await api.approve(order_id)
    await api.reaches(order_id, "COMPLETED")
    again = (await api.data(operations.UPDATE_ADDRESS, input=given))["updateAddress"]
    assert (again["__typename"], again["replayed"]) == ("CommandApplied", True)
    given["address"] = {**address, "street": "3 Back St"}
    other = (await api.data(operations.UPDATE_ADDRESS, input=given))["updateAddress"]
    assert other["__typename"] == "CommandConflict"


async def test_without_a_worker_a_started_order_is_placed_and_a_command_is_pending(
    engine: AsyncEngine,
    temporal_client: Client,
    orchestration: OrchestrationSettings,
    new_order: Json,
) -> None:
    lonely = orchestration.model_copy(
        update={"order_task_queue": f"{orchestration.order_task_queue}-lonely"}
    )
    order_id = new_order["id"]
    async with served(make_app(engine, order_client(temporal_client, lonely))) as api:
        assert (await api.start(new_order))["order"]["state"] == "PLACED"
        answer = await api.send(operations.ORDER, id=order_id)
        order = answer["data"]["order"]
        assert (order["state"], order["sequence"]) == ("PLACED", 0)
        assert order["payment"]["status"] == "PENDING"
        assert order["events"]["nodes"] == []
        assert (order["workflow"]["status"], order["workflow"]["step"]) == ("RUNNING", None)
        assert answer["extensions"]["degraded"] == ["worker"]

        pending = await api.approve(order_id, commandId="yes")
        assert pending["__typename"] == "CommandPending"
        assert pending["order"] == {"id": order_id, "state": "PLACED"}
        answer = await api.send(operations.COMMAND, orderId=order_id, commandId="yes")
        assert [e["extensions"]["code"] for e in answer["errors"]] == ["SERVICE_UNAVAILABLE"]
        assert answer["extensions"]["degraded"] == ["worker"]

        async with running_workers(engine, lonely):
            await api.reaches(order_id, "COMPLETED")
        assert (await command(api, order_id, "yes"))["__typename"] == "CommandApplied"

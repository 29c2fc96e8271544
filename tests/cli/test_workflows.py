"""``orders workflows``: search and count in Temporal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.client.list_workflows import Status
from orchestration.workflow_status import WorkflowStatus
from tests.support.timelines import create_customer
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.support.api_client import ApiClient
    from tests.support.command_line import Command

Json = dict[str, Any]


async def test_workflows_are_found_and_counted_by_status(
    command: Command, api: ApiClient, engine: AsyncEngine, new_order: Json
) -> None:
    # Other tests leave orders of the shared customer in review.
    customer_id = (await create_customer(engine)).id
    await api.start({**new_order, "customerId": customer_id})
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    search = ("workflows", "--customer", customer_id, "--state", "awaiting_approval")

    async def listed() -> list[Json] | None:
        found: list[Json] = (await command(*search, "--json")).json
        return found or None

    [workflow] = await wait_until(listed)
    assert (workflow["workflowId"], workflow["status"]) == (new_order["id"], "RUNNING")
    table = await command(*search, "--status", "running")
    assert table.out.splitlines()[0].split()[:3] == ["Order", "Status", "Total"]
    assert new_order["id"] in table.out
    assert (await command(*search, "--count")).out == "1\n"
    assert (await command(*search, "--count", "--status", "completed")).out == "0\n"


def test_every_status_of_a_workflow_can_be_searched() -> None:
    assert {status.value for status in Status} == set(WorkflowStatus) - {"UNKNOWN"}

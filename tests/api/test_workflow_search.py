"""Search in Temporal's visibility store, which is eventually consistent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from tests.support import operations
from tests.support.api_app import make_app, order_client
from tests.support.api_client import served
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from orchestration.settings import OrchestrationSettings
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

PRICES = ["1.10", "20.00", "300.00"]
PRIORITIES = ["NORMAL", "HIGH", "URGENT"]


@pytest_asyncio.fixture(scope="module")
async def customer(api: ApiClient) -> Json:
    """A customer with three orders, the last of them completed, which searches already find.

    Searches list open workflows before closed ones, and each group latest first: 1, 0, 2.
    """
    customer_id = f"search-{uuid4().hex}"
    given = {
        "id": customer_id,
        "name": f"Zoë O'Hara-{customer_id[7:]}",
        "email": f"{customer_id}@example.com",
    }
    await api.field(operations.CREATE_CUSTOMER, input=given)
    orders = []
    for price, priority in zip(PRICES, PRIORITIES, strict=True):
        orders.append(f"{customer_id}-{priority}")
        await api.start({
            "id": orders[-1],
            "customerId": customer_id,
            "items": [{"sku": "CUP", "quantity": 1, "unitPrice": price}],
            "priority": priority,
            "currency": "USD",
            "shippingAddress": {"street": "1 Main St", "city": "Arlington", "country": "US"},
            "policy": {"reviewMode": "NONE" if priority == "URGENT" else "MANUAL"},
        })
        await api.reaches(orders[-1], "AWAITING_APPROVAL", "COMPLETED")
    await found(api, {"customerId": customer_id, "states": ["AWAITING_APPROVAL"]}, 2)
    await found(api, {"customerId": customer_id, "statuses": ["COMPLETED"]}, 1)
    return {"id": customer_id, "name": given["name"], "orders": orders}


async def found(api: ApiClient, wanted: Json, count: int) -> Json:
    """Search until this number of workflows is found."""

    async def page() -> Json | None:
        page: Json = await api.field(operations.WORKFLOWS, filter=wanted, first=100)
        return page if len(page["nodes"]) == count else None

    return await wait_until(page)


async def test_a_workflow_is_found_with_its_attributes_and_its_order(
    api: ApiClient, customer: Json
) -> None:
    page = await found(api, {"customerId": customer["id"], "priorities": ["NORMAL"]}, 1)
    [node] = page["nodes"]
    described = (await api.order(customer["orders"][0]))["workflow"]
    assert node == {
        "workflowId": customer["orders"][0],
        "runId": described["runId"],
        "status": "RUNNING",
        "customerId": customer["id"],
        "customerName": customer["name"],
        "orderTotal": "1.1",
        "priority": "NORMAL",
        "startedAt": described["startedAt"],
        "closedAt": None,
        "order": {"id": customer["orders"][0], "state": "AWAITING_APPROVAL"},
    }
    assert page["query"] == (
        "WorkflowType = 'OrderWorkflow'"
        f" AND CustomerId IN ('{customer['id']}') AND Priority IN ('NORMAL')"
    )


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [1, 0, 2]),
        ({"statuses": ["RUNNING"]}, [1, 0]),
        ({"statuses": ["COMPLETED", "TIMED_OUT", "CONTINUED_AS_NEW", "CANCELED"]}, [2]),
        ({"statuses": ["UNKNOWN"]}, []),
        ({"statuses": ["PAUSED"]}, []),
        ({"statuses": ["PAUSED", "UNKNOWN", "RUNNING"]}, [1, 0]),
        ({"statuses": []}, []),
        ({"states": ["COMPLETED"]}, [2]),
        ({"states": ["AWAITING_APPROVAL", "COMPLETED"]}, [1, 0, 2]),
        ({"states": ["PAID"]}, []),
        ({"priorities": ["HIGH", "URGENT"]}, [1, 2]),
        ({"total": {"from": "20"}}, [1, 2]),
        ({"total": {"from": "1.10", "to": "20.00"}}, [1, 0]),
        ({"total": {"from": "-1", "to": "99999999999999999999.99999999999999999999"}}, [1, 0, 2]),
        ({"customerName": "zOË"}, [1, 0, 2]),
        ({"customerName": "hara, O'"}, [1, 0, 2]),
        ({"customerName": "Zo"}, []),
        ({"customerName": "hara' OR WorkflowType != '"}, []),
        ({"customerName": '"%_\\'}, []),
        ({"customerName": " "}, [1, 0, 2]),
        ({"customerId": "' OR WorkflowType != '"}, []),
        ({"customerId": "\x00"}, []),
        (
            {
                "statuses": ["RUNNING"],
                "states": ["AWAITING_APPROVAL"],
                "customerName": "zoë",
                "priorities": ["HIGH"],
                "total": {"from": "19.99", "to": "20.01"},
            },
            [1],
        ),
    ],
)
async def test_every_filter_finds_exactly_its_workflows(
    api: ApiClient, customer: Json, wanted: Json, numbers: list[int]
) -> None:
    wanted = {"customerId": customer["id"], **wanted}
    page = await api.field(operations.WORKFLOWS, filter=wanted)
    ids = [node["workflowId"] for node in page["nodes"]]
    assert ids == [customer["orders"][number] for number in numbers]
    assert page["totalCount"] == len(numbers)


async def test_pages_contain_every_workflow_once(api: ApiClient, customer: Json) -> None:
    wanted = {"customerId": customer["id"]}
    first = await api.field(operations.WORKFLOWS, filter=wanted, first=2)
    after = first["pageInfo"]["endCursor"]
    second = await api.field(operations.WORKFLOWS, filter=wanted, first=2, after=after)
    nodes = first["nodes"] + second["nodes"]
    high, normal, urgent = (customer["orders"][number] for number in (1, 0, 2))
    assert [node["workflowId"] for node in nodes] == [high, normal, urgent]
    assert first["totalCount"] == second["totalCount"] == 3
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert second["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": None,
        "endCursor": None,
    }


async def test_a_cursor_of_another_search_is_refused(api: ApiClient, customer: Json) -> None:
    mine = {"customerId": customer["id"]}
    page = await api.field(operations.WORKFLOWS, filter=mine, first=1)
    cursor = page["pageInfo"]["endCursor"]
    for wanted, after in (
        ({**mine, "priorities": ["HIGH"]}, cursor),
        (mine, "x"),
        (mine, "é"),
        (mine, cursor[:-8]),
        (mine, "A" * 5000),
    ):
        answer = await api.send(operations.WORKFLOWS, filter=wanted, first=1, after=after)
        assert answer["data"] == {"workflows": None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "arguments",
    ["first: 0", "first: 101", 'filter: {customerName: "\\u0000"}', 'filter: {total: {from: "x"}}'],
)
async def test_a_search_with_invalid_arguments_is_refused(api: ApiClient, arguments: str) -> None:
    answer = await api.send(f"{{ workflows({arguments}) {{ query }} }}")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_search_without_filter_finds_all_orders(api: ApiClient) -> None:
    page = await api.field("{ workflows(first: 1) { query nodes { workflowId } } }")
    assert page["query"] == "WorkflowType = 'OrderWorkflow'"
    assert len(page["nodes"]) == 1


async def test_names_that_are_kept_out_of_search_attributes_cannot_be_searched(
    engine: AsyncEngine,
    temporal_client: Client,
    orchestration: OrchestrationSettings,
    workers: None,  # ruff: ignore[unused-function-argument]
    new_order: Json,
) -> None:
    settings = orchestration.model_copy(update={"index_customer_names": False})
    customer = {"id": f"search-{uuid4().hex}", "name": "Grace Hopper"}
    customer["email"] = f"{customer['id']}@example.com"
    orders = order_client(temporal_client, settings, rpc_timeout=10)
    async with served(make_app(engine, orders)) as api:
        await api.field(operations.CREATE_CUSTOMER, input=customer)
        await api.start({**new_order, "customerId": customer["id"]})
        page = await found(api, {"customerId": customer["id"]}, 1)
        assert page["nodes"][0]["customerName"] == "Grace Hopper"
        refused = await api.send(operations.WORKFLOWS, filter={"customerName": "Grace"}, first=1)
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["BAD_USER_INPUT"]
    handle = temporal_client.get_workflow_handle(new_order["id"])
    names = {pair.key.name for pair in (await handle.describe()).typed_search_attributes}
    assert "CustomerId" in names
    assert "CustomerName" not in names

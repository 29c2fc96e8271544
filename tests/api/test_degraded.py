"""If one server is unavailable, the API answers from the other and says what is missing."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from orchestration.client import connect
from persistence.engine import create_engine
from persistence.settings import PersistenceSettings
from tests.support import operations
from tests.support.api_app import make_app, order_client
from tests.support.api_client import served
from tests.support.slow_database import locked
from tests.support.tcp_proxy import proxy_to

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from orchestration.settings import OrchestrationSettings
    from tests.support.api_client import ApiClient

Json = dict[str, Any]


@pytest.fixture(scope="module")
def closed_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


@pytest_asyncio.fixture
async def no_record(closed_port: int) -> AsyncIterator[AsyncEngine]:
    url = f"postgresql://nobody:a-password@127.0.0.1:{closed_port}/none"
    engine = create_engine(PersistenceSettings(database_url=SecretStr(url)))
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def no_temporal(orchestration: OrchestrationSettings) -> OrderClient:
    """A client that connected to Temporal, and has lost the connection since."""
    async with proxy_to(orchestration.temporal_address).listening() as proxy:
        through = orchestration.model_copy(update={"temporal_address": proxy.address})
        client = await connect(through)
    return order_client(client, orchestration)


@pytest_asyncio.fixture
async def waiting(api: ApiClient, new_order: Json) -> str:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    order_id: str = new_order["id"]
    return order_id


async def test_without_temporal_an_order_is_read_from_its_row(
    engine: AsyncEngine, no_temporal: OrderClient, waiting: str
) -> None:
    async with served(make_app(engine, no_temporal)) as api:
        answer = await api.send(operations.ORDER, id=waiting)
        assert "errors" not in answer
        order = answer["data"]["order"]
        assert (order["state"], order["sequence"]) == ("AWAITING_APPROVAL", 3)
        assert order["workflow"] is None
        assert len(order["events"]["nodes"]) == 3
        assert order["payment"]["status"] == "PENDING"
        assert answer["extensions"]["degraded"] == ["temporal"]


async def test_without_temporal_an_order_without_a_row_is_an_error_and_not_null(
    engine: AsyncEngine, no_temporal: OrderClient
) -> None:
    async with served(make_app(engine, no_temporal)) as api:
        answer = await api.send(operations.ORDER, id="placed-a-moment-ago")
        assert answer["data"]["order"] is None
        [error] = answer["errors"]
        assert error["extensions"]["code"] == "SERVICE_UNAVAILABLE"


async def test_without_temporal_order_lists_are_complete(
    engine: AsyncEngine, no_temporal: OrderClient, waiting: str
) -> None:
    async with served(make_app(engine, no_temporal)) as api:
        answer = await api.send(operations.ORDERS, filter={"ids": [waiting]})
        assert answer["data"]["orders"]["nodes"] == [{"id": waiting}]
        assert "degraded" not in answer["extensions"]


async def test_a_live_list_names_the_orders_whose_workflow_did_not_respond(
    engine: AsyncEngine, no_temporal: OrderClient, api: ApiClient, waiting: str
) -> None:
    query = """query ($ids: [ID!]) { orders(filter: {ids: $ids}, live: true) {
      unanswered nodes { id state } } }"""
    found = {"nodes": [{"id": waiting, "state": "AWAITING_APPROVAL"}]}
    assert await api.field(query, ids=[waiting]) == {"unanswered": [], **found}
    async with served(make_app(engine, no_temporal)) as alone:
        answer = await alone.send(query, ids=[waiting])
    assert answer["data"]["orders"] == {"unanswered": [waiting], **found}
    assert answer["extensions"]["degraded"] == ["temporal"]


async def test_without_temporal_workflow_search_fails_and_other_fields_succeed(
    engine: AsyncEngine, no_temporal: OrderClient
) -> None:
    async with served(make_app(engine, no_temporal)) as api:
        answer = await api.send("{ workflows { query } customers(first: 1) { nodes { id } } }")
        assert answer["data"]["workflows"] is None
        assert len(answer["data"]["customers"]["nodes"]) == 1
        [error] = answer["errors"]
        assert (error["path"], error["extensions"]) == (
            ["workflows"],
            {"code": "SERVICE_UNAVAILABLE"},
        )
        assert answer["extensions"]["degraded"] == ["temporal"]


@pytest.mark.parametrize("command_id", ["yes", "never"])
async def test_without_temporal_a_command_result_comes_from_the_record_or_is_unavailable(
    engine: AsyncEngine, no_temporal: OrderClient, api: ApiClient, waiting: str, command_id: str
) -> None:
    await api.approve(waiting, commandId="yes")
    await api.reaches(waiting, "COMPLETED")
    async with served(make_app(engine, no_temporal)) as alone:
        answer = await alone.send(operations.COMMAND, orderId=waiting, commandId=command_id)
    if command_id == "yes":
        assert answer["data"]["command"]["__typename"] == "CommandApplied"
    else:
        assert answer["data"] == {"command": None}
        assert [e["extensions"]["code"] for e in answer["errors"]] == ["SERVICE_UNAVAILABLE"]


async def test_without_temporal_an_ended_order_is_not_degraded(
    engine: AsyncEngine, no_temporal: OrderClient, api: ApiClient, new_order: Json
) -> None:
    await api.start({**new_order, "policy": {"reviewMode": "NONE"}})
    # Without a row, the API without Temporal would know nothing of the order.
    await api.reaches(new_order["id"], "COMPLETED")
    async with served(make_app(engine, no_temporal)) as alone:
        # The workflow ends before the row says so, so the API with Temporal would be too early.
        await alone.reaches(new_order["id"], "COMPLETED")
        answer = await alone.send(operations.STATE, id=new_order["id"])
        assert answer["data"]["order"]["state"] == "COMPLETED"
        assert "degraded" not in answer["extensions"]


async def test_without_temporal_starts_and_commands_fail(
    engine: AsyncEngine, no_temporal: OrderClient, waiting: str, new_order: Json
) -> None:
    fresh = {**new_order, "id": f"{waiting}-2"}
    async with served(make_app(engine, no_temporal)) as api:
        for query, given in (
            (operations.START_ORDER, fresh),
            (operations.APPROVE, {"orderId": waiting}),
        ):
            answer = await api.send(query, input=given)
            assert set(answer["data"].values()) == {None}
            assert [e["extensions"]["code"] for e in answer["errors"]] == ["SERVICE_UNAVAILABLE"]
            assert answer["extensions"]["degraded"] == ["temporal"]


async def test_without_the_record_a_running_order_is_read_from_its_workflow(
    no_record: AsyncEngine, orders: OrderClient, waiting: str
) -> None:
    async with served(make_app(no_record, orders)) as api:
        answer = await api.send(operations.ORDER, id=waiting)
        order = answer["data"]["order"]
        assert (order["state"], order["sequence"]) == ("AWAITING_APPROVAL", 3)
        assert order["total"] == {"amount": "69.90", "currency": "USD"}
        assert [event["sequence"] for event in order["events"]["nodes"]] == [1, 2, 3]
        assert order["payment"]["status"] == "PENDING"
        assert order["workflow"]["step"] == "in review"
        assert order["customer"] is None
        assert [e["path"] for e in answer["errors"]] == [["order", "customer"]]
        assert answer["errors"][0]["extensions"] == {"code": "SERVICE_UNAVAILABLE"}
        assert answer["extensions"]["degraded"] == ["record"]


async def test_a_hanging_record_delays_a_response_once_and_not_per_level(
    engine: AsyncEngine, orders: OrderClient, waiting: str
) -> None:
    # Less than the statement timeout of ten seconds.
    app = make_app(engine, orders, request_timeout=9)
    async with served(app) as api, locked(engine, "orders", "customers", "payments", "events"):
        answer = await api.send(operations.ORDER, id=waiting)
    order = answer["data"]["order"]
    assert (order["state"], order["sequence"]) == ("AWAITING_APPROVAL", 3)
    assert [event["sequence"] for event in order["events"]["nodes"]] == [1, 2, 3]
    assert order["payment"]["status"] == "PENDING"
    assert order["customer"] is None
    assert [e["path"] for e in answer["errors"]] == [["order", "customer"]]
    assert answer["extensions"]["degraded"] == ["record"]


async def test_without_the_record_a_command_is_applied(
    no_record: AsyncEngine, orders: OrderClient, waiting: str
) -> None:
    async with served(make_app(no_record, orders)) as api:
        answer = await api.approve(waiting)
        assert answer["__typename"] == "CommandApplied"
        assert answer["order"]["id"] == waiting


@pytest.mark.parametrize(
    "query",
    [
        "{ orders { nodes { id } } }",
        "{ customers { nodes { id } } }",
        '{ customer(id: "ada") { id } }',
        'mutation { updateCustomer(input: {id: "ada", name: "Ada"}) { __typename } }',
        'mutation { deleteCustomer(input: {id: "ada"}) { __typename } }',
    ],
)
async def test_without_the_record_fields_that_need_it_are_unavailable(
    no_record: AsyncEngine, orders: OrderClient, query: str
) -> None:
    async with served(make_app(no_record, orders)) as api:
        answer = await api.send(query)
        assert [e["extensions"]["code"] for e in answer["errors"]] == ["SERVICE_UNAVAILABLE"]
        assert answer["extensions"]["degraded"] == ["record"]
        assert "127.0.0.1" not in str(answer)


async def test_without_temporal_and_the_record_an_order_is_unavailable(
    no_record: AsyncEngine, no_temporal: OrderClient
) -> None:
    async with served(make_app(no_record, no_temporal)) as api:
        answer = await api.send(operations.ORDER, id="any")
        assert answer["data"] == {"order": None}
        assert [e["extensions"]["code"] for e in answer["errors"]] == ["SERVICE_UNAVAILABLE"]
        messages = await api.watch(operations.ORDER_EVENTS, orderId="any")
        assert messages[0]["payload"][0]["extensions"] == {"code": "SERVICE_UNAVAILABLE"}


async def test_the_readiness_check_names_the_unavailable_servers(
    no_record: AsyncEngine, no_temporal: OrderClient
) -> None:
    async with served(make_app(no_record, no_temporal)) as api:
        live = await api.http.get("/health/live")
        assert live.status_code == 200
        ready = await api.http.get("/health/ready")
        assert ready.status_code == 503
        assert set(ready.json()["missing"]) == {"record", "migrations", "temporal"}

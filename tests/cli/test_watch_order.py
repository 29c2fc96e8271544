"""``orders watch`` and ``orders wait``."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from cli.client.exit_codes import BY_FINAL_STATE, ExitCode
from cli.service.ports import free_ports
from tests.support.api_app import make_app
from tests.support.api_client import served
from tests.support.command_line import Command
from tests.support.tcp_proxy import proxy_to

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncEngine
    from starlette.requests import Request
    from starlette.websockets import WebSocket
    from temporalio.client import Client

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

Json = dict[str, Any]


_PAID: Json = {
    "id": "o-1",
    "state": "PAID",
    "total": {"amount": "1.00", "currency": "USD"},
    "failure": None,
    "reviewDeadline": None,
    "availableCommands": [],
}


@asynccontextmanager
async def without_events(order: Json | None) -> AsyncGenerator[str]:
    """Yield the URL of an API whose streams end at once, and whose order is this one."""

    async def stream(socket: WebSocket) -> None:
        await socket.accept("graphql-transport-ws")
        await socket.receive_json()
        await socket.send_json({"type": "connection_ack"})
        asked = await socket.receive_json()
        await socket.send_json({"type": "complete", "id": asked["id"]})
        await socket.close()

    def answer(_: Request) -> JSONResponse:
        return JSONResponse({"data": {"order": order}})

    routes = [WebSocketRoute("/graphql", stream), Route("/graphql", answer, methods=["POST"])]
    app = Starlette(routes=routes)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None)
    async with served(app, uvicorn.Server(config)) as api:
        yield str(api.http.base_url)


async def test_watch_prints_every_event_until_the_order_ends(
    command: Command, api: ApiClient, new_order: Json
) -> None:
    await api.start(new_order)
    watching = asyncio.create_task(command("watch", new_order["id"]))
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    await api.approve(new_order["id"])
    watched = await watching
    assert (watched.code, watched.err) == (0, "")
    first, *_, last = watched.out.splitlines()
    assert first.split()[2:4] == ["RECEIVED", "ORDER_RECEIVED"]
    assert last.split()[2:4] == ["COMPLETED", "ORDER_COMPLETED"]
    later = (await command("watch", new_order["id"], "--after", "4", "--json")).lines
    assert [event["sequence"] for event in later] == list(range(5, 11))


async def test_watch_resumes_a_lost_connection_without_losing_or_repeating_an_event(
    api: ApiClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    [port] = free_ports(1)
    await api.start(new_order)
    async with proxy_to(api.address).listening(port) as proxy:
        watching = asyncio.create_task(
            Command(f"http://{proxy.address}")("watch", order_id, "--json")
        )
        await api.reaches(order_id, "AWAITING_APPROVAL")
        await asyncio.sleep(0.5)  # until the first events have been received
    await api.approve(order_id)
    async with proxy_to(api.address).listening(port):
        watched = await watching
    assert watched.code == 0
    assert [event["sequence"] for event in watched.lines] == list(range(1, 11))
    assert "Resuming after event 3" in watched.err


async def test_watch_resumes_at_another_server_when_its_server_shuts_down(
    api: ApiClient, engine: AsyncEngine, orders: OrderClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    [port] = free_ports(1)
    await api.start(new_order)
    app = make_app(engine, orders)
    async with served(app) as going, proxy_to(going.address).listening(port) as proxy:
        watching = asyncio.create_task(
            Command(f"http://{proxy.address}")("watch", order_id, "--json")
        )
        await api.reaches(order_id, "AWAITING_APPROVAL")
        await asyncio.sleep(0.5)  # as above
        app.state.streams.close()
    await api.approve(order_id)
    async with proxy_to(api.address).listening(port):
        watched = await watching
    assert [event["sequence"] for event in watched.lines] == list(range(1, 11))
    assert "Resuming after event 3" in watched.err


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"policy": {"reviewMode": "NONE"}}, ExitCode.SUCCESS),
        ({"policy": {"reviewTimeout": "PT0.2S"}}, ExitCode.ORDER_NOT_APPROVED),
        ({"policy": {"reviewMode": "NONE"}, "paymentId": "decline-"}, ExitCode.ORDER_FAILED),
    ],
)
async def test_the_exit_code_of_wait_depends_on_the_final_state(
    command: Command, api: ApiClient, new_order: Json, changes: Json, code: ExitCode
) -> None:
    if "paymentId" in changes:
        changes = {**changes, "paymentId": f"{changes['paymentId']}{uuid4()}"}
    await api.start({**new_order, **changes})
    waited = await command("wait", new_order["id"], "--for", "30", "--json")
    assert (waited.code, BY_FINAL_STATE[waited.json["state"]]) == (code, code)
    assert (await command("wait", new_order["id"])).code == code


async def test_wait_reports_a_timeout_and_a_cancelled_order(
    command: Command, api: ApiClient, new_order: Json
) -> None:
    await api.start(new_order)
    late = await command("wait", new_order["id"], "--for", "0.3", "--json")
    assert (late.code, late.out) == (6, "")
    assert "has not ended within 0.3 seconds" in late.err
    await command("cancel", new_order["id"])
    waited = await command("wait", new_order["id"])
    assert waited.code == 10
    assert waited.out.startswith(f"{new_order['id']}  CANCELLED  ")


async def test_wait_ends_when_the_workflow_is_terminated(
    command: Command, api: ApiClient, new_order: Json, temporal_client: Client
) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    await temporal_client.get_workflow_handle(new_order["id"]).terminate()
    waited = await command("wait", new_order["id"], "--for", "60")
    assert waited.code == 1
    assert "TERMINATED" in waited.err


async def test_wait_ends_when_the_workflow_is_deleted(
    command: Command, api: ApiClient, new_order: Json, temporal_client: Client
) -> None:
    order_id = new_order["id"]
    await api.start(new_order)
    await api.reaches(order_id, "AWAITING_APPROVAL")
    await temporal_client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=temporal_client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=order_id),
        )
    )
    waited = await command("wait", order_id, "--for", "60")
    assert waited.code == 1
    assert "still AWAITING_APPROVAL" in waited.err


@pytest.mark.parametrize(
    ("order", "code", "message"),
    [
        (None, ExitCode.NOT_FOUND, "Order o-1 was not found."),
        (
            {**_PAID, "workflow": None},
            ExitCode.FAILURE,
            "still PAID, but its workflow was not found.",
        ),
    ],
    ids=["without order", "without workflow"],
)
async def test_wait_reports_an_order_or_workflow_that_is_missing_when_the_stream_ends(
    order: Json | None, code: ExitCode, message: str
) -> None:
    async with without_events(order) as url:
        waited = await Command(url)("wait", "o-1")
    assert waited.code == code
    assert message in waited.err


@pytest.mark.parametrize("name", ["watch", "wait"])
async def test_watch_and_wait_report_an_unknown_order(command: Command, name: str) -> None:
    ended = await command(name, "nobody-started-this")
    assert (ended.code, ended.out) == (4, "")
    assert "nobody-started-this" in ended.err

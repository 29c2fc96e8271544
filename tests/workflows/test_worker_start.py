"""Workers whose Temporal server fails, or refuses something, while they start."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import ScheduleActionStartWorkflow
from temporalio.service import RPCError, RPCStatusCode

from orchestration.client import TemporalUnavailable, connect
from orchestration.domain.order import IDENTIFIER
from orchestration.reconcile_schedule import SCHEDULE_ID, apply_schedule
from orchestration.search_attributes import SearchAttributesMissing, require_attributes
from orchestration.simulation import simulate
from orchestration.worker import run_shipping_worker
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook
from tests.support.tcp_proxy import TcpProxy
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from temporalio.client import Client

    from tests.support.shop import Shop

_DAY = 86_400  # seconds
_TIMEOUT = 30  # seconds


@pytest.fixture
async def proxy(temporal_address: str) -> AsyncGenerator[TcpProxy]:
    host, port = temporal_address.split(":")
    proxy = TcpProxy(lambda: asyncio.open_connection(host, int(port)))
    async with proxy.listening():
        yield proxy


@pytest.fixture
async def proxied(shop_without_workers: Shop, proxy: TcpProxy) -> Client:
    """A client that reaches the server through the proxy."""
    settings = shop_without_workers.settings.model_copy(update={"temporal_address": proxy.address})
    return await connect(settings)


@pytest.fixture
async def new_namespace(temporal_client: Client) -> str:
    """A namespace without search attributes."""
    name = f"new-{uuid4().hex[:8]}"
    await temporal_client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=name, workflow_execution_retention_period=Duration(seconds=_DAY)
        )
    )
    return name


def refuse_list(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse what Temporal Cloud refuses. The development server has no permissions."""

    async def refuse(_: object) -> NoReturn:  # ruff: ignore[unused-async]
        raise RPCError("request unauthorized", RPCStatusCode.PERMISSION_DENIED, b"")

    monkeypatch.setattr(client.operator_service, "list_search_attributes", refuse)


async def test_search_attributes_are_checked_without_the_permission_to_list_them(
    shop_without_workers: Shop, new_namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = shop_without_workers.settings
    registered = await connect(settings)
    unregistered = await connect(settings.model_copy(update={"temporal_namespace": new_namespace}))
    for client in (registered, unregistered):
        refuse_list(client, monkeypatch)

    await require_attributes(registered)

    async def refusal() -> str | None:
        try:
            await require_attributes(unregistered)
        except SearchAttributesMissing as error:
            return str(error)
        except TemporalUnavailable:  # the new namespace is not in the server's cache yet
            return None
        pytest.fail("a namespace without search attributes was accepted")

    assert f"Namespace {new_namespace} lacks search attributes" in await wait_until(refusal)


async def test_a_check_of_search_attributes_without_a_server_is_one_error(
    proxied: Client, proxy: TcpProxy
) -> None:
    proxy.cut()
    with pytest.raises(TemporalUnavailable):
        await require_attributes(proxied)


async def test_a_worker_that_loses_its_server_before_it_polls_ends_with_one_error(
    shop_without_workers: Shop, proxied: Client, proxy: TcpProxy
) -> None:
    shop = shop_without_workers
    _, carrier = simulate(
        shop.settings, PostgresGatewayBook(shop.engine), PostgresCarrierBook(shop.engine)
    )
    proxy.cut()
    with pytest.raises(TemporalUnavailable):
        await asyncio.wait_for(
            run_shipping_worker(proxied, shop.settings, carrier=carrier, stop=asyncio.Event()),
            _TIMEOUT,
        )


async def test_no_order_can_have_the_id_of_a_run_and_so_keep_it_from_starting(
    temporal_client: Client,
) -> None:
    schedule = temporal_client.get_schedule_handle(SCHEDULE_ID)
    await apply_schedule(temporal_client, "unused", timedelta(hours=1))
    try:
        action = (await schedule.describe()).schedule.action
    finally:
        await apply_schedule(temporal_client, "unused", None)
    assert isinstance(action, ScheduleActionStartWorkflow)
    assert not IDENTIFIER.fullmatch(action.id)


async def test_the_schedule_is_given_up_in_time_if_the_server_hangs(
    proxied: Client, proxy: TcpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.reconcile_schedule._RPC_TIMEOUT", timedelta(seconds=0.5))
    proxy.pause()
    with pytest.raises(TemporalUnavailable):
        await asyncio.wait_for(apply_schedule(proxied, "unused", timedelta(minutes=5)), _TIMEOUT)


async def test_workers_that_set_the_schedule_at_once_leave_one_that_stays_paused(
    temporal_client: Client,
) -> None:
    schedule = temporal_client.get_schedule_handle(SCHEDULE_ID)

    async def is_paused() -> bool:
        return (await schedule.describe()).schedule.state.paused

    async def is_paused_now() -> bool:
        # The server applies the changes that it has accepted in an order of its own: an update of
        # the five workers can follow the first pause, and revert it.
        await schedule.pause()
        return await is_paused()

    async def has_later_interval() -> bool:
        described = (await schedule.describe()).schedule
        return [i.every for i in described.spec.intervals] == [timedelta(hours=2)]

    await apply_schedule(temporal_client, "unused", None)
    try:
        await asyncio.gather(
            *(apply_schedule(temporal_client, "unused", timedelta(hours=1)) for _ in range(5))
        )
        await wait_until(is_paused_now)
        # A later release has another interval.
        await apply_schedule(temporal_client, "unused", timedelta(hours=2))
        await wait_until(has_later_interval)
        assert await is_paused()
    finally:
        await apply_schedule(temporal_client, "unused", None)

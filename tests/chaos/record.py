"""What a run left behind: the record, the books of gateway and carrier, and the workflows."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr
from sqlalchemy import text
from temporalio.service import RPCError

from orchestration.client import OrderClient, TemporalUnavailable, WorkflowStatus, connect
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.order import OrderEvent
from orchestration.messages import OrderStatus, StatusQuery
from persistence.engine import connected, create_engine
from persistence.reads import EventRange, Reads, StoredOrder
from persistence.settings import PersistenceSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sqlalchemy.ext.asyncio import AsyncEngine

    from cli.service.configuration import Configuration

T = TypeVar("T")

_RPC_TIMEOUT = timedelta(seconds=30)
_SETTLE_TIMEOUT = 120.0  # seconds
_COLLECT_INTERVAL = 0.5  # seconds
_CONCURRENT_QUERIES = 20
_MAX_EVENTS = 500  # per order


@dataclass(frozen=True)
class GatewayCharge:
    payment_id: str
    order_id: str
    amount_minor: int
    status: str


@dataclass(frozen=True)
class CarrierParcel:
    attempt: int
    status: str
    address: dict[str, Any] | None


@dataclass(frozen=True)
class Remains:
    """Everything by order ID. ``running`` are the IDs of workflows that have not closed."""

    rows: dict[str, StoredOrder]
    events: dict[str, list[OrderEvent]]
    charges: dict[str, list[GatewayCharge]]
    parcels: dict[str, list[CarrierParcel]]
    workflows: dict[str, OrderStatus | None]
    closed_as: dict[str, WorkflowStatus | None]
    running: list[str]


async def collect_when_closed(configuration: Configuration, order_ids: Sequence[str]) -> Remains:
    """Collect when all workflows have closed, or after a time limit.

    Retries while a server or worker is still restarting. Raises TimeoutError if it never responds.
    """
    remains = None
    with suppress(TimeoutError):
        async with asyncio.timeout(_SETTLE_TIMEOUT):
            while remains is None or remains.running:
                with suppress(RecordUnavailable, TemporalUnavailable, RPCError):
                    remains = await _collect(configuration, order_ids)
                await asyncio.sleep(_COLLECT_INTERVAL)
    if remains is None:
        raise TimeoutError("the servers did not respond at the end of the run")
    return remains


async def _collect(configuration: Configuration, order_ids: Sequence[str]) -> Remains:
    url = configuration.persistence.url.render_as_string(hide_password=False)
    engine = create_engine(PersistenceSettings(database_url=SecretStr(url)))
    try:
        reads = Reads(engine)
        orders = await _orders(configuration)

        async def closing_status(order_id: str) -> WorkflowStatus | None:
            execution = await orders.describe(order_id)
            return execution.status if execution else None

        events = await reads.events_of([EventRange(id_, 0, _MAX_EVENTS) for id_ in order_ids])
        return Remains(
            rows={row.order.id: row for row in await reads.orders_by_ids(order_ids)},
            events=dict(zip(order_ids, events, strict=True)),
            charges=await _charges(engine),
            parcels=await _parcels(engine),
            workflows=await _of_each(order_ids, lambda id_: orders.status(id_, StatusQuery(0))),
            closed_as=await _of_each(order_ids, closing_status),
            running=await _running(configuration),
        )
    finally:
        await engine.dispose()


async def _charges(engine: AsyncEngine) -> dict[str, list[GatewayCharge]]:
    charges: dict[str, list[GatewayCharge]] = {}
    statement = "SELECT payment_id, order_id, amount_minor, status FROM gateway_charges"
    async with connected(engine) as connection:
        for row in await connection.execute(text(statement)):
            charges.setdefault(row.order_id, []).append(GatewayCharge(*row))
    return charges


async def _parcels(engine: AsyncEngine) -> dict[str, list[CarrierParcel]]:
    parcels: dict[str, list[CarrierParcel]] = {}
    statement = "SELECT order_id, attempt, status, address FROM carrier_parcels ORDER BY attempt"
    async with connected(engine) as connection:
        for order_id, *values in await connection.execute(text(statement)):
            parcels.setdefault(order_id, []).append(CarrierParcel(*values))
    return parcels


async def _orders(configuration: Configuration) -> OrderClient:
    settings = configuration.orchestration
    return OrderClient(
        await connect(settings),
        order_task_queue=settings.order_task_queue,
        shipping_task_queue=settings.shipping_task_queue,
        rpc_timeout=_RPC_TIMEOUT,
    )


async def _of_each(order_ids: Sequence[str], read: Callable[[str], Awaitable[T]]) -> dict[str, T]:
    limit = asyncio.Semaphore(_CONCURRENT_QUERIES)

    async def limited(order_id: str) -> T:
        async with limit:
            return await read(order_id)

    return dict(zip(order_ids, await asyncio.gather(*map(limited, order_ids)), strict=True))


async def _running(configuration: Configuration) -> list[str]:
    client = await connect(configuration.orchestration)
    found = client.list_workflows("ExecutionStatus = 'Running'")
    return [execution.id async for execution in found]

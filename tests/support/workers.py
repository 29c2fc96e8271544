"""Workers in the process of the tests."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal, TypeAlias

from orchestration.client import connect
from orchestration.simulation import simulate, with_record_faults
from orchestration.worker import run_order_worker, run_shipping_worker
from persistence.ledger import PostgresLedger
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.ports import CarrierBook, GatewayBook, OrderLedger
    from orchestration.settings import OrchestrationSettings

Queue: TypeAlias = Literal["order", "shipping"]


@asynccontextmanager
async def running_workers(
    engine: AsyncEngine,
    settings: OrchestrationSettings,
    *queues: Queue,
    ledger: OrderLedger | None = None,
    gateway_book: GatewayBook | None = None,
    carrier_book: CarrierBook | None = None,
) -> AsyncGenerator[None]:
    """Run the named workers, by default both, until the context is left."""
    ledger = with_record_faults(settings, ledger or PostgresLedger(engine))
    gateway, carrier = simulate(
        settings,
        gateway_book or PostgresGatewayBook(engine),
        carrier_book or PostgresCarrierBook(engine),
    )
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as workers:
        for queue in queues or ("order", "shipping"):
            client = await connect(settings)
            workers.create_task(
                run_order_worker(
                    client, settings, ledger=ledger, gateway=gateway, carrier=carrier, stop=stop
                )
                if queue == "order"
                else run_shipping_worker(client, settings, carrier=carrier, stop=stop)
            )
        try:
            yield
        finally:
            stop.set()

"""Workers in the process of the tests."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal, TypeAlias

from orchestration.client import connect
from orchestration.worker import run_worker
from persistence.ledger import PostgresLedger
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.settings import OrchestrationSettings

Queue: TypeAlias = Literal["order", "shipping"]


@asynccontextmanager
async def running_workers(
    engine: AsyncEngine, settings: OrchestrationSettings, *queues: Queue
) -> AsyncGenerator[None]:
    """Run a worker per queue, by default both, until the context is left."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as workers:
        for queue in queues or ("order", "shipping"):
            workers.create_task(
                run_worker(
                    await connect(settings),
                    settings,
                    queue=queue,
                    ledger=PostgresLedger(engine),
                    gateway_book=PostgresGatewayBook(engine),
                    carrier_book=PostgresCarrierBook(engine),
                    stop=stop,
                )
            )
        try:
            yield
        finally:
            stop.set()

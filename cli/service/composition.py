"""The one place that makes the parts out of settings and puts them together.

Each process imports here what it alone needs: a worker does not wait for the API's schema.
"""

# ruff: file-ignore[import-outside-top-level] - so that a process imports its own parts alone

from __future__ import annotations

import atexit
import logging
import time
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from cli.service.garbage_collection import spare_collections
from cli.service.ports import RequiredPort, require_free
from cli.service.signals import stop_on_signal
from cli.service.startup import reach
from orchestration.client import OrderClient, TemporalUnavailable, connect
from orchestration.domain.errors import RecordUnavailable
from persistence.engine import create_engine, ping

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from cli.service.configuration import Configuration
    from cli.service.repair import RepairEnd
    from orchestration.settings import OrchestrationSettings
    from persistence.settings import PersistenceSettings

_log = logging.getLogger(__name__)

_THREADS_FINISH_WITHIN = 0.1  # seconds


async def make_tables(settings: PersistenceSettings, patience: float) -> None:
    """Bring the record's tables up to date, waiting for Postgres. Raises GaveUp."""
    from persistence.migrations import migrate

    async def attempt() -> None:
        await migrate(settings)

    await reach("Postgres", attempt, RecordUnavailable, patience)


async def register_search_attributes(settings: OrchestrationSettings, patience: float) -> list[str]:
    """Register what Temporal does not have yet, and name it.

    Raises GaveUp, or SearchAttributeMismatch.
    """
    from orchestration.search_attributes import register

    return await register(await _temporal(settings, patience))


async def work(
    configuration: Configuration,
    queue: Literal["order", "shipping"],
    patience: float,
) -> None:
    """Run one worker until a signal ends it.

    Raises GaveUp, SearchAttributeMismatch, or SearchAttributesMissing.
    """
    from orchestration.worker import run_worker
    from persistence.ledger import PostgresLedger
    from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook

    settings = configuration.orchestration
    async with _postgres(configuration.persistence, patience) as engine:
        client = await _temporal(settings, patience)
        _log.info("working on the %s queue", queue)
        spare_collections()
        await run_worker(
            client,
            settings,
            queue=queue,
            ledger=PostgresLedger(engine),
            gateway_book=PostgresGatewayBook(engine),
            carrier_book=PostgresCarrierBook(engine),
            stop=stop_on_signal(),
        )


async def serve(configuration: Configuration, patience: float) -> None:
    """Serve the API until a signal ends it. Raises PortsTaken or GaveUp."""
    from cli.service.server import ApiServer
    from gql.app import create_app
    from persistence.customers import PostgresCustomers
    from persistence.migrations import is_current
    from persistence.reads import Reads

    host, settings = configuration.service.host, configuration.api
    require_free([RequiredPort("the API", host, settings.port, "PORT")])
    async with _postgres(configuration.persistence, patience) as engine:
        client = await _temporal(configuration.orchestration, patience)
        app = create_app(
            settings=settings,
            reads=Reads(engine),
            customers=PostgresCustomers(engine),
            orders=_order_client(client, configuration.orchestration),
            ping_record=partial(ping, engine),
            record_is_current=partial(is_current, engine),
        )
        _log.info("serving on %s, port %s", host, settings.port)
        await ApiServer(app, host=host, port=settings.port).serve()


async def repair_orders(
    configuration: Configuration, order_ids: Sequence[str], patience: float
) -> list[RepairEnd]:
    """Repair one order after the other, and say how each went. Raises GaveUp."""
    from cli.service.repair import Repairs
    from persistence.ledger import PostgresLedger
    from persistence.reads import Reads

    settings = configuration.orchestration
    async with _postgres(configuration.persistence, patience) as engine:
        client = await _temporal(settings, patience)
        repairs = Repairs(
            client=client,
            orders=_order_client(client, settings),
            reads=Reads(engine),
            ledger=PostgresLedger(engine),
            task_queue=settings.order_task_queue,
        )
        return [await repairs.attempt(one) for one in order_ids]


def schema_text() -> str:
    """Return the API's schema as schema.graphql holds it."""
    from gql.schema import schema

    return f"{schema.as_str()}\n"


@asynccontextmanager
async def _postgres(settings: PersistenceSettings, patience: float) -> AsyncGenerator[AsyncEngine]:
    engine = create_engine(settings)

    async def attempt() -> None:
        await ping(engine)

    try:
        await reach("Postgres", attempt, RecordUnavailable, patience)
        yield engine
    finally:
        await engine.dispose()


async def _temporal(settings: OrchestrationSettings, patience: float) -> Client:
    # A thread of Temporal's client that has just handed over an answer still has the interpreter to
    # let go of; where that is gone by then, it takes the process down with "Fatal Python error".
    atexit.register(time.sleep, _THREADS_FINISH_WITHIN)

    async def attempt() -> Client:
        return await connect(settings)

    name = f"Temporal at {settings.temporal_address}"
    return await reach(name, attempt, TemporalUnavailable, patience)


def _order_client(client: Client, settings: OrchestrationSettings) -> OrderClient:
    page = settings.temporal_ui_url
    return OrderClient(
        client,
        order_task_queue=settings.order_task_queue,
        shipping_task_queue=settings.shipping_task_queue,
        ui_url=page and f"{page.rstrip('/')}/namespaces/{quote(client.namespace, safe='')}",
    )

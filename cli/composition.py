"""The one place that makes the parts out of settings and puts them together."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from cli.ports import Wanted, check_free
from cli.server import ApiServer
from cli.signals import stop_on_signal
from cli.startup import reach
from gql.app import create_app
from gql.schema import schema
from orchestration.client import OrderClient, TemporalUnavailable, connect
from orchestration.domain.errors import RecordUnavailable
from orchestration.search_attributes import register
from orchestration.worker import run_worker
from persistence.customers import PostgresCustomers
from persistence.engine import create_engine, ping
from persistence.ledger import PostgresLedger
from persistence.migrations import is_current, migrate
from persistence.reads import Reads
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from cli.configuration import Configuration
    from orchestration.settings import OrchestrationSettings
    from persistence.settings import PersistenceSettings

_log = logging.getLogger(__name__)


async def make_tables(settings: PersistenceSettings, patience: float) -> None:
    """Bring the record's tables up to date, waiting for Postgres. Raises GaveUp."""

    async def attempt() -> None:
        await migrate(settings)

    await reach("Postgres", attempt, RecordUnavailable, patience)


async def register_search_attributes(settings: OrchestrationSettings, patience: float) -> list[str]:
    """Register what Temporal does not have yet, and name it. Raises GaveUp."""
    return await register(await _temporal(settings, patience))


async def work(
    configuration: Configuration,
    queue: Literal["order", "shipping"],
    patience: float,
) -> None:
    """Run one worker until a signal ends it. Raises GaveUp, or SearchAttributesMissing."""
    settings = configuration.orchestration
    async with _postgres(configuration.persistence, patience) as engine:
        client = await _temporal(settings, patience)
        _log.info("working on the %s queue", queue)
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
    """Serve the API until a signal ends it. Raises StackFailed where its port is taken, GaveUp."""
    command, settings = configuration.command, configuration.api
    check_free([Wanted("the API", command.host, settings.port, "PORT")])
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
        _log.info("serving on %s, port %s", command.host, settings.port)
        await ApiServer(app, host=command.host, port=settings.port).serve()


def schema_text() -> str:
    """Return the API's schema as schema.graphql holds it."""
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

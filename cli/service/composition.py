"""Builds each process from its settings.

Every function imports only what its process needs. A worker does not load the API's schema.
"""

# ruff: file-ignore[import-outside-top-level] - as explained above

from __future__ import annotations

import atexit
import logging
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from temporalio.service import RPCError

from cli.service.garbage_collection import reduce_gc_work
from cli.service.ports import RequiredPort, require_free
from cli.service.signals import stop_on_signal
from cli.service.startup import wait_for_server
from orchestration.client import OrderClient, TemporalUnavailable, connect
from orchestration.domain.errors import RecordUnavailable
from persistence.engine import create_engine, ping

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
    from typing import TypeVar

    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from cli.service.configuration import Configuration
    from cli.service.reconcile import Bounds, Reconciliation, Report
    from cli.service.repair import RepairResult, Repairs
    from orchestration.messages import ReconcileSummary
    from orchestration.ports import PaymentGateway
    from orchestration.settings import OrchestrationSettings
    from persistence.api_keys import PostgresApiKeys
    from persistence.settings import PersistenceSettings

    _Result = TypeVar("_Result")

_log = logging.getLogger(__name__)

_THREAD_EXIT_TIME = 0.1  # seconds


async def migrate_database(settings: PersistenceSettings, startup_timeout: float) -> None:
    """Run all pending migrations. Raises ServerUnavailable or MigrationFailed."""
    from persistence.migrations import migrate

    async def attempt() -> None:
        await migrate(settings)

    await wait_for_server("Postgres", attempt, RecordUnavailable, startup_timeout)


async def use_api_keys(
    settings: PersistenceSettings,
    use: Callable[[PostgresApiKeys], Awaitable[_Result]],
    startup_timeout: float,
) -> _Result:
    """Call ``use`` with the stored API keys. Raises ServerUnavailable."""
    from persistence.api_keys import PostgresApiKeys

    async with _postgres(settings, startup_timeout) as engine:
        return await use(PostgresApiKeys(engine))


async def register_search_attributes(
    settings: OrchestrationSettings, startup_timeout: float
) -> list[str]:
    """Register missing search attributes in Temporal, and return their names.

    Raises ServerUnavailable or SearchAttributeMismatch.
    """
    from orchestration.search_attributes import register

    return await register(await _temporal(settings, startup_timeout))


async def run_queue_worker(
    configuration: Configuration,
    queue: Literal["order", "shipping"],
    startup_timeout: float,
) -> None:
    """Run the order worker or the shipping worker until a signal stops it.

    Raises ServerUnavailable, TemporalUnavailable, SearchAttributeMismatch or
    SearchAttributesMissing.
    """
    from orchestration.search_attributes import require_attributes
    from orchestration.simulation import simulate
    from orchestration.worker import run_order_worker, run_shipping_worker
    from persistence.ledger import PostgresLedger
    from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook

    settings = configuration.orchestration
    async with _postgres(configuration.persistence, startup_timeout) as engine:
        client = await _temporal(settings, startup_timeout)
        await require_attributes(client)
        # To use a real payment gateway and carrier, replace the simulated ones here.
        gateway, carrier = simulate(
            settings, PostgresGatewayBook(engine), PostgresCarrierBook(engine)
        )
        _log.info("running the %s worker", queue)
        reduce_gc_work()
        stop = stop_on_signal()
        if queue == "order":
            ledger = PostgresLedger(engine)
            await _schedule_reconciliation(client, configuration)
            await run_order_worker(
                client,
                settings,
                ledger=ledger,
                gateway=gateway,
                carrier=carrier,
                stop=stop,
                reconcile=partial(_reconcile_and_log, client, engine, configuration, gateway),
            )
        else:
            await run_shipping_worker(client, settings, carrier=carrier, stop=stop)


async def serve_api(configuration: Configuration, startup_timeout: float) -> None:
    """Serve the API until a signal stops it.

    Raises PortsTaken, ServerUnavailable or AccessNotConfigured.
    """
    from cli.service.server import ApiServer
    from gql.access.authenticator import make_authenticator
    from gql.app import create_app
    from persistence.api_keys import PostgresApiKeys
    from persistence.customers import PostgresCustomers
    from persistence.migrations import has_compatible_tables
    from persistence.reads import Reads

    host, settings = configuration.service.host, configuration.api
    require_free([RequiredPort("the API", host, settings.port, "PORT")])
    async with _postgres(configuration.persistence, startup_timeout) as engine:
        authenticator = await make_authenticator(settings.access, PostgresApiKeys(engine))
        if authenticator.is_open:
            _log.warning(
                "Access control is off: every caller is 'developer' with all scopes."
                " Set AUTH_ISSUER, or run `orders keys create` and restart."
            )
        client = await _temporal(configuration.orchestration, startup_timeout)
        app = create_app(
            settings=settings,
            reads=Reads(engine),
            customers=PostgresCustomers(engine),
            orders=_order_client(client, configuration.orchestration),
            authenticator=authenticator,
            ping_record=partial(ping, engine),
            tables_are_compatible=partial(has_compatible_tables, engine),
        )
        _log.info("serving on %s, port %s", host, settings.port)
        await ApiServer(app, host=host, port=settings.port).serve()


async def repair_orders(
    configuration: Configuration,
    order_ids: Sequence[str],
    *,
    time_limit: timedelta,
    startup_timeout: float,
) -> list[RepairResult]:
    """Repair orders one by one, and return a result for each. Raises ServerUnavailable."""
    settings = configuration.orchestration
    async with _postgres(configuration.persistence, startup_timeout) as engine:
        client = await _temporal(settings, startup_timeout)
        repairs = _repairs(client, engine, settings, time_limit)
        return [await repairs.try_repair(order_id) for order_id in order_ids]


async def reconcile_orders(
    configuration: Configuration,
    *,
    bounds: Bounds,
    time_limit: timedelta,
    dry_run: bool,
    startup_timeout: float,
) -> Report:
    """Reconcile all orders once.

    Raises ServerUnavailable, or RecordUnavailable or TemporalUnavailable if a server fails later.
    """
    from orchestration.simulation import simulate
    from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook

    settings = configuration.orchestration
    async with _postgres(configuration.persistence, startup_timeout) as engine:
        client = await _temporal(settings, startup_timeout)
        gateway, _ = simulate(settings, PostgresGatewayBook(engine), PostgresCarrierBook(engine))
        repairs = _repairs(client, engine, settings, time_limit)
        return await _reconciliation(repairs, engine, gateway, bounds).run(dry_run=dry_run)


def schema_text() -> str:
    """Return the contents of schema.graphql."""
    from gql.schema import schema

    return f"{schema.as_str()}\n"


@asynccontextmanager
async def _postgres(
    settings: PersistenceSettings, startup_timeout: float
) -> AsyncGenerator[AsyncEngine]:
    engine = create_engine(settings)

    async def attempt() -> None:
        await ping(engine)

    try:
        await wait_for_server("Postgres", attempt, RecordUnavailable, startup_timeout)
        yield engine
    finally:
        await engine.dispose()


async def _temporal(settings: OrchestrationSettings, startup_timeout: float) -> Client:
    # A thread of Temporal's client may still be releasing the interpreter lock when the process
    # ends. Without this pause it can crash the process with "Fatal Python error".
    atexit.register(time.sleep, _THREAD_EXIT_TIME)

    async def attempt() -> Client:
        return await connect(settings)

    name = f"Temporal at {settings.temporal_address}"
    return await wait_for_server(name, attempt, TemporalUnavailable, startup_timeout)


async def _schedule_reconciliation(client: Client, configuration: Configuration) -> None:
    """Set the schedule. A worker also runs without it, because orders matter more."""
    from orchestration.client import TemporalUnavailable
    from orchestration.reconcile_schedule import apply_schedule

    seconds = configuration.service.reconcile_interval
    interval = None if seconds is None else timedelta(seconds=seconds)
    try:
        await apply_schedule(client, configuration.orchestration.order_task_queue, interval)
    except (TemporalUnavailable, RPCError) as error:
        _log.error("cannot set the schedule of `orders reconcile`: %s", error)


async def _reconcile_and_log(
    client: Client, engine: AsyncEngine, configuration: Configuration, gateway: PaymentGateway
) -> ReconcileSummary:
    from cli.service.reconcile import scheduled_bounds
    from cli.service.repair import TIME_LIMIT

    repairs = _repairs(client, engine, configuration.orchestration, TIME_LIMIT)
    bounds = scheduled_bounds(configuration.service.reconcile_interval)
    report = await _reconciliation(repairs, engine, gateway, bounds).run()
    report.log()
    return report.summary()


def _reconciliation(
    repairs: Repairs, engine: AsyncEngine, gateway: PaymentGateway, bounds: Bounds
) -> Reconciliation:
    from cli.service.reconcile import Reconciliation
    from orchestration.workflow_listing import WorkflowListing
    from persistence.reconciliation import ReconciliationReads

    return Reconciliation(
        repairs=repairs,
        listing=WorkflowListing(repairs.client),
        reads=ReconciliationReads(engine),
        gateway=gateway,
        bounds=bounds,
    )


def _repairs(
    client: Client, engine: AsyncEngine, settings: OrchestrationSettings, time_limit: timedelta
) -> Repairs:
    from cli.service.repair import Repairs
    from persistence.ledger import PostgresLedger
    from persistence.reads import Reads

    return Repairs(
        client=client,
        orders=_order_client(client, settings),
        reads=Reads(engine),
        ledger=PostgresLedger(engine),
        task_queue=settings.order_task_queue,
        time_limit=time_limit,
    )


def _order_client(client: Client, settings: OrchestrationSettings) -> OrderClient:
    page = settings.temporal_ui_url
    return OrderClient(
        client,
        order_task_queue=settings.order_task_queue,
        shipping_task_queue=settings.shipping_task_queue,
        ui_url=page and f"{page.rstrip('/')}/namespaces/{quote(client.namespace, safe='')}",
    )

"""Builds each process from its settings.

Every function imports only what its process needs. A worker does not load the API's schema.
"""

# ruff: file-ignore[import-outside-top-level] - as explained above

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Literal

from cli.service.connections import order_client, postgres, temporal
from cli.service.garbage_collection import reduce_gc_work
from cli.service.ports import RequiredPort, require_free
from cli.service.recovery import reconcile_and_log, schedule_reconciliation
from cli.service.signals import stop_on_signal
from cli.service.startup import wait_for_server
from orchestration.domain.errors import RecordUnavailable
from persistence.engine import ping

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from cli.service.configuration import Configuration
    from orchestration.settings import OrchestrationSettings
    from persistence.api_keys import PostgresApiKeys
    from persistence.settings import PersistenceSettings

    _Result = TypeVar("_Result")

_log = logging.getLogger(__name__)


async def migrate_database(settings: PersistenceSettings, startup_timeout: float) -> None:
    """Run all pending migrations. Raises ServerUnavailable or MigrationFailed."""
    from persistence.migrations.upgrade import migrate

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

    async with postgres(settings, startup_timeout) as engine:
        return await use(PostgresApiKeys(engine))


async def register_search_attributes(
    settings: OrchestrationSettings, startup_timeout: float
) -> list[str]:
    """Register missing search attributes in Temporal, and return their names.

    Raises ServerUnavailable or SearchAttributeMismatch.
    """
    from orchestration.search_attributes import register

    return await register(await temporal(settings, startup_timeout))


async def run_queue_worker(
    configuration: Configuration,
    queue: Literal["order", "shipping"],
    startup_timeout: float,
) -> None:
    """Run the order worker or the shipping worker until a signal stops it.

    Raises ServerUnavailable, TemporalUnavailable, SearchAttributeMismatch or
    SearchAttributesMissing.
    """
    from cli.service.providers import providers
    from orchestration.client import TemporalUnavailable
    from orchestration.search_attributes import require_attributes
    from orchestration.simulation import with_record_faults
    from orchestration.worker import run_order_worker, run_shipping_worker
    from persistence.ledger import PostgresLedger

    settings = configuration.orchestration
    async with postgres(configuration.persistence, startup_timeout) as engine:
        client = await temporal(settings, startup_timeout)
        await wait_for_server(
            "Temporal", partial(require_attributes, client), TemporalUnavailable, startup_timeout
        )
        gateway, carrier = providers(settings, engine)
        _log.info("running the %s worker", queue)
        reduce_gc_work()
        stop = stop_on_signal()
        if queue == "order":
            ledger = with_record_faults(settings, PostgresLedger(engine))
            await schedule_reconciliation(client, configuration)
            await run_order_worker(
                client,
                settings,
                ledger=ledger,
                gateway=gateway,
                carrier=carrier,
                stop=stop,
                reconcile=partial(reconcile_and_log, client, engine, configuration, gateway),
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
    from persistence.migrations.compatibility import has_compatible_tables
    from persistence.reads import Reads

    host, settings = configuration.service.host, configuration.api
    require_free([RequiredPort("the API", host, settings.port, "PORT")])
    async with postgres(configuration.persistence, startup_timeout) as engine:
        authenticator = await make_authenticator(settings.access, PostgresApiKeys(engine))
        if authenticator.is_open:
            _log.warning(
                "Access control is off: every caller is 'developer' with all scopes."
                " Set AUTH_ISSUER, or run `orders keys create` and restart."
            )
        client = await temporal(configuration.orchestration, startup_timeout)
        app = create_app(
            settings=settings,
            reads=Reads(engine),
            customers=PostgresCustomers(engine),
            orders=order_client(client, configuration.orchestration),
            authenticator=authenticator,
            ping_record=partial(ping, engine),
            tables_are_compatible=partial(has_compatible_tables, engine),
        )
        _log.info("serving on %s, port %s", host, settings.port)
        await ApiServer(app, host=host, port=settings.port).serve()


def schema_text() -> str:
    """Return the contents of schema.graphql."""
    from gql.schema import schema

    return f"{schema.as_str()}\n"

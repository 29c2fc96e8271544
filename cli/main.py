"""The ``orders`` command.

Each command imports its dependencies when it runs. Showing ``--help`` does not load Temporal's
client, and starting a worker does not load the API's schema.
"""

# ruff: file-ignore[import-outside-top-level] - as explained above

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from enum import StrEnum
from pathlib import Path  # ruff: ignore[typing-only-standard-library-import] - typer reads annotations at run time
from typing import Annotated

import typer

from cli.client.app import add_client_commands
from cli.client.exit_codes import SUMMARY
from cli.service.access_commands import add_access_commands
from cli.service.invocation import (
    FAILURE,
    report_errors,
    service_configuration,
    stack_configuration,
)
from cli.service.signals import run_until_signal
from cli.service.startup import STARTUP_TIMEOUT, ServerUnavailable
from cli.stack.tool_commands import add_tool_commands

_UNRESOLVED = 3
_INTERRUPTED = 130

app = typer.Typer(
    help="Order orchestrator: orders as Temporal workflows, behind a GraphQL API.",
    epilog=SUMMARY,
    rich_markup_mode="markdown",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StartupTimeout = Annotated[
    float,
    typer.Option(
        "--startup-timeout", hidden=True, min=0, help="Seconds to wait for unavailable servers."
    ),
]


TimeLimitPerOrder = Annotated[
    float,
    typer.Option("--time-limit", min=0.1, help="Seconds to wait for the repair of one order."),
]


class Queue(StrEnum):
    ORDER = "order"
    SHIPPING = "shipping"


@app.command()
def dev() -> None:
    """Run the whole stack in the foreground until Ctrl-C. Its data is kept in .orders/."""
    from cli.service.ports import PortsTaken
    from cli.stack.dev import run_dev
    from cli.stack.plan import persistent_plan
    from cli.stack.processes import StackFailed
    from orchestration.search_attributes import SearchAttributeMismatch

    plan = persistent_plan(stack_configuration(), os.environ)
    with report_errors(ServerUnavailable, PortsTaken, SearchAttributeMismatch, StackFailed):
        raise typer.Exit(asyncio.run(run_until_signal(run_dev(plan), stopped=0)))


@app.command()
def demo(
    url: Annotated[
        str | None,
        typer.Option(help="Use the API at this address instead.", show_default=False),
    ] = None,
) -> None:
    """Start a temporary stack, drive one order to its end, and print its events."""
    from cli.client.failures import InvalidUrl, RequestFailed, UnreadableToken
    from cli.service.ports import PortsTaken
    from cli.stack.demo import DemoFailed, run_demo, run_demo_on
    from cli.stack.processes import StackFailed
    from orchestration.search_attributes import SearchAttributeMismatch

    if url is not None:
        with report_errors(DemoFailed, RequestFailed, InvalidUrl, UnreadableToken):
            raise typer.Exit(asyncio.run(run_demo_on(url)))
    main = run_demo(stack_configuration(), os.environ)
    with report_errors(
        DemoFailed,
        ServerUnavailable,
        PortsTaken,
        RequestFailed,
        SearchAttributeMismatch,
        StackFailed,
    ):
        raise typer.Exit(asyncio.run(run_until_signal(main, stopped=_INTERRUPTED)))


@app.command()
def api(startup_timeout: StartupTimeout = STARTUP_TIMEOUT) -> None:
    """Serve the GraphQL API, and the dashboard if it is built."""
    import uvloop

    from cli.service.composition import serve_api
    from cli.service.ports import PortsTaken
    from gql.access.authenticator import AccessNotConfigured

    configuration = service_configuration()
    with report_errors(ServerUnavailable, PortsTaken, AccessNotConfigured):
        uvloop.run(serve_api(configuration, startup_timeout))


@app.command()
def worker(
    queue: Annotated[Queue, typer.Option(help="Which worker to run.")],
    startup_timeout: StartupTimeout = STARTUP_TIMEOUT,
) -> None:
    """Run the order worker or the shipping worker.

    On SIGTERM or Ctrl-C it finishes its running tasks.
    """
    import uvloop

    from cli.service.composition import run_queue_worker
    from orchestration.client import TemporalUnavailable
    from orchestration.search_attributes import SearchAttributeMismatch, SearchAttributesMissing

    configuration = service_configuration()
    with report_errors(
        ServerUnavailable, TemporalUnavailable, SearchAttributeMismatch, SearchAttributesMissing
    ):
        uvloop.run(run_queue_worker(configuration, queue.value, startup_timeout))


@app.command()
def migrate(startup_timeout: StartupTimeout = STARTUP_TIMEOUT) -> None:
    """Apply pending database migrations."""
    from cli.service.composition import migrate_database
    from persistence.migrations.upgrade import MigrationFailed

    settings = service_configuration().persistence
    with report_errors(ServerUnavailable, MigrationFailed):
        asyncio.run(migrate_database(settings, startup_timeout))
    typer.echo("The database schema is up to date.")


@app.command()
def search_attributes(startup_timeout: StartupTimeout = STARTUP_TIMEOUT) -> None:
    """Register the search attributes of orders in Temporal."""
    from cli.service.composition import register_search_attributes
    from orchestration.search_attributes import SearchAttributeMismatch

    settings = service_configuration().orchestration
    with report_errors(ServerUnavailable, SearchAttributeMismatch):
        added = asyncio.run(register_search_attributes(settings, startup_timeout))
    typer.echo(
        f"Registered {', '.join(added)}."
        if added
        else "All search attributes were already registered."
    )


@app.command()
def repair(
    order_ids: Annotated[list[str], typer.Argument(help="IDs of the orders.", metavar="ORDER_ID")],
    time_limit: TimeLimitPerOrder = 60,
    startup_timeout: StartupTimeout = STARTUP_TIMEOUT,
) -> None:
    """Undo orders whose workflow was terminated, reset, timed out or deleted.

    Events that Postgres lacks, for example after a restore from a backup, are written first.
    The command connects to Temporal and Postgres directly, and needs a running order worker.
    """
    from cli.service.recovery import repair_orders

    configuration = service_configuration()
    with report_errors(ServerUnavailable):
        results = asyncio.run(
            repair_orders(
                configuration,
                order_ids,
                time_limit=timedelta(seconds=time_limit),
                startup_timeout=startup_timeout,
            )
        )
    for result in results:
        typer.echo(result.message, err=not result.repaired)
    if not all(result.repaired for result in results):
        raise typer.Exit(FAILURE)


@app.command()
def reconcile(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - typer's options
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only report, without repairs.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="Maximum number of repairs.")] = 100,
    time_limit: TimeLimitPerOrder = 60,
    min_age: Annotated[
        str,
        typer.Option(metavar="DURATION", help="Skip orders that changed more recently than this."),
    ] = "PT5M",
    window: Annotated[
        str,
        typer.Option(metavar="DURATION", help="How far back to check payments and ended orders."),
    ] = "PT1H",
    startup_timeout: StartupTimeout = STARTUP_TIMEOUT,
) -> None:
    """Find orders that differ between Temporal, Postgres and the gateway; repair what is safe.

    Order workers run this every few minutes (RECONCILE_INTERVAL). Durations are in ISO 8601
    format, such as PT5M. Exits with 3 if a finding was not repaired.
    """
    from cli.service.reconcile import Bounds
    from cli.service.recovery import reconcile_orders
    from orchestration.client import TemporalUnavailable
    from orchestration.domain.errors import RecordUnavailable

    bounds = Bounds(_duration("--min-age", min_age), _duration("--window", window), limit)
    configuration = service_configuration()
    with report_errors(ServerUnavailable, TemporalUnavailable, RecordUnavailable):
        report = asyncio.run(
            reconcile_orders(
                configuration,
                bounds=bounds,
                time_limit=timedelta(seconds=time_limit),
                dry_run=dry_run,
                startup_timeout=startup_timeout,
            )
        )
    typer.echo(report.as_json() if as_json else report.as_text())
    if not report.all_repaired:
        raise typer.Exit(_UNRESOLVED)


@app.command()
def schema(
    check: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Compare with this file, and exit with 1 if it differs.",
        ),
    ] = None,
) -> None:
    """Print the GraphQL schema."""
    from cli.service.composition import schema_text

    text = schema_text()
    if check is None:
        typer.echo(text, nl=False)
    elif check.read_text() != text:
        typer.echo(f"{check} is not the schema of this version. Run `make schema`.", err=True)
        raise typer.Exit(FAILURE)


add_tool_commands(app)
add_access_commands(app)
add_client_commands(app)


def _duration(option: str, text: str) -> timedelta:
    from gql.duration import parse_duration

    try:
        return timedelta(seconds=parse_duration(text))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None

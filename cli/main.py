"""The ``orders`` command.

A command imports what it alone needs, when it is run: nobody waits for Temporal's client to read
``--help``, or for the API's schema to start a worker.
"""

# ruff: file-ignore[import-outside-top-level] - as said above

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path  # ruff: ignore[typing-only-standard-library-import] - typer reads annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer

from cli.client.app import add_client_commands
from cli.client.exit_codes import SUMMARY
from cli.service.signals import until_signal
from cli.service.startup import PATIENCE, GaveUp

if TYPE_CHECKING:
    from collections.abc import Generator

    from cli.service.configuration import Configuration

_FAILED = 1
_MISUSED = 2
_INTERRUPTED = 130

app = typer.Typer(
    help="Orders as Temporal workflows, behind a GraphQL API.",
    epilog=SUMMARY,
    rich_markup_mode="markdown",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Patience = Annotated[
    float,
    typer.Option(hidden=True, min=0, help="Seconds to try for servers that are not there yet."),
]


class Queue(StrEnum):
    """The task queues that have a worker."""

    ORDER = "order"
    SHIPPING = "shipping"


@app.command()
def dev() -> None:
    """Run the whole stack in the foreground, keeping its data in .orders/; Ctrl-C stops it."""
    from cli.service.ports import PortsTaken
    from cli.stack.dev import develop
    from cli.stack.plan import lasting_plan
    from cli.stack.processes import StackFailed
    from orchestration.search_attributes import SearchAttributeMismatch

    plan = lasting_plan(_configuration_of_stack(), os.environ)
    with _told(GaveUp, PortsTaken, SearchAttributeMismatch, StackFailed):
        raise typer.Exit(asyncio.run(until_signal(develop(plan), stopped=0)))


@app.command()
def demo() -> None:
    """Start, watch, approve and complete one order on a stack of its own."""
    from cli.client.failures import RequestFailed
    from cli.service.ports import PortsTaken
    from cli.stack.demo import DemoFailed, demonstrate
    from cli.stack.processes import StackFailed
    from orchestration.search_attributes import SearchAttributeMismatch

    main = demonstrate(_configuration_of_stack(), os.environ)
    with _told(DemoFailed, GaveUp, PortsTaken, RequestFailed, SearchAttributeMismatch, StackFailed):
        raise typer.Exit(asyncio.run(until_signal(main, stopped=_INTERRUPTED)))


@app.command()
def api(patience: Patience = PATIENCE) -> None:
    """Serve the GraphQL API."""
    import uvloop

    from cli.service.composition import serve
    from cli.service.ports import PortsTaken

    configuration = _configuration_of_service()
    with _told(GaveUp, PortsTaken):
        uvloop.run(serve(configuration, patience))


@app.command()
def worker(
    queue: Annotated[Queue, typer.Option(help="The task queue to work on.")],
    patience: Patience = PATIENCE,
) -> None:
    """Work on one task queue until SIGTERM or Ctrl-C, then finish what is in hand."""
    import uvloop

    from cli.service.composition import work
    from orchestration.search_attributes import SearchAttributeMismatch
    from orchestration.worker import SearchAttributesMissing

    configuration = _configuration_of_service()
    with _told(GaveUp, SearchAttributeMismatch, SearchAttributesMissing):
        uvloop.run(work(configuration, queue.value, patience))


@app.command()
def migrate(patience: Patience = PATIENCE) -> None:
    """Bring the tables of the record up to date."""
    from cli.service.composition import make_tables

    settings = _configuration_of_service().persistence
    with _told(GaveUp):
        asyncio.run(make_tables(settings, patience))
    typer.echo("The tables are up to date.")


@app.command()
def search_attributes(patience: Patience = PATIENCE) -> None:
    """Register in Temporal what orders are found by."""
    from cli.service.composition import register_search_attributes
    from orchestration.search_attributes import SearchAttributeMismatch

    settings = _configuration_of_service().orchestration
    with _told(GaveUp, SearchAttributeMismatch):
        added = asyncio.run(register_search_attributes(settings, patience))
    typer.echo(f"Registered {', '.join(added)}." if added else "All were registered before.")


@app.command()
def repair(
    order_ids: Annotated[list[str], typer.Argument(help="The orders' ids.", metavar="ORDER_ID…")],
    patience: Patience = PATIENCE,
) -> None:
    """Undo orders whose workflow was terminated or timed out, and close their record.

    What a workflow has done and the record lacks, as after a restore, is written first. It works
    on Temporal and Postgres themselves, and needs an order worker that runs.
    """
    from cli.service.composition import repair_orders

    configuration = _configuration_of_service()
    with _told(GaveUp):
        ends = asyncio.run(repair_orders(configuration, order_ids, patience))
    for end in ends:
        typer.echo(end.message, err=not end.repaired)
    if not all(end.repaired for end in ends):
        raise typer.Exit(_FAILED)


@app.command()
def schema(
    check: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Compare with this file; exit 1 if it differs."
        ),
    ] = None,
) -> None:
    """Print the API's schema."""
    from cli.service.composition import schema_text

    text = schema_text()
    if check is None:
        typer.echo(text, nl=False)
    elif check.read_text() != text:
        typer.echo(f"{check} is not the schema of this version: run `make schema`.", err=True)
        raise typer.Exit(_FAILED)


add_client_commands(app)


def _configuration_of_stack() -> Configuration:
    logging.basicConfig(format="%(message)s")
    logging.disable()  # what there is to say of the settings, the children say in their logs
    try:
        return _configuration()
    finally:
        logging.disable(logging.NOTSET)


def _configuration_of_service() -> Configuration:
    from cli.service.logs import log_to_stderr

    log_to_stderr("INFO")
    configuration = _configuration()
    logging.getLogger().setLevel(configuration.service.log_level)
    return configuration


def _configuration() -> Configuration:
    from cli.service.configuration import WrongSettings, load_configuration

    try:
        return load_configuration()
    except WrongSettings as error:
        typer.echo(f"These settings are wrong:\n{error}", err=True)
        raise typer.Exit(_MISUSED) from None


@contextmanager
def _told(*expected: type[Exception]) -> Generator[None]:
    """Turn what is expected to go wrong into a line and an exit code."""
    try:
        yield
    except expected as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_FAILED) from None

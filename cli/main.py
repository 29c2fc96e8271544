"""The ``orders`` command."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path  # ruff: ignore[typing-only-standard-library-import] - typer reads annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer
import uvloop

from cli import composition
from cli.configuration import Configuration, WrongSettings, load_configuration
from cli.demo import DemoFailed, demonstrate
from cli.development import develop
from cli.graphql_client import RequestFailed
from cli.logs import log_to_stderr
from cli.plan import lasting_plan
from cli.processes import StackFailed
from cli.signals import until_signal
from cli.startup import PATIENCE, GaveUp
from orchestration.search_attributes import SearchAttributeMismatch
from orchestration.worker import SearchAttributesMissing

if TYPE_CHECKING:
    from collections.abc import Generator

_FAILED = 1
_MISUSED = 2
_INTERRUPTED = 130
_EXPECTED = (
    DemoFailed,
    GaveUp,
    RequestFailed,
    SearchAttributeMismatch,
    SearchAttributesMissing,
    StackFailed,
)

app = typer.Typer(
    help="Orders as Temporal workflows, behind a GraphQL API.",
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
    plan = lasting_plan(_configuration_of_stack(), os.environ)
    with _failures_told():
        raise typer.Exit(asyncio.run(until_signal(develop(plan), stopped=0)))


@app.command()
def demo() -> None:
    """Start, watch, approve and complete one order on a stack of its own."""
    main = demonstrate(_configuration_of_stack(), os.environ)
    with _failures_told():
        raise typer.Exit(asyncio.run(until_signal(main, stopped=_INTERRUPTED)))


@app.command()
def api(patience: Patience = PATIENCE) -> None:
    """Serve the GraphQL API."""
    configuration = _configuration_of_service()
    with _failures_told():
        uvloop.run(composition.serve(configuration, patience))


@app.command()
def worker(
    queue: Annotated[Queue, typer.Option(help="The task queue to work on.")],
    patience: Patience = PATIENCE,
) -> None:
    """Work on one task queue until SIGTERM or Ctrl-C, then finish what is in hand."""
    configuration = _configuration_of_service()
    with _failures_told():
        uvloop.run(composition.work(configuration, queue.value, patience))


@app.command()
def migrate(patience: Patience = PATIENCE) -> None:
    """Bring the tables of the record up to date."""
    settings = _configuration_of_service().persistence
    with _failures_told():
        asyncio.run(composition.make_tables(settings, patience))
    typer.echo("The tables are up to date.")


@app.command()
def search_attributes(patience: Patience = PATIENCE) -> None:
    """Register in Temporal what orders are found by."""
    settings = _configuration_of_service().orchestration
    with _failures_told():
        added = asyncio.run(composition.register_search_attributes(settings, patience))
    typer.echo(f"Registered {', '.join(added)}." if added else "All were registered before.")


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
    text = composition.schema_text()
    if check is None:
        typer.echo(text, nl=False)
    elif check.read_text() != text:
        typer.echo(f"{check} is not the schema of this version: run `make schema`.", err=True)
        raise typer.Exit(_FAILED)


def _configuration_of_stack() -> Configuration:
    logging.basicConfig(format="%(message)s")
    logging.disable()  # what there is to say of the settings, the children say in their logs
    try:
        return _configuration()
    finally:
        logging.disable(logging.NOTSET)


def _configuration_of_service() -> Configuration:
    log_to_stderr("INFO")
    configuration = _configuration()
    logging.getLogger().setLevel(configuration.command.log_level)
    return configuration


def _configuration() -> Configuration:
    try:
        return load_configuration()
    except WrongSettings as error:
        typer.echo(f"These settings are wrong:\n{error}", err=True)
        raise typer.Exit(_MISUSED) from None


@contextmanager
def _failures_told() -> Generator[None]:
    """Turn what is expected to go wrong into a line and an exit code."""
    try:
        yield
    except _EXPECTED as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_FAILED) from None

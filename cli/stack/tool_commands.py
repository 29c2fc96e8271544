"""``orders logs``, ``orders psql`` and ``orders temporal``: tools for the stack of `orders dev`."""

# ruff: file-ignore[import-outside-top-level] - `orders --help` loads this module

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from cli.service.invocation import FAILURE, report_errors, stack_configuration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PANEL = "Tools for the stack of `orders dev`"
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def add_tool_commands(app: typer.Typer) -> None:
    app.command(rich_help_panel=_PANEL)(logs)
    app.command(rich_help_panel=_PANEL, context_settings=_PASSED_ON)(psql)
    app.command(rich_help_panel=_PANEL, context_settings=_PASSED_ON)(temporal)


def logs(
    service: Annotated[
        list[str] | None,
        typer.Option(help="For example api or order-worker. Repeatable.", show_default="all"),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Print new lines until Ctrl-C.")
    ] = False,
    tail: Annotated[int, typer.Option(min=0, help="Number of lines per service.")] = 100,
) -> None:
    """Print the logs of the stack that `orders dev` runs, or last ran, in this folder."""
    from cli.stack.logs import log_lines, service_names
    from cli.stack.plan import DATA_FOLDER

    folder = DATA_FOLDER / "logs"
    known = service_names(folder)
    if not known:
        typer.echo(f"There are no logs in {folder.absolute()}. Run `orders dev` here.", err=True)
        raise typer.Exit(FAILURE)
    unknown = sorted(set(service or []) - set(known))
    if unknown:
        raise typer.BadParameter(
            f"{', '.join(unknown)} has no log here; there are {', '.join(known)}",
            param_hint="--service",
        )
    width = max(map(len, service or known))
    with suppress(KeyboardInterrupt):
        for name, line in log_lines(folder, service or [], tail=tail, follow=follow):
            typer.echo(f"{name:<{width}}  {line}")


def psql(context: typer.Context) -> None:
    """Open psql on the database. Arguments are passed on: orders psql -c "SELECT …".

    The database is that of `orders dev` in this folder, or the one that the settings name.
    """
    from cli.stack.plan import persistent_plan
    from cli.stack.postgres import psql_program, running_server_url
    from cli.stack.processes import StackFailed

    configuration = stack_configuration()
    plan = persistent_plan(configuration, os.environ)
    with report_errors(StackFailed):
        program = psql_program()
        if plan.embedded_postgres:
            _replace(program, [running_server_url(plan.folder), *context.args], {})
        url = configuration.persistence.url.set(drivername="postgresql")
        password = {} if url.password is None else {"PGPASSWORD": url.password}
        address = url.set(password=None).render_as_string(hide_password=False)
        _replace(program, [address.replace("?ssl=", "?sslmode="), *context.args], password)


def temporal(context: typer.Context) -> None:
    """Run the Temporal CLI on the server. Arguments are passed on; by default: workflow list.

    The server is that of `orders dev`, or the one that the settings name. To see the help of the
    Temporal CLI: orders temporal -- --help
    """
    from cli.stack.plan import persistent_plan
    from cli.stack.processes import StackFailed
    from cli.stack.temporal import temporal_program

    configuration = stack_configuration()
    ports = persistent_plan(configuration, os.environ).temporal_ports
    settings = configuration.orchestration
    environment = {
        "TEMPORAL_ADDRESS": settings.temporal_address if ports is None else ports.address,
        "TEMPORAL_NAMESPACE": settings.temporal_namespace,
    }
    if settings.temporal_api_key is not None and ports is None:
        environment["TEMPORAL_API_KEY"] = settings.temporal_api_key.get_secret_value()
    with report_errors(StackFailed):
        _replace(temporal_program(), context.args or ["workflow", "list"], environment)


def _replace(program: str, arguments: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process, so that the tool gets the terminal, Ctrl-C and the exit code."""
    os.execve(program, [program, *arguments], {**os.environ, **environment})  # ruff: ignore[start-process-with-no-shell] - no shell, the user's own arguments

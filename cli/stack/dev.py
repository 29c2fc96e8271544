"""``orders dev``: runs the whole stack in the foreground."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from cli.stack.embedded_stack import running_stack
from cli.stack.processes import StackFailed
from gql.http.dashboard import FILES

if TYPE_CHECKING:
    from cli.stack.embedded_stack import Stack
    from cli.stack.plan import StackPlan


async def run_dev(plan: StackPlan) -> int:
    """Run a stack until the task is cancelled. Return 1 if one of its processes ends.

    Raises PortsTaken, StackFailed or ServerUnavailable if the stack does not start.
    """
    typer.echo("Starting Postgres, Temporal, two workers and the API …")
    async with running_stack(plan) as stack:
        typer.echo(_addresses(stack, plan))
        try:
            await stack.processes.supervise(asyncio.Event().wait())
        except asyncio.CancelledError:
            typer.echo("Stopping …")
            raise
        except StackFailed as error:
            typer.echo(f"{error}\nStopping the other processes.", err=True)
        return 1


def _addresses(stack: Stack, plan: StackPlan) -> str:
    settings = stack.configuration
    lines = {
        "Dashboard": f"{stack.api_url}/" if (FILES / "index.html").is_file() else "(not built)",
        "Playground": f"{stack.api_url}/graphql",
        "Temporal UI": settings.orchestration.temporal_ui_url or "(set TEMPORAL_UI_URL)",
        "Temporal": settings.orchestration.temporal_address,
        "Postgres": settings.persistence.url.set(drivername="postgresql").render_as_string(),
        "Logs": str(plan.folder / "logs"),
    }
    return "\n".join([
        "",
        *(f"  {name:<16} {address}" for name, address in lines.items()),
        "",
        "Ctrl-C stops the stack. Its data is kept in .orders/.",
    ])

"""``orders dev``: the whole stack in the foreground."""

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


async def develop(plan: StackPlan) -> int:
    """Run a stack until it is cancelled, which is its good end, or until a part dies.

    Raises StackFailed or GaveUp where it does not come up.
    """
    typer.echo("Starting Postgres, Temporal, two workers and the API …")
    async with running_stack(plan) as stack:
        typer.echo(_addresses(stack, plan))
        try:
            await stack.parts.during(asyncio.Event().wait())
        except asyncio.CancelledError:
            typer.echo("Stopping …")
            raise
        except StackFailed as death:
            typer.echo(f"{death}\nStopping the rest.", err=True)
        return 1


def _addresses(stack: Stack, plan: StackPlan) -> str:
    settings = stack.configuration
    lines = {
        "Dashboard": f"{stack.api_url}/" if (FILES / "index.html").is_file() else "(not built)",
        "Playground": f"{stack.api_url}/graphql",
        "Temporal's page": settings.orchestration.temporal_ui_url or "(set TEMPORAL_UI_URL)",
        "Temporal": settings.orchestration.temporal_address,
        "Postgres": settings.persistence.url.set(drivername="postgresql").render_as_string(),
        "Logs": str(plan.folder / "logs"),
    }
    return "\n".join([
        "",
        *(f"  {name:<16} {address}" for name, address in lines.items()),
        "",
        "Ctrl-C stops all of it; the data is kept.",
    ])

"""The dashboard's Orders page in Chromium, over 10,000 orders: its first load, and its feed.

``python -m benchmarks.dashboard`` has ``dashboard/e2e/*.figures.ts`` measure in the page itself.
Beside the loads stands a document of one line from the same API, beside the frames those of a page
to which nothing happens.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.dashboard_feed import EVENTS_A_SECOND, write_events
from benchmarks.pages_rows import fill
from cli.service.configuration import load_configuration
from cli.service.ports import free_ports
from cli.stack.embedded_stack import passing_folder, running_stack
from cli.stack.plan import children_environment, passing_plan
from cli.stack.processes import Program
from persistence.engine import create_engine
from tests.browser.vitest import missing, run_vitest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncEngine

    from cli.stack.embedded_stack import Stack
    from cli.stack.plan import StackPlan

ORDERS = 10_000
FRESH = 6
"""APIs that nobody has asked for anything yet: half of them for a Chromium just launched."""

_READY_WITHIN = 60.0  # seconds
_MEASURED_WITHIN = 300.0


class Bench:
    """A stack with its orders on record, looked at by a browser."""

    def __init__(self, stack: Stack, plan: StackPlan, engine: AsyncEngine) -> None:
        """``engine`` writes what the pages show."""
        self._stack = stack
        self._plan = plan
        self._engine = engine

    async def fill(self) -> None:
        """Put the orders on record."""
        async with self._engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            if driver is None:
                raise RuntimeError("Postgres has hung up")
            await fill(driver, ORDERS)

    async def first_loads(self) -> dict[str, Any]:
        """Return what the browser measured of loads."""
        fresh = [await self._fresh_api(number) for number in range(FRESH)]
        return await self._figures("first-load", FRESH_URLS=" ".join(fresh))

    async def frames(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what it measured of frames, with nothing happening and with events."""
        quiet = await self._figures("feed")
        writing = asyncio.create_task(write_events(self._engine))
        try:
            busy = await self._figures("feed")
            if writing.done():
                writing.result()
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
        return quiet, busy

    async def _figures(self, part: str, **environment: str) -> dict[str, Any]:
        path = self._plan.folder / "figures.json"
        given = {"ORDERS_URL": self._stack.api_url, "FIGURES": str(path), **environment}
        await run_vitest("figures", part, given, within=_MEASURED_WITHIN)
        figures: dict[str, Any] = json.loads(path.read_bytes())
        return figures

    async def _fresh_api(self, number: int) -> str:
        [port] = free_ports(1)
        configuration = replace(
            self._stack.configuration,
            api=self._stack.configuration.api.model_copy(update={"port": port}),
        )
        part = await self._stack.parts.start(
            Program(
                name=f"Fresh API {number}",
                arguments=[sys.executable, "-m", "cli", "api"],
                environment=children_environment(self._plan, configuration),
                log=self._plan.folder / "logs" / f"fresh-api-{number}.log",
            )
        )
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(trust_env=False) as http:

            async def ready() -> bool:
                try:
                    return (await http.get(f"{url}/health/ready")).is_success
                except httpx.TransportError:
                    return False

            await self._stack.parts.until(part, ready, _READY_WITHIN)
        return url


def _show(loads: dict[str, Any], quiet: dict[str, Any], busy: dict[str, Any]) -> None:
    console = Console(width=110)
    shown = Table(f"load of Orders, {ORDERS:,} orders; ms", "asked", "answered", "shown", "most")
    for name, measured in (
        ("the first of an API and of a Chromium", loads["ofBoth"]),
        ("the first of an API", loads["ofApi"]),
        ("later ones", loads["later"]),
        ("reference: a document of one line", loads["nothing"]),
    ):
        medians = [
            statistics.median(one[at] for one in measured) for at in ("asked", "answered", "shown")
        ]
        most = max(one["shown"] for one in measured)
        shown.add_row(f"{name} ({len(measured)})", *(f"{value:.0f}" for value in (*medians, most)))
    console.print(shown)
    frames = Table("frames of Orders, ms", "p50", "p95", "most", "long tasks", "a key, p95", "most")
    for name, measured in (
        ("reference: nothing happens", quiet),
        (f"{EVENTS_A_SECOND} events a second", busy),
    ):
        tasks = measured["longTasks"]
        frames.add_row(
            f"{name} ({measured['events']} came)",
            *_spread(measured["frames"]),
            f"{len(tasks)}, {max(tasks):.0f} at most" if tasks else "none",
            *_spread(measured["keys"])[1:],
        )
    console.print(frames)


def _spread(values: Iterable[float]) -> list[str]:
    percentiles = statistics.quantiles(values, n=100, method="inclusive")
    return [f"{value:.1f}" for value in (percentiles[49], percentiles[94], max(values))]


async def measure() -> None:
    """Measure loads and frames on one stack, and print the tables."""
    with passing_folder() as folder:
        plan = passing_plan(load_configuration(file=None), os.environ, folder)
        async with running_stack(plan) as stack:
            engine = create_engine(stack.configuration.persistence)
            bench = Bench(stack, plan, engine)
            await bench.fill()
            loads = await bench.first_loads()
            _show(loads, *await stack.parts.during(bench.frames()))
            await engine.dispose()


if __name__ == "__main__":
    if reason := missing():
        print(f"The dashboard is not measured: {reason}.", file=sys.stderr)  # ruff: ignore[print]
    else:
        asyncio.run(measure())  # uvloop cannot run Postgres as a user of its own

"""The dashboard's Orders page in Chromium with 10,000 orders: its first load and its live feed.

``python -m benchmarks.dashboard`` runs ``dashboard/e2e/*.figures.ts``, which measure in the page
itself. The reference for loads is a one-line document from the same API. The reference for frames
is the same page without events.
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

from benchmarks.dashboard_feed import EVENTS_PER_SECOND, write_events
from benchmarks.pages_rows import insert_orders
from cli.service.configuration import load_configuration
from cli.service.ports import free_ports
from cli.stack.embedded_stack import running_stack, temporary_folder
from cli.stack.plan import child_environment, temporary_plan
from cli.stack.processes import Program
from persistence.engine import create_engine
from tests.browser.vitest import missing_requirement, run_vitest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncEngine

    from cli.stack.embedded_stack import Stack
    from cli.stack.plan import StackPlan

ORDERS = 10_000
FRESH_APIS = 6
"""Number of newly started APIs. Half of them are loaded by a newly launched Chromium."""

_READY_TIMEOUT = 60.0  # seconds
_MEASUREMENT_TIMEOUT = 300.0


class DashboardBenchmark:
    """A stack with stored orders, and a browser that loads its dashboard."""

    def __init__(self, stack: Stack, plan: StackPlan, engine: AsyncEngine) -> None:
        self._stack = stack
        self._plan = plan
        self._engine = engine

    async def insert_orders(self) -> None:
        async with self._engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            if driver is None:
                raise RuntimeError("the connection to Postgres is closed")
            await insert_orders(driver, ORDERS)

    async def first_loads(self) -> dict[str, Any]:
        """Return the load times measured by the browser."""
        fresh = [await self._fresh_api(number) for number in range(FRESH_APIS)]
        return await self._figures("first-load", FRESH_URLS=" ".join(fresh))

    async def frames(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the frame times measured by the browser, without events and with events."""
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
        environment = {"ORDERS_URL": self._stack.api_url, "FIGURES": str(path), **environment}
        await run_vitest("figures", part, environment, time_limit=_MEASUREMENT_TIMEOUT)
        figures: dict[str, Any] = json.loads(path.read_bytes())
        return figures

    async def _fresh_api(self, number: int) -> str:
        [port] = free_ports(1)
        configuration = replace(
            self._stack.configuration,
            api=self._stack.configuration.api.model_copy(update={"port": port}),
        )
        child = await self._stack.processes.start(
            Program(
                name=f"Fresh API {number}",
                arguments=[sys.executable, "-m", "cli", "api"],
                environment=child_environment(self._plan, configuration),
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

            await self._stack.processes.wait_ready(child, ready, _READY_TIMEOUT)
        return url


def _show(loads: dict[str, Any], quiet: dict[str, Any], busy: dict[str, Any]) -> None:
    console = Console(width=110)
    shown = Table(
        f"load of the Orders page, {ORDERS:,} orders; ms", "request", "response", "shown", "max"
    )
    for name, measured in (
        ("first load of the API and of Chromium", loads["ofBoth"]),
        ("first load of the API", loads["ofApi"]),
        ("later loads", loads["later"]),
        ("reference: a one-line document", loads["nothing"]),
    ):
        medians = [
            statistics.median(load[at] for load in measured)
            for at in ("asked", "answered", "shown")
        ]
        slowest = max(load["shown"] for load in measured)
        shown.add_row(
            f"{name} ({len(measured)})", *(f"{value:.0f}" for value in (*medians, slowest))
        )
    console.print(shown)
    frames = Table(
        "frames of the Orders page, ms", "p50", "p95", "max", "long tasks", "key p95", "key max"
    )
    for name, measured in (
        ("reference: no events", quiet),
        (f"{EVENTS_PER_SECOND} events/s", busy),
    ):
        tasks = measured["longTasks"]
        frames.add_row(
            f"{name} ({measured['events']} received)",
            *_spread(measured["frames"]),
            f"{len(tasks)}, max {max(tasks):.0f}" if tasks else "none",
            *_spread(measured["keys"])[1:],
        )
    console.print(frames)


def _spread(values: Iterable[float]) -> list[str]:
    percentiles = statistics.quantiles(values, n=100, method="inclusive")
    return [f"{value:.1f}" for value in (percentiles[49], percentiles[94], max(values))]


async def measure() -> None:
    with temporary_folder() as folder:
        plan = temporary_plan(load_configuration(file=None), os.environ, folder)
        async with running_stack(plan) as stack:
            engine = create_engine(stack.configuration.persistence)
            benchmark = DashboardBenchmark(stack, plan, engine)
            await benchmark.insert_orders()
            loads = await benchmark.first_loads()
            _show(loads, *await stack.processes.supervise(benchmark.frames()))
            await engine.dispose()


if __name__ == "__main__":
    if reason := missing_requirement():
        print(f"Skipping the dashboard benchmark: {reason}.", file=sys.stderr)  # ruff: ignore[print]
    else:
        asyncio.run(measure())  # uvloop cannot start Postgres as another user

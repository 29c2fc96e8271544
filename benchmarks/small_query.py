"""Small queries, as many as one process answers, beside plain Starlette and orjson.

``python -m benchmarks.small_query`` has the same clients ask both servers in turn.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped] # it has no types
import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.pages_client import Connection, post
from benchmarks.pages_rows import fill
from benchmarks.pages_servers import API, Server, start_server
from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import passing_folder, running_servers
from cli.stack.plan import passing_plan

ROUNDS = 7
SECONDS = 3.0
ORDERS = 1_000
REFERENCE = "benchmarks.small_query_reference"

_QUERIES: dict[str, tuple[str, dict[str, Any]]] = {
    "typename": ("{ __typename }", {}),
    "customer": (
        "query ($id: ID!) { customer(id: $id) { id name email } }",
        {"id": "customer-00003"},
    ),
}


@dataclass(frozen=True)
class Asked:
    """A server, and what its clients send."""

    server: Server
    path: str
    body: Mapping[str, Any]

    async def data(self) -> dict[str, Any]:
        """Return what is answered."""
        async with Connection(self.server.port) as connection:
            answer = orjson.loads(await connection.send(post(self.path, **self.body)))
        data: dict[str, Any] = answer["data"]
        return data

    async def measured(self) -> tuple[float, float]:
        """Return requests a second, and the processor's milliseconds a request."""
        spent = self.server.cpu
        clients = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "benchmarks.small_query_clients"),
            *(str(self.server.port), self.path, str(SECONDS), orjson.dumps(self.body).decode()),
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await clients.communicate()
        answered = int(told)
        return answered / SECONDS, (self.server.cpu - spent) * 1000 / answered


async def measure() -> None:
    """Measure both on one Postgres, and print the table."""
    with passing_folder() as folder:
        plan = passing_plan(load_configuration(file=None), os.environ, folder)
        async with running_servers(plan) as stack:
            settings = stack.configuration.persistence
            url = settings.url.set(drivername="postgresql")
            connection = await asyncpg.connect(url.render_as_string(hide_password=False))
            await fill(connection, ORDERS)
            await connection.close()
            ours = await start_server(stack, plan, API)
            theirs = await start_server(stack, plan, [REFERENCE])
            await stack.parts.during(_measure(ours, theirs))


async def _measure(ours: Server, theirs: Server) -> None:
    table = Table("a small query", "through the API", "Starlette and orjson", "ratio")
    for name, (query, variables) in _QUERIES.items():
        body = {"query": query, "variables": variables}
        both = [Asked(ours, "/graphql", body), Asked(theirs, f"/{name}", body)]
        answers = [await one.data() for one in both]
        if answers[0] != answers[1]:
            raise RuntimeError(f"these are not the same documents: {answers}")
        for one in both:
            await one.measured()  # to warm up
        rounds = [[await one.measured() for one in both] for _ in range(ROUNDS)]
        for place, (figure, digits) in enumerate((("a second", 0), ("ms of the processor", 3))):
            mine, other = (
                statistics.median(one[which][place] for one in rounds) for which in (0, 1)
            )
            ratio = statistics.median(one[0][place] / one[1][place] for one in rounds)
            table.add_row(
                f"{name}, {figure}", f"{mine:.{digits}f}", f"{other:.{digits}f}", f"{ratio:.2f}"
            )
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(measure())  # uvloop cannot run Postgres as a user of its own

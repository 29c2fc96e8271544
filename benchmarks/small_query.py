"""Throughput of small queries on one process, compared with plain Starlette and orjson.

``python -m benchmarks.small_query`` runs the same clients against both servers in turn. The API
checks a token in every request, which the reference ignores.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped] # untyped library
import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.api_key import create_api_key
from benchmarks.pages_client import Connection, post
from benchmarks.pages_rows import insert_orders
from benchmarks.pages_servers import API, Server, start_server
from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import running_servers, temporary_folder
from cli.stack.plan import temporary_plan

ROUNDS = 7
SECONDS_PER_ROUND = 3.0
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
class QueryRequest:
    """A server, and the request that its clients send."""

    server: Server
    path: str
    body: Mapping[str, Any]
    token: str

    async def data(self) -> dict[str, Any]:
        async with Connection(self.server.port) as connection:
            response = orjson.loads(
                await connection.send(post(self.path, token=self.token, **self.body))
            )
        data: dict[str, Any] = response["data"]
        return data

    async def measure(self) -> tuple[float, float]:
        """Return requests per second and CPU milliseconds per request."""
        cpu_before = self.server.cpu
        clients = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "benchmarks.small_query_clients"),
            *(
                str(self.server.port),
                self.path,
                str(SECONDS_PER_ROUND),
                orjson.dumps(self.body).decode(),
                self.token,
            ),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await clients.communicate()
        completed = int(output)
        return completed / SECONDS_PER_ROUND, (self.server.cpu - cpu_before) * 1000 / completed


async def compare(
    reference: str, measure: Callable[[Server, Server, str], Coroutine[Any, Any, None]]
) -> None:
    """Start the API and the reference over the same orders. Both get the API key in each request.

    Args:
        reference: the module that runs the reference server.
        measure: takes the API, the reference and the key.
    """
    with temporary_folder() as folder:
        plan = temporary_plan(load_configuration(file=None), os.environ, folder)
        async with running_servers(plan) as stack:
            settings = stack.configuration.persistence
            url = settings.url.set(drivername="postgresql")
            connection = await asyncpg.connect(url.render_as_string(hide_password=False))
            await insert_orders(connection, ORDERS)
            await connection.close()
            token = await create_api_key(settings)
            ours = await start_server(stack, plan, API)
            theirs = await start_server(stack, plan, [reference])
            await stack.processes.supervise(measure(ours, theirs, token))


async def _measure(ours: Server, theirs: Server, token: str) -> None:
    table = Table("a small query", "through the API", "Starlette and orjson", "ratio")
    for name, (query, variables) in _QUERIES.items():
        body = {"query": query, "variables": variables}
        both = [
            QueryRequest(ours, "/graphql", body, token),
            QueryRequest(theirs, f"/{name}", body, token),
        ]
        documents = [await request.data() for request in both]
        if documents[0] != documents[1]:
            raise RuntimeError(f"the API and the reference return different documents: {documents}")
        for request in both:
            await request.measure()  # warm-up
        rounds = [[await request.measure() for request in both] for _ in range(ROUNDS)]
        for index, (figure, digits) in enumerate((("requests/s", 0), ("CPU, ms", 3))):
            api, reference = (
                statistics.median(round_[side][index] for round_ in rounds) for side in (0, 1)
            )
            ratio = statistics.median(api[index] / reference[index] for api, reference in rounds)
            table.add_row(
                f"{name}, {figure}", f"{api:.{digits}f}", f"{reference:.{digits}f}", f"{ratio:.2f}"
            )
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(compare(REFERENCE, _measure))  # uvloop cannot start Postgres as another user

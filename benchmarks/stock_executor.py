"""Queries for one object, compared with the same API on graphql-core's executor.

``python -m benchmarks.stock_executor`` runs the same clients against both servers in turn.
"""

from __future__ import annotations

import asyncio
import os
import statistics
from typing import Any

import asyncpg  # type: ignore[import-untyped] # untyped library
from rich.console import Console
from rich.table import Table

from benchmarks.api_key import create_api_key
from benchmarks.pages_rows import insert_orders
from benchmarks.pages_servers import API, Server, start_server
from benchmarks.small_query import QueryRequest
from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import running_servers, temporary_folder
from cli.stack.plan import temporary_plan

ROUNDS = 15
ORDERS = 1_000
REFERENCE = "benchmarks.stock_executor_server"

_ORDER = """
query ($id: ID!) {
  order(id: $id) {
    id state sequence priority createdAt updatedAt availableCommands
    total { amount currency }
    items { id sku name quantity unitPrice { amount currency } }
    shippingAddress { street city postalCode country }
    customer { id name email }
    payment { id status amount { amount currency } }
  }
}
"""
_QUERIES: dict[str, tuple[str, dict[str, Any]]] = {
    "a customer": (
        "query ($id: ID!) { customer(id: $id) { id name email phone } }",
        {"id": "customer-00003"},
    ),
    "an order": (_ORDER, {"id": "order-0000003"}),
}


async def measure() -> None:
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
            theirs = await start_server(stack, plan, [REFERENCE])
            await stack.processes.supervise(_measure(ours, theirs, token))


async def _measure(ours: Server, theirs: Server, token: str) -> None:
    table = Table("CPU per request, ms", "fast path", "stock executor", "ratio")
    for name, (query, variables) in _QUERIES.items():
        body = {"query": query, "variables": variables}
        both = [QueryRequest(server, "/graphql", body, token) for server in (ours, theirs)]
        documents = [await request.data() for request in both]
        if documents[0] != documents[1] or None in documents[0].values():
            raise RuntimeError(f"the servers return different documents or none: {documents}")
        for request in both:
            await request.measure()  # warm-up
        rounds = [[(await request.measure())[1] for request in both] for _ in range(ROUNDS)]
        fast, stock = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratio = statistics.median(fast / stock for fast, stock in rounds)
        table.add_row(name, f"{fast:.3f}", f"{stock:.3f}", f"{ratio:.2f}")
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(measure())  # uvloop cannot start Postgres as another user

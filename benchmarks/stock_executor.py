"""Queries for one object, compared with the same API on graphql-core's executor.

``python -m benchmarks.stock_executor`` runs the same clients against both servers in turn.
"""

from __future__ import annotations

import asyncio
import statistics
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from benchmarks.small_query import QueryRequest, compare

if TYPE_CHECKING:
    from benchmarks.pages_servers import Server

ROUNDS = 15
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
    asyncio.run(compare(REFERENCE, _measure))  # uvloop cannot start Postgres as another user

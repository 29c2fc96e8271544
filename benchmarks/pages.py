"""A page of 100 orders, compared with FastAPI and an ORM, and over 1,000 and 1,000,000 orders.

``python -m benchmarks.pages`` inserts 1,000 orders into one database and 1,000,000 into another. It
alternates between the servers, so that other load on the machine affects all of them. The API
checks an API key in every request, which the reference does not.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped] # untyped library
import orjson
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url

from benchmarks.api_key import create_api_key, store_api_key
from benchmarks.pages_client import Connection, get, post
from benchmarks.pages_rows import customer_name, insert_orders
from benchmarks.pages_servers import API, Server, start_server
from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import running_servers, temporary_folder
from cli.stack.plan import temporary_plan
from persistence.migrations.upgrade import migrate

if TYPE_CHECKING:
    from cli.stack.embedded_stack import Stack

FEW_ORDERS = 1_000
MANY_ORDERS = 1_000_000
PAGE_SIZE = 100
EVENTS_PER_ORDER = 7
REFERENCE = "benchmarks.pages_reference"
REFERENCE_ROUNDS = 25
REFERENCE_PAGES_PER_ROUND = 40
ROUNDS = 9
PAGES_PER_ROUND = 20

_PAGE = """
query ($filter: OrderFilter, $sort: OrderSort, $after: String) {
  orders(first: 100, filter: $filter, sort: $sort, after: $after) {
    nodes {
      id state sequence priority
      total { amount currency }
      shippingAddress { street city postalCode country }
      createdAt updatedAt
      customer { id name email phone }
      payment { id status amount { amount currency } updatedAt }
      events(first: 7) { nodes { sequence type state message at } }
    }
  }
}
"""
_CURSOR = """
query ($after: String) { orders(first: 100, after: $after) { pageInfo { endCursor } } }
"""
_FIFTH_PAGE = "latest, fifth page"
_PAGES: dict[str, dict[str, Any]] = {
    "latest": {},
    "highest total": {
        "filter": {"currency": "USD"},
        "sort": {"field": "TOTAL", "direction": "DESC"},
    },
    "last updated": {"sort": {"field": "UPDATED_AT", "direction": "DESC"}},
    "COMPLETED": {"filter": {"states": ["COMPLETED"]}},
    "PACKAGE_PREPARED or FAILED": {"filter": {"states": ["PACKAGE_PREPARED", "FAILED"]}},
    "one customer": {"filter": {"customerId": "customer-00003"}},
    "part of a customer name": {"filter": {"customerName": customer_name(3).partition(" ")[2]}},
    "up to a total": {
        "filter": {"currency": "USD", "total": {"to": "500.00"}},
        "sort": {"field": "TOTAL", "direction": "DESC"},
    },
    _FIFTH_PAGE: {},
}


@dataclass(frozen=True)
class PageRequest:
    """A server, and the request for one page."""

    server: Server
    request: bytes

    async def nodes(self) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = (await self.page())["nodes"]
        return nodes

    async def page(self) -> dict[str, Any]:
        async with Connection(self.server.port) as connection:
            response = orjson.loads(await connection.send(self.request))
        if "errors" in response:
            raise RuntimeError(f"unexpected errors: {response['errors']}")
        page: dict[str, Any] = response["data"]["orders"]
        return page

    async def measure(self, times: int) -> tuple[float, float]:
        """Request the page repeatedly. Return mean CPU and median latency, in ms per page."""
        cpu_before, latencies = self.server.cpu, []
        # A new connection: servers close connections that are idle during the turns of the others.
        async with Connection(self.server.port) as connection:
            for _ in range(times):
                began = time.perf_counter()
                await connection.send(self.request)
                latencies.append(time.perf_counter() - began)
        return (self.server.cpu - cpu_before) * 1000 / times, statistics.median(latencies) * 1000


async def measure() -> None:
    with temporary_folder() as folder:
        plan = temporary_plan(load_configuration(file=None), os.environ, folder)
        async with running_servers(plan) as stack:
            settings = stack.configuration.persistence
            token = await create_api_key(settings)
            few = settings.url.set(drivername="postgresql").render_as_string(hide_password=False)
            many = await _create_database(stack, few, token)
            for address, count in ((few, FEW_ORDERS), (many, MANY_ORDERS)):
                began = time.perf_counter()
                await _insert_orders(address, count)
                Console().print(f"{count:,} orders in {time.perf_counter() - began:.0f} s")
            small = await start_server(stack, plan, API, database=few)
            large = await start_server(stack, plan, API, database=many)
            reference = await start_server(stack, plan, [REFERENCE], database=few)
            await stack.processes.supervise(_measure(small, large, reference, token))


async def _create_database(stack: Stack, address: str, token: str) -> str:
    connection = await asyncpg.connect(address)
    await connection.execute("CREATE DATABASE many")
    await connection.close()
    other = make_url(address).set(database="many").render_as_string(hide_password=False)
    settings = stack.configuration.persistence.model_copy(update={"database_url": SecretStr(other)})
    await migrate(settings)
    await store_api_key(settings, token)
    return other


async def _insert_orders(address: str, count: int) -> None:
    connection = await asyncpg.connect(address)
    await insert_orders(connection, count)
    await connection.close()


async def _measure(small: Server, large: Server, reference: Server, token: str) -> None:
    await _compare_with_reference(
        PageRequest(small, post("/graphql", token=token, query=_PAGE)),
        PageRequest(reference, get(f"/orders?first={PAGE_SIZE}")),
    )
    await _compare_sizes(small, large, token)


async def _compare_with_reference(ours: PageRequest, theirs: PageRequest) -> None:
    nodes = await ours.nodes()
    if len(nodes) != PAGE_SIZE or nodes != await theirs.nodes():
        raise RuntimeError("the API and the reference return different documents")
    await ours.measure(REFERENCE_PAGES_PER_ROUND)
    await theirs.measure(REFERENCE_PAGES_PER_ROUND)
    rounds = [
        (
            await ours.measure(REFERENCE_PAGES_PER_ROUND),
            await theirs.measure(REFERENCE_PAGES_PER_ROUND),
        )
        for _ in range(REFERENCE_ROUNDS)
    ]
    table = Table(f"a page of {PAGE_SIZE} orders", "through the API", "FastAPI and ORM", "ratio")
    for name, index in (("CPU, ms", 0), ("latency, ms", 1)):
        api = statistics.median(a[index] for a, _ in rounds)
        reference = statistics.median(b[index] for _, b in rounds)
        ratio = statistics.median(a[index] / b[index] for a, b in rounds)
        table.add_row(name, f"{api:.1f}", f"{reference:.1f}", f"{ratio:.2f}")
    Console().print(table)


async def _compare_sizes(small: Server, large: Server, token: str) -> None:
    table = Table(
        f"latency of a page of {PAGE_SIZE}, ms",
        f"{MANY_ORDERS:,} orders",
        f"{FEW_ORDERS:,} orders",
        "ratio",
    )
    for name, variables in _PAGES.items():
        requests = [PageRequest(server, _post_page(token, variables)) for server in (large, small)]
        if name == _FIFTH_PAGE:
            requests = [await _fifth_page(page, token) for page in requests]
        for page in requests:
            _check(name, await page.nodes())
            await page.measure(PAGES_PER_ROUND)
        rounds = [
            [(await request.measure(PAGES_PER_ROUND))[1] for request in requests]
            for _ in range(ROUNDS)
        ]
        many, few = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratio = statistics.median(a / b for a, b in rounds)
        table.add_row(name, f"{many:.1f}", f"{few:.1f}", f"{ratio:.2f}")
    Console().print(table)


def _post_page(token: str, variables: dict[str, Any]) -> bytes:
    return post("/graphql", token=token, query=_PAGE, variables=variables)


async def _fifth_page(page: PageRequest, token: str) -> PageRequest:
    after = None
    for _ in range(4):
        request = post("/graphql", token=token, query=_CURSOR, variables={"after": after})
        after = (await replace(page, request=request).page())["pageInfo"]["endCursor"]
    return replace(page, request=_post_page(token, {"after": after}))


def _check(name: str, nodes: list[dict[str, Any]]) -> None:
    if len(nodes) != PAGE_SIZE or any(
        len(node["events"]["nodes"]) != EVENTS_PER_ORDER for node in nodes
    ):
        raise RuntimeError(f"{name}: {len(nodes)} orders, or some of their events are missing")


if __name__ == "__main__":
    asyncio.run(measure())  # uvloop cannot start Postgres as another user

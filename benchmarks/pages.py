"""A page of 100 orders beside FastAPI and an ORM; and the same page over a million orders.

``python -m benchmarks.pages`` puts 1,000 orders on record in one database and 1,000,000 in another,
and asks the servers in turn, so that whatever else the machine does meets all of them.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped] # it has no types
import orjson
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url

from benchmarks.pages_client import Connection, get, post
from benchmarks.pages_rows import customer_name, fill
from benchmarks.pages_servers import API, Server, start_server
from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import passing_folder, running_servers
from cli.stack.plan import passing_plan
from persistence.migrations import migrate

if TYPE_CHECKING:
    from cli.stack.embedded_stack import Stack

FEW = 1_000
MANY = 1_000_000
PAGE = 100
EVENTS = 7
REFERENCE = "benchmarks.pages_reference"
ROUNDS_BESIDE_REFERENCE = 25
ROUNDS = 9
PAGES_A_ROUND = 40
ASKED_A_ROUND = 20

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
_LATER = "the fifth page of the latest"
_PAGES: dict[str, dict[str, Any]] = {
    "the latest": {},
    "the dearest": {"sort": {"field": "TOTAL", "direction": "DESC"}},
    "the last that changed": {"sort": {"field": "UPDATED_AT", "direction": "DESC"}},
    "completed": {"filter": {"states": ["COMPLETED"]}},
    "waiting or failed": {"filter": {"states": ["PACKAGE_PREPARED", "FAILED"]}},
    "of one customer": {"filter": {"customerId": "customer-00003"}},
    "by a part of a name": {"filter": {"customerName": customer_name(3).partition(" ")[2]}},
    "up to a total": {
        "filter": {"total": {"max": "500.00"}},
        "sort": {"field": "TOTAL", "direction": "DESC"},
    },
    _LATER: {},
}


@dataclass(frozen=True)
class Asked:
    """A server, and the request for one page."""

    server: Server
    request: bytes

    async def nodes(self) -> list[dict[str, Any]]:
        """Return what the page shows."""
        found: list[dict[str, Any]] = (await self.page())["nodes"]
        return found

    async def page(self) -> dict[str, Any]:
        """Return the page."""
        async with Connection(self.server.port) as connection:
            answer = orjson.loads(await connection.send(self.request))
        if "errors" in answer:
            raise RuntimeError(f"unexpected answer: {answer['errors']}")
        page: dict[str, Any] = answer["data"]["orders"]
        return page

    async def measured(self, times: int) -> tuple[float, float]:
        """Ask so often; return the processor's and the clock's milliseconds a page."""
        spent, clock = self.server.cpu, []
        # One of its own, since servers hang up on who is silent for as long as the others' turns.
        async with Connection(self.server.port) as connection:
            for _ in range(times):
                began = time.perf_counter()
                await connection.send(self.request)
                clock.append(time.perf_counter() - began)
        return (self.server.cpu - spent) * 1000 / times, statistics.median(clock) * 1000


async def measure() -> None:
    """Measure all of it on one Postgres, and print the tables."""
    with passing_folder() as folder:
        plan = passing_plan(load_configuration(file=None), os.environ, folder)
        async with running_servers(plan) as stack:
            settings = stack.configuration.persistence
            few = settings.url.set(drivername="postgresql").render_as_string(hide_password=False)
            many = await _other_database(stack, few)
            for address, count in ((few, FEW), (many, MANY)):
                began = time.perf_counter()
                await _fill(address, count)
                Console().print(f"{count:,} orders in {time.perf_counter() - began:.0f} s")
            small = await start_server(stack, plan, API, database=few)
            large = await start_server(stack, plan, API, database=many)
            reference = await start_server(stack, plan, [REFERENCE], database=few)
            await stack.parts.during(_measure(small, large, reference))


async def _other_database(stack: Stack, address: str) -> str:
    connection = await asyncpg.connect(address)
    await connection.execute("CREATE DATABASE many")
    await connection.close()
    other = make_url(address).set(database="many").render_as_string(hide_password=False)
    await migrate(
        stack.configuration.persistence.model_copy(update={"database_url": SecretStr(other)})
    )
    return other


async def _fill(address: str, count: int) -> None:
    connection = await asyncpg.connect(address)
    await fill(connection, count)
    await connection.close()


async def _measure(small: Server, large: Server, reference: Server) -> None:
    await _beside_the_reference(
        Asked(small, post("/graphql", query=_PAGE)), Asked(reference, get(f"/orders?first={PAGE}"))
    )
    await _beside_fewer(small, large)


async def _beside_the_reference(ours: Asked, theirs: Asked) -> None:
    shown = await ours.nodes()
    if len(shown) != PAGE or shown != await theirs.nodes():
        raise RuntimeError("these are not the same documents")
    await ours.measured(PAGES_A_ROUND)
    await theirs.measured(PAGES_A_ROUND)
    rounds = [
        (await ours.measured(PAGES_A_ROUND), await theirs.measured(PAGES_A_ROUND))
        for _ in range(ROUNDS_BESIDE_REFERENCE)
    ]
    table = Table(f"a page of {PAGE} orders", "through the API", "FastAPI and ORM", "ratio")
    for name, which in (("ms of the server's processor", 0), ("ms until it is there", 1)):
        mine = statistics.median(one[which] for one, _ in rounds)
        other = statistics.median(one[which] for _, one in rounds)
        ratio = statistics.median(one[which] / two[which] for one, two in rounds)
        table.add_row(name, f"{mine:.1f}", f"{other:.1f}", f"{ratio:.2f}")
    Console().print(table)


async def _beside_fewer(small: Server, large: Server) -> None:
    table = Table(
        f"ms until a page of {PAGE} is there", f"of {MANY:,} orders", f"of {FEW:,}", "ratio"
    )
    for name, variables in _PAGES.items():
        asked = [
            Asked(server, post("/graphql", query=_PAGE, variables=variables))
            for server in (large, small)
        ]
        if name == _LATER:
            asked = [await _later(page) for page in asked]
        for page in asked:
            _check(name, await page.nodes())
            await page.measured(ASKED_A_ROUND)
        rounds = [[(await one.measured(ASKED_A_ROUND))[1] for one in asked] for _ in range(ROUNDS)]
        many, few = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratio = statistics.median(one / two for one, two in rounds)
        table.add_row(name, f"{many:.1f}", f"{few:.1f}", f"{ratio:.2f}")
    Console().print(table)


async def _later(page: Asked) -> Asked:
    """Go on a few pages, by cursors."""
    after = None
    for _ in range(4):
        request = post("/graphql", query=_CURSOR, variables={"after": after})
        after = (await replace(page, request=request).page())["pageInfo"]["endCursor"]
    return replace(page, request=post("/graphql", query=_PAGE, variables={"after": after}))


def _check(name: str, shown: list[dict[str, Any]]) -> None:
    if len(shown) != PAGE or any(len(one["events"]["nodes"]) != EVENTS for one in shown):
        raise RuntimeError(f"{name}: {len(shown)} orders, or not all of their events")


if __name__ == "__main__":
    asyncio.run(measure())  # uvloop cannot run Postgres as a user of its own

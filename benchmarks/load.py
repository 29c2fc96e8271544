"""The API under 64 clients that read and write as fast as they are answered, for a minute.

``python -m benchmarks.load`` prints what they were answered, how soon, and how much memory the
API took.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections import Counter
from typing import TYPE_CHECKING

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.load_clients import Answer, Clients
from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import passing_folder, running_stack
from cli.stack.plan import passing_plan

if TYPE_CHECKING:
    from cli.stack.embedded_stack import Stack

CLIENTS = 64
WARM_UP = 20.0
SECONDS = 60.0
LOOKS_AT_MEMORY = (10.0, 30.0, 60.0)
_MEBIBYTE = 2**20


async def measure() -> None:
    """Run the clients against a stack of their own, and print the tables."""
    with passing_folder() as folder:
        plan = passing_plan(load_configuration(file=None), os.environ, folder)
        async with running_stack(plan) as stack:
            # A stream has its connection for as long as its order takes.
            limits = httpx.Limits(max_connections=2 * CLIENTS, keepalive_expiry=2)
            async with httpx.AsyncClient(
                base_url=stack.api_url, timeout=60, limits=limits, trust_env=False
            ) as http:
                await stack.parts.during(_measure(stack, http))


async def _measure(stack: Stack, http: httpx.AsyncClient) -> None:
    api = _process_of(stack)
    warm_up = Clients(http)
    await warm_up.prepare()
    await _run(warm_up, WARM_UP)
    clients = Clients(http)
    watching = asyncio.create_task(_memory(api))
    await _run(clients, SECONDS)
    _report(clients.answers, await watching)


async def _run(clients: Clients, seconds: float) -> None:
    until = time.perf_counter() + seconds

    async def client(number: int) -> None:
        while time.perf_counter() < until:
            await clients.round(number)
            number += CLIENTS + 1

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))


async def _memory(api: psutil.Process) -> list[float]:
    began = time.perf_counter()
    seen = []
    for at in LOOKS_AT_MEMORY:
        await asyncio.sleep(began + at - time.perf_counter())
        seen.append(api.memory_info().rss / _MEBIBYTE)
    return seen


def _process_of(stack: Stack) -> psutil.Process:
    port = stack.configuration.api.port
    for process in psutil.Process().children():
        if any(one.laddr.port == port for one in process.net_connections("tcp")):
            return process
    raise RuntimeError(f"no process of this stack listens on port {port}")


def _report(answers: list[Answer], memory: list[float]) -> None:
    console = Console(width=120)
    outcomes = Table("request", "answer", "times")
    for (kind, outcome), times in sorted(Counter((a.kind, a.outcome) for a in answers).items()):
        outcomes.add_row(kind, outcome, str(times))
    console.print(outcomes)
    latencies = Table("answered, ms", "requests", "p50", "p95", "p99", "most")
    for kind in sorted({answer.kind for answer in answers}):
        for name, of_kind in (
            (kind, [a.seconds for a in answers if a.kind == kind and not a.is_refusal]),
            (f"{kind}: 429", [a.seconds for a in answers if a.kind == kind and a.is_refusal]),
        ):
            if len(of_kind) > 1:
                cuts = statistics.quantiles(of_kind, n=100, method="inclusive")
                shown = [cuts[49], cuts[94], cuts[98], max(of_kind)]
                latencies.add_row(
                    name, str(len(of_kind)), *(f"{seconds * 1000:.0f}" for seconds in shown)
                )
    console.print(latencies)
    looks = ", ".join(
        f"{size:.1f} MiB after {at:.0f} s" for at, size in zip(LOOKS_AT_MEMORY, memory, strict=True)
    )
    console.print(f"memory of the API: {looks}")
    wrong = sum(not answer.is_proper for answer in answers)
    console.print(f"{len(answers)} answers; neither a result nor a sound refusal: {wrong}")


if __name__ == "__main__":
    asyncio.run(measure())

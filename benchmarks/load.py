"""Load test: 64 clients read and write for a minute, each as fast as it gets responses.

``python -m benchmarks.load`` prints results and latencies per kind of request, and the memory of
the API.
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
from cli.stack.embedded_stack import running_stack, temporary_folder
from cli.stack.plan import temporary_plan

if TYPE_CHECKING:
    from cli.stack.embedded_stack import Stack

CLIENTS = 64
WARM_UP = 20.0  # seconds
DURATION = 60.0  # seconds
MEMORY_SAMPLES_AT = (10.0, 30.0, 60.0)  # seconds after the start
_MEBIBYTE = 2**20


async def measure() -> None:
    with temporary_folder() as folder:
        plan = temporary_plan(load_configuration(file=None), os.environ, folder)
        async with running_stack(plan) as stack:
            # A stream keeps its connection until its order ends.
            limits = httpx.Limits(max_connections=2 * CLIENTS, keepalive_expiry=2)
            async with httpx.AsyncClient(
                base_url=stack.api_url, timeout=60, limits=limits, trust_env=False
            ) as http:
                await stack.processes.supervise(_measure(stack, http))


async def _measure(stack: Stack, http: httpx.AsyncClient) -> None:
    api = _api_process(stack)
    warm_up = Clients(http)
    await warm_up.prepare()
    await _run(warm_up, WARM_UP)
    clients = Clients(http)
    sampling = asyncio.create_task(_sample_memory(api))
    await _run(clients, DURATION)
    _report(clients.answers, await sampling)


async def _run(clients: Clients, seconds: float) -> None:
    until = time.perf_counter() + seconds

    async def client(number: int) -> None:
        while time.perf_counter() < until:
            await clients.round(number)
            number += CLIENTS + 1

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))


async def _sample_memory(api: psutil.Process) -> list[float]:
    began = time.perf_counter()
    samples = []
    for at in MEMORY_SAMPLES_AT:
        await asyncio.sleep(began + at - time.perf_counter())
        samples.append(api.memory_info().rss / _MEBIBYTE)
    return samples


def _api_process(stack: Stack) -> psutil.Process:
    port = stack.configuration.api.port
    for process in psutil.Process().children():
        if any(connection.laddr.port == port for connection in process.net_connections("tcp")):
            return process
    raise RuntimeError(f"no process of this stack listens on port {port}")


def _report(answers: list[Answer], memory: list[float]) -> None:
    console = Console(width=120)
    outcomes = Table("request", "result", "count")
    for (kind, outcome), count in sorted(Counter((a.kind, a.outcome) for a in answers).items()):
        outcomes.add_row(kind, outcome, str(count))
    console.print(outcomes)
    latencies = Table("latency, ms", "requests", "p50", "p95", "p99", "max")
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
    memory_shown = ", ".join(
        f"{size:.1f} MiB after {at:.0f} s"
        for at, size in zip(MEMORY_SAMPLES_AT, memory, strict=True)
    )
    console.print(f"API memory: {memory_shown}")
    invalid = sum(not answer.is_valid for answer in answers)
    console.print(
        f"{len(answers)} responses, {invalid} invalid (neither a result nor a proper refusal)"
    )


if __name__ == "__main__":
    asyncio.run(measure())

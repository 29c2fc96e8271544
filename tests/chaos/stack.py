"""The stack of a run: embedded, durable, with two workers per queue, and with simulated faults."""

from __future__ import annotations

import os
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx
from temporalio.service import RPCError

from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import Stack, is_polling, running_stack
from cli.stack.plan import temporary_plan
from orchestration.client import connect
from tests.chaos.saboteur import Part, Parts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from pathlib import Path

    from temporalio.client import Client

    from cli.stack.processes import ChildProcess

_DEFAULT_FAULTS = {"FAULT_ERROR_RATE": "0.33", "FAULT_HANG_RATE": "0.34"}


@dataclass(frozen=True)
class ChaosStack:
    stack: Stack
    parts: Parts


@asynccontextmanager
async def chaos_stack(folder: Path) -> AsyncGenerator[ChaosStack]:
    # FAULT_SEED is not passed on: each restarted worker would repeat the same faults.
    environment = _DEFAULT_FAULTS | dict(os.environ)
    environment.pop("FAULT_SEED", None)
    plan = temporary_plan(load_configuration(file=None), environment, folder)
    # A crash must not lose what was committed, so both servers write to the disk.
    async with (
        running_stack(replace(plan, persistent=True)) as stack,
        httpx.AsyncClient(base_url=stack.api_url, trust_env=False) as http,
    ):
        processes = stack.processes
        yield ChaosStack(
            stack,
            Parts(
                workers=await _two_workers_per_queue(stack),
                api=Part(processes, processes.named("The API"), _answers(http)),
                # An "immediate" shutdown is a crash without a checkpoint. After SIGKILL, sessions
                # outlive the server for a moment, and a new server refuses to start meanwhile.
                postgres=Part(processes, processes.named("Postgres"), _runs, signal.SIGQUIT),
                temporal=Part(processes, processes.named("Temporal"), _runs),
            ),
        )


async def _two_workers_per_queue(stack: Stack) -> list[Part]:
    """Start a second worker beside each of the stack's."""
    settings = stack.configuration.orchestration
    client = await connect(settings)
    workers: list[Part] = []
    for name, queue in (
        ("The order worker", settings.order_task_queue),
        ("The shipping worker", settings.shipping_task_queue),
    ):
        first = stack.processes.named(name)
        log = first.program.log
        copy = replace(first.program, name=f"{name} 2", log=log.with_stem(f"{log.stem}-2"))
        second = await stack.processes.start(copy)
        polls = _polls(client, queue)
        workers += [Part(stack.processes, worker, polls) for worker in (first, second)]
    return workers


def _polls(client: Client, queue: str) -> Callable[[ChildProcess], Awaitable[bool]]:
    async def polls(worker: ChildProcess) -> bool:
        try:
            return await is_polling(client, queue, worker.process.pid)
        except RPCError:
            return False

    return polls


def _answers(http: httpx.AsyncClient) -> Callable[[ChildProcess], Awaitable[bool]]:
    async def answers(_: ChildProcess) -> bool:
        try:
            return (await http.get("/health/live")).is_success
        except httpx.TransportError:
            return False

    return answers


async def _runs(server: ChildProcess) -> bool:  # ruff: ignore[unused-async] - the type of Part.serves
    return server.running

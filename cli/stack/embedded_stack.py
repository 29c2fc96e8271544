"""The embedded stack: Postgres, Temporal, both workers and the API as children of one process.

``orders dev``, ``orders demo`` and the tests run it. Each part is waited for by a condition of its
own, and leaving a context here stops every part, whatever went wrong before.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from cli.service.composition import make_tables, register_search_attributes
from cli.service.configuration import Configuration
from cli.service.ports import require_free
from cli.service.startup import PATIENCE
from cli.stack.plan import children_environment, with_own_postgres, with_own_temporal
from cli.stack.postgres import socket_folder, start_postgres
from cli.stack.processes import Part, Parts, Program
from cli.stack.temporal import start_temporal
from orchestration.client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from temporalio.client import Client

    from cli.stack.plan import StackPlan

_READY_WITHIN = 60.0  # seconds
_EVERY_INTERFACE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # ruff: ignore[hardcoded-bind-all-interfaces] - compared with


@dataclass(frozen=True)
class Stack:
    """What runs, and the configuration that reaches it."""

    parts: Parts
    configuration: Configuration

    @property
    def api_url(self) -> str:
        """Where the API answers."""
        host = self.configuration.service.host
        return f"http://{_EVERY_INTERFACE.get(host, host)}:{self.configuration.api.port}"


@contextmanager
def passing_folder() -> Generator[Path]:
    """Lend a folder for a stack that nobody needs afterwards."""
    with tempfile.TemporaryDirectory(prefix="orders-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # Postgres may run as another user, and has its own folder in it
        yield folder


@asynccontextmanager
async def running_servers(plan: StackPlan) -> AsyncGenerator[Stack]:
    """Run Postgres with its tables made, and Temporal with its search attributes registered.

    Raises StackFailed, before anything is started where a port is taken; GaveUp where a server
    that should be running already is not there.
    """
    require_free(plan.required_ports())
    with socket_folder(plan.folder) as sockets:
        async with Parts() as parts:
            configuration = plan.configuration
            if plan.own_postgres:
                url = await start_postgres(parts, plan.folder, sockets, keep=plan.keep)
                configuration = with_own_postgres(configuration, url)
            if plan.temporal_ports is not None:
                await start_temporal(
                    parts,
                    plan.folder,
                    plan.temporal_ports,
                    configuration.orchestration.temporal_namespace,
                    keep=plan.keep,
                )
                configuration = with_own_temporal(configuration, plan.temporal_ports)
            await make_tables(configuration.persistence, PATIENCE)
            await register_search_attributes(configuration.orchestration, PATIENCE)
            yield Stack(parts, configuration)


@asynccontextmanager
async def running_stack(plan: StackPlan) -> AsyncGenerator[Stack]:
    """Run the servers, both workers and the API. Raises as running_servers does."""
    async with running_servers(plan) as stack:
        settings = stack.configuration.orchestration
        start = partial(_start_child, stack.parts, plan, stack.configuration)
        workers = {
            settings.order_task_queue: await start("order worker", "worker", "--queue", "order"),
            settings.shipping_task_queue: await start(
                "shipping worker", "worker", "--queue", "shipping"
            ),
        }
        api = await start("API", "api")
        for queue, worker in workers.items():
            await _wait_for_worker(stack, worker, queue)
        await _wait_for_api(stack, api)
        yield stack


async def _wait_for_worker(stack: Stack, worker: Part, queue: str) -> None:
    client = await connect(stack.configuration.orchestration)

    async def polls() -> bool:
        return await _polls(client, queue, worker.process.pid)

    await stack.parts.until(worker, polls, _READY_WITHIN)


async def _wait_for_api(stack: Stack, api: Part) -> None:
    async with httpx.AsyncClient(base_url=stack.api_url, trust_env=False) as http:

        async def ready() -> bool:
            try:
                return (await http.get("/health/ready")).is_success
            except httpx.TransportError:
                return False

        await stack.parts.until(api, ready, _READY_WITHIN)


async def _polls(client: Client, queue: str, pid: int) -> bool:
    """Look whether that very process asks for both kinds of task: others may share the queue."""
    for kind in (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY):
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
            )
        )
        if not any(poller.identity.startswith(f"{pid}@") for poller in described.pollers):
            return False
    return True


async def _start_child(
    parts: Parts, plan: StackPlan, configuration: Configuration, name: str, *arguments: str
) -> Part:
    return await parts.start(
        Program(
            name=f"The {name}",
            # -P: a folder of that name where the command happens to be run is not this package.
            arguments=[sys.executable, "-P", "-m", "cli", *arguments],
            environment=children_environment(plan, configuration),
            log=plan.folder / "logs" / f"{name.lower().replace(' ', '-')}.log",
        )
    )

"""Starts and stops the embedded stack: Postgres, Temporal, both workers and the API.

Used by ``orders dev``, ``orders demo``, the tests and the benchmarks. Leaving a context manager of
this module stops all processes, also after an error.
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

from cli.service.composition import migrate_database, register_search_attributes
from cli.service.configuration import Configuration
from cli.service.ports import require_free
from cli.service.startup import STARTUP_TIMEOUT
from cli.stack.plan import child_environment, with_embedded_postgres, with_embedded_temporal
from cli.stack.postgres import socket_folder, start_postgres
from cli.stack.processes import ChildProcess, ProcessGroup, Program
from cli.stack.temporal import start_temporal
from orchestration.client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from temporalio.client import Client

    from cli.stack.plan import StackPlan

_READY_TIMEOUT = 60.0  # seconds
_LOOPBACK_OF_WILDCARD = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # ruff: ignore[hardcoded-bind-all-interfaces] - compared with


@dataclass(frozen=True)
class Stack:
    """Running processes, and a configuration with their addresses."""

    processes: ProcessGroup
    configuration: Configuration

    @property
    def api_url(self) -> str:
        host = self.configuration.service.host
        return f"http://{_LOOPBACK_OF_WILDCARD.get(host, host)}:{self.configuration.api.port}"


@contextmanager
def temporary_folder() -> Generator[Path]:
    """Yield a folder for a stack, and delete it at the end."""
    with tempfile.TemporaryDirectory(prefix="orders-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # lets Postgres, which may run as another user, reach its own folder
        yield folder


@asynccontextmanager
async def running_servers(plan: StackPlan) -> AsyncGenerator[Stack]:
    """Run Postgres with its migrations applied, and Temporal with its search attributes.

    Raises PortsTaken before anything is started, StackFailed if a server does not start, or
    ServerUnavailable if an external server does not respond.
    """
    require_free(plan.required_ports())
    with socket_folder(plan.folder) as sockets:
        async with ProcessGroup() as processes:
            configuration = plan.configuration
            if plan.embedded_postgres:
                url = await start_postgres(
                    processes, plan.folder, sockets, persistent=plan.persistent
                )
                configuration = with_embedded_postgres(configuration, url)
            if plan.temporal_ports is not None:
                await start_temporal(
                    processes,
                    plan.folder,
                    plan.temporal_ports,
                    configuration.orchestration.temporal_namespace,
                    persistent=plan.persistent,
                )
                configuration = with_embedded_temporal(configuration, plan.temporal_ports)
            await migrate_database(configuration.persistence, STARTUP_TIMEOUT)
            await register_search_attributes(configuration.orchestration, STARTUP_TIMEOUT)
            yield Stack(processes, configuration)


@asynccontextmanager
async def running_stack(plan: StackPlan) -> AsyncGenerator[Stack]:
    """Run the servers, both workers and the API. Raises like running_servers."""
    async with running_servers(plan) as stack:
        settings = stack.configuration.orchestration
        start = partial(_start_child, stack.processes, plan, stack.configuration)
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


async def _wait_for_worker(stack: Stack, worker: ChildProcess, queue: str) -> None:
    client = await connect(stack.configuration.orchestration)

    async def polls() -> bool:
        return await is_polling(client, queue, worker.process.pid)

    await stack.processes.wait_ready(worker, polls, _READY_TIMEOUT)


async def _wait_for_api(stack: Stack, api: ChildProcess) -> None:
    async with httpx.AsyncClient(base_url=stack.api_url, trust_env=False) as http:

        async def ready() -> bool:
            try:
                return (await http.get("/health/ready")).is_success
            except httpx.TransportError:
                return False

        await stack.processes.wait_ready(api, ready, _READY_TIMEOUT)


async def is_polling(client: Client, queue: str, pid: int) -> bool:
    """Return whether this process polls both task types: other workers may share the queue."""
    for task_type in (
        TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    ):
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=queue),
                task_queue_type=task_type,
            )
        )
        if not any(poller.identity.startswith(f"{pid}@") for poller in described.pollers):
            return False
    return True


async def _start_child(
    processes: ProcessGroup,
    plan: StackPlan,
    configuration: Configuration,
    name: str,
    *arguments: str,
) -> ChildProcess:
    return await processes.start(
        Program(
            name=f"The {name}",
            # -P: a folder named "cli" in the working directory must not shadow the package.
            arguments=[sys.executable, "-P", "-m", "cli", *arguments],
            environment=child_environment(plan, configuration),
            log=plan.folder / "logs" / f"{name.lower().replace(' ', '-')}.log",
        )
    )

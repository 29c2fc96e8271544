"""Runs the clients in this folder in Node, against an API process that they may kill.

Skipped, with the reason, if Node or the packages of the dashboard are missing.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import delete

from cli.service.ports import free_ports
from persistence.tables import api_keys
from tests.support.programs import run_program
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.settings import OrchestrationSettings

_HERE = Path(__file__).parent
_DASHBOARD_PACKAGES = _HERE.parents[1] / "dashboard" / "node_modules"
_TIMEOUT = 240  # seconds
_INSTALL_TIMEOUT = 600  # seconds


def _missing_requirement() -> str | None:
    if shutil.which("npm") is None:
        return "Node is not installed"
    if not (_DASHBOARD_PACKAGES / ".bin" / "graphql-codegen").exists():
        return "The packages of the dashboard are not installed. Run make dashboard"
    return None


pytestmark = [
    pytest.mark.skipif(_missing_requirement() is not None, reason=_missing_requirement() or ""),
    pytest.mark.timeout(_INSTALL_TIMEOUT + _TIMEOUT),
]


async def _run(
    *command: str, environment: Mapping[str, str] | None = None, time_limit: float = _TIMEOUT
) -> None:
    await run_program(*command, folder=_HERE, environment=environment or {}, time_limit=time_limit)


@pytest_asyncio.fixture(scope="module")
async def packages() -> None:
    """Install the packages, unless those of this lock file are installed."""
    lock = (_HERE / "package-lock.json").read_bytes()
    installed = _HERE / "node_modules" / ".installed-lock"
    if not installed.exists() or installed.read_bytes() != lock:
        await _run("npm", "ci", "--no-progress", "--loglevel=error", time_limit=_INSTALL_TIMEOUT)
        installed.write_bytes(lock)


@asynccontextmanager
async def _kept_running(
    environment: Mapping[str, str], pid_file: Path, folder: Path
) -> AsyncGenerator[None]:
    """Run an API process, and start it again whenever it ends, as a service manager does."""

    async def keep_running() -> None:
        while True:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "cli", "api"),
                cwd=folder,  # without a .env file
                env={**os.environ, **environment},
            )
            await asyncio.to_thread(pid_file.write_text, str(process.pid))
            try:
                await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()

    running = asyncio.create_task(keep_running())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest_asyncio.fixture(scope="module")
async def api_process(
    database_url: str,
    engine: AsyncEngine,
    orchestration: OrchestrationSettings,
    workers: None,  # ruff: ignore[unused-function-argument]
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[dict[str, str]]:
    """Yield the environment for the clients."""
    async with engine.begin() as connection:
        await connection.execute(delete(api_keys))  # with those of other tests, the API wants one
    folder = tmp_path_factory.mktemp("api")
    pid_file = folder / "pid"
    [port] = free_ports(1)
    environment = {
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": orchestration.temporal_address,
        "ORDER_TASK_QUEUE": orchestration.order_task_queue,
        "SHIPPING_TASK_QUEUE": orchestration.shipping_task_queue,
    }
    address = f"http://127.0.0.1:{port}"
    async with _kept_running(environment, pid_file, folder), httpx.AsyncClient() as http:

        async def is_ready() -> bool:
            with suppress(httpx.TransportError):
                return (await http.get(f"{address}/health/ready")).is_success
            return False

        await wait_until(is_ready)
        yield {"ORDERS_URL": f"{address}/graphql", "API_PID_FILE": str(pid_file)}


@pytest.mark.parametrize("client", ["apollo", "urql"])
@pytest.mark.usefixtures("packages")
async def test_the_client_works_with_the_api(client: str, api_process: dict[str, str]) -> None:
    await _run("node", "--test", f"{client}.test.js", environment=api_process)


@pytest.mark.usefixtures("packages")
async def test_relays_compiler_accepts_lists_and_pages_of_orders() -> None:
    (_HERE / "relay" / "generated").mkdir(exist_ok=True)
    await _run("npm", "run", "--silent", "relay")


async def test_a_program_that_handles_every_enum_value_and_union_member_compiles() -> None:
    """The generator and the compiler are those of the dashboard."""
    link = _HERE / "codegen" / "node_modules"
    if not link.is_symlink():
        link.symlink_to("../../../dashboard/node_modules")
    await _run("npm", "run", "--silent", "codegen")

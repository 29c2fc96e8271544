"""Commands import only the libraries that they use, so that they start fast."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import pytest

from cli.service.ports import free_ports

if TYPE_CHECKING:
    from tests.support.command_line import Command

_RUN = """
import json, sys
from cli.main import app
sys.argv[0] = "orders"
try:
    app()
finally:
    print("", json.dumps(sorted(sys.modules)), sep="\\n")
"""
_API = {"gql.schema", "graphql", "starlette", "strawberry", "uvicorn"}
_SERVERS = {"alembic", "asyncpg", "sqlalchemy", "temporalio"}
_CLIENT = {"cli.client.output", "httpx", "websockets"}


async def modules_after(*arguments: str, **settings: str) -> set[str]:
    """Return the names of all modules imported when the command ends, also after an error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _RUN, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=settings,
    )
    output, _ = await process.communicate()
    return set(json.loads(output.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["list", "--help"], ["customer"]], ids=" ".join)
async def test_help_imports_no_server_and_no_client_libraries(arguments: list[str]) -> None:
    modules = await modules_after(*arguments)
    assert "cli.client.app" in modules
    assert modules & (_API | _SERVERS | _CLIENT) == set()


async def test_a_client_imports_no_temporal_no_sqlalchemy_no_strawberry(command: Command) -> None:
    modules = await modules_after("status", "nobody-started-this", ORDERS_URL=command.url)
    assert modules >= _CLIENT
    assert modules & (_API | _SERVERS) == set()


async def test_a_worker_imports_no_api_and_no_client() -> None:
    [port] = free_ports(1)
    modules = await modules_after(
        *("worker", "--queue", "order", "--startup-timeout", "0"), DB_PORT=str(port)
    )
    assert modules >= {"orchestration.worker", "persistence.ledger", "asyncpg"}
    assert modules & (_API | _CLIENT | {"alembic"}) == set()


async def test_an_api_imports_no_alembic_and_no_worker() -> None:
    database_port, port = map(str, free_ports(2))
    modules = await modules_after("api", "--startup-timeout", "0", DB_PORT=database_port, PORT=port)
    assert modules >= {"gql.app", "persistence.migrations.compatibility", "asyncpg"}
    assert modules & {"alembic", "temporalio.worker"} == set()

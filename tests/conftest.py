"""One embedded Postgres and one embedded Temporal per test process, started on first use.

If DATABASE_URL or TEMPORAL_ADDRESS is set, tests use that server instead. Such a Temporal server
needs ``frontend.WorkflowTimeSkippingEnabled`` in its dynamic configuration.
"""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from hypothesis import settings

from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import Stack, running_servers, temporary_folder
from cli.stack.plan import temporary_plan
from orchestration.client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from temporalio.client import Client


# The duration of an example depends on the load of the machine, so it is not checked.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
settings.register_profile("fuzz", max_examples=2000)


def pytest_configure() -> None:
    # Ctrl-C ends a run in order: fixtures stop their servers and remove their folders. So does
    # SIGTERM now, which would otherwise end this process at once.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-histories",
        metavar="FOLDER",
        type=Path,
        help="Write the history of the first order of each test in tests/workflows to this folder.",
    )


@pytest_asyncio.fixture(scope="session")
async def stack() -> AsyncIterator[Stack]:
    """Both servers, with tables and search attributes, and without workers and API."""
    with temporary_folder() as folder:
        plan = temporary_plan(load_configuration(file=None), os.environ, folder)
        if "DATABASE_URL" in os.environ:
            plan = replace(plan, embedded_postgres=False)
        if "TEMPORAL_ADDRESS" in os.environ:
            plan = replace(plan, temporal_ports=None)
        async with running_servers(plan) as servers:
            yield servers


@pytest.fixture(scope="session")
def database_url(stack: Stack) -> str:
    return stack.configuration.persistence.url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def temporal_address(stack: Stack) -> str:
    return stack.configuration.orchestration.temporal_address


@pytest_asyncio.fixture(scope="session")
async def temporal_client(stack: Stack) -> Client:
    """A client for tests. Each worker needs a client of its own."""
    return await connect(stack.configuration.orchestration)

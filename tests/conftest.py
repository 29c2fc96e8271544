"""One embedded Postgres and one embedded Temporal for the whole run, started when first asked for.

With DATABASE_URL or TEMPORAL_ADDRESS set, the server that runs there is used instead.
"""

from __future__ import annotations

import os
from dataclasses import replace
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


# How long an example takes is a matter of what else the machine does.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
settings.register_profile("fuzz", max_examples=2000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-histories",
        action="store_true",
        help="Write the histories of the scenarios in tests/workflows to tests/replay/histories.",
    )


@pytest_asyncio.fixture(scope="session")
async def stack() -> AsyncIterator[Stack]:
    """The servers, tables made and search attributes registered; no worker and no API."""
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
    """Where the run's Postgres is, as DATABASE_URL says it."""
    return stack.configuration.persistence.url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def temporal_address(stack: Stack) -> str:
    """Where the run's Temporal is, as TEMPORAL_ADDRESS says it."""
    return stack.configuration.orchestration.temporal_address


@pytest_asyncio.fixture(scope="session")
async def temporal_client(stack: Stack) -> Client:
    """A client of the run's Temporal. Two workers in one process need one each."""
    return await connect(stack.configuration.orchestration)

"""Runs the tests in ``dashboard/e2e`` in Chromium against the real stack.

Skipped, with the reason, if Node, Chromium or the built dashboard is missing.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from persistence.tables import api_keys
from tests.browser.vitest import missing_requirement, run_vitest
from tests.support.api_fixtures import engine

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["engine"]


@pytest.mark.skipif(missing_requirement() is not None, reason=missing_requirement() or "")
@pytest.mark.parametrize("file_filter", ["orders", "customers", "pages", "trusted", "sign-in"])
async def test_the_dashboard_works_in_chromium(
    file_filter: str, database_url: str, temporal_address: str, engine: AsyncEngine
) -> None:
    async with engine.begin() as connection:
        await connection.execute(delete(api_keys))  # with those of other tests, the API wants one
    environment = {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": temporal_address,
        "ORDERS_COMMAND": json.dumps([sys.executable, "-P", "-m", "cli"]),
    }
    await run_vitest("browser", file_filter, environment, time_limit=240)

"""Runs the tests in ``dashboard/e2e`` in Chromium against the real stack.

Skipped, with the reason, if Node, Chromium or the built dashboard is missing.
"""

from __future__ import annotations

import json
import sys

import pytest

from tests.browser.vitest import missing_requirement, run_vitest


@pytest.mark.skipif(missing_requirement() is not None, reason=missing_requirement() or "")
@pytest.mark.parametrize("file_filter", ["orders", "customers", "pages", "trusted", "sign-in"])
async def test_the_dashboard_works_in_chromium(
    file_filter: str, database_url: str, temporal_address: str
) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": temporal_address,
        "ORDERS_COMMAND": json.dumps([sys.executable, "-P", "-m", "cli"]),
    }
    await run_vitest("browser", file_filter, environment, time_limit=240)

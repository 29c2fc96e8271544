"""The dashboard in a real browser, on the real stack: ``dashboard/e2e`` says what is looked at.

Left out, with the reason, where Node, Chromium or what npm installs is not there.
"""

from __future__ import annotations

import json
import sys

import pytest

from tests.browser.vitest import missing, run_vitest


@pytest.mark.skipif(missing() is not None, reason=missing() or "")
@pytest.mark.parametrize("part", ["orders", "customers", "pages", "trusted"])
async def test_in_chromium(part: str, database_url: str, temporal_address: str) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": temporal_address,
        "ORDERS_COMMAND": json.dumps([sys.executable, "-P", "-m", "cli"]),
    }
    await run_vitest("browser", part, environment, within=240)

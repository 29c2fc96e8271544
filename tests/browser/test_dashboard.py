"""The dashboard in a real browser, on the real stack: ``dashboard/e2e`` says what is looked at.

Left out, with the reason, where Node, Chromium or what npm installs is not there.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from gql.dashboard import FILES

DASHBOARD = Path(__file__).parents[2] / "dashboard"
VITEST = DASHBOARD / "node_modules" / ".bin" / "vitest"
CHROMIUM = shutil.which(os.environ.get("CHROMIUM") or "chromium") or ""


def missing() -> str | None:
    """Return what the tests need and do not find."""
    if shutil.which("node") is None:
        return "Node is not there"
    if not CHROMIUM:
        return "Chromium is not there: install Debian's, or name yours in CHROMIUM"
    if not VITEST.exists() or not FILES.is_dir():
        return "the dashboard is not built: make dashboard"
    return None


@pytest.mark.skipif(missing() is not None, reason=missing() or "")
@pytest.mark.parametrize("part", ["orders", "customers", "pages"])
async def test_in_chromium(part: str, database_url: str, temporal_address: str) -> None:
    process = await asyncio.create_subprocess_exec(
        VITEST,
        *("run", "--project", "browser", "--reporter", "verbose", part),
        cwd=DASHBOARD,
        env={
            **os.environ,
            "CHROMIUM": CHROMIUM,
            "DATABASE_URL": database_url,
            "TEMPORAL_ADDRESS": temporal_address,
            "ORDERS_COMMAND": json.dumps([sys.executable, "-P", "-m", "cli"]),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # with all that it starts in turn
    )
    try:
        async with asyncio.timeout(240):
            output, _ = await process.communicate()
    finally:
        _end_all_of(process.pid)
    assert process.returncode == 0, output.decode()


def _end_all_of(session: int) -> None:
    """End what a run that failed may have left."""
    try:
        os.killpg(session, signal.SIGKILL)
    except ProcessLookupError:
        return

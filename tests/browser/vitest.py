"""Runs what ``dashboard/e2e`` has for a real browser."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from gql.http.dashboard import FILES

if TYPE_CHECKING:
    from collections.abc import Mapping

_DASHBOARD = Path(__file__).parents[2] / "dashboard"
_VITEST = _DASHBOARD / "node_modules" / ".bin" / "vitest"
_CHROMIUM = shutil.which(os.environ.get("CHROMIUM") or "chromium") or ""


class VitestFailed(Exception):
    """A test of it did; the message is its output."""


def missing() -> str | None:
    """Return what it needs and does not find."""
    if shutil.which("node") is None:
        return "Node is not there"
    if not _CHROMIUM:
        return "Chromium is not there: install Debian's, or name yours in CHROMIUM"
    if not _VITEST.exists() or not FILES.is_dir():
        return "the dashboard is not built: make dashboard"
    return None


async def run_vitest(
    project: str, part: str, environment: Mapping[str, str], *, within: float
) -> None:
    """Run the files of a project whose names have ``part`` in them. Raises VitestFailed."""
    process = await asyncio.create_subprocess_exec(
        _VITEST,
        *("run", "--project", project, "--reporter", "verbose", part),
        cwd=_DASHBOARD,
        env={**os.environ, "CHROMIUM": _CHROMIUM, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # with all that it starts in turn
    )
    try:
        async with asyncio.timeout(within):
            output, _ = await process.communicate()
    finally:
        _end_all_of(process.pid)
    if process.returncode != 0:
        raise VitestFailed(output.decode())


def _end_all_of(session: int) -> None:
    """End what a run that failed may have left."""
    try:
        os.killpg(session, signal.SIGKILL)
    except ProcessLookupError:
        return

"""Runs the Vitest projects of ``dashboard/e2e`` that need Chromium."""

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
    """A Vitest run failed. The message is its output."""


def missing_requirement() -> str | None:
    """Return why the browser tests cannot run, or None if they can."""
    if shutil.which("node") is None:
        return "Node is not installed"
    if not _CHROMIUM:
        return "Chromium is not installed. Install it, or set CHROMIUM to its path"
    if not _VITEST.exists() or not FILES.is_dir():
        return "The dashboard is not built. Run make dashboard"
    return None


async def run_vitest(
    project: str, file_filter: str, environment: Mapping[str, str], *, time_limit: float
) -> None:
    """Run the files of a project whose names contain ``file_filter``.

    Args:
        time_limit: in seconds, for the whole run.

    Raises:
        VitestFailed: a test failed.
        TimeoutError: the run took longer than ``time_limit``.
    """
    process = await asyncio.create_subprocess_exec(
        _VITEST,
        *("run", "--project", project, "--reporter", "verbose", file_filter),
        cwd=_DASHBOARD,
        env={**os.environ, "CHROMIUM": _CHROMIUM, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # so that its child processes can be killed with it
    )
    try:
        async with asyncio.timeout(time_limit):
            output, _ = await process.communicate()
    finally:
        _kill_session(process.pid)
    if process.returncode != 0:
        raise VitestFailed(output.decode())


def _kill_session(session_id: int) -> None:
    """Kill browsers and stack processes that a failed run left behind."""
    try:
        os.killpg(session_id, signal.SIGKILL)
    except ProcessLookupError:
        return

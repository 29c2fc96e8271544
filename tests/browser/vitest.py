"""Runs the Vitest projects of ``dashboard/e2e`` that need Chromium."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from gql.http.dashboard import FILES
from tests.support.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Mapping

_DASHBOARD = Path(__file__).parents[2] / "dashboard"
_VITEST = _DASHBOARD / "node_modules" / ".bin" / "vitest"
_CHROMIUM = shutil.which(os.environ.get("CHROMIUM") or "chromium") or ""


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
    """Run the files of a project whose names contain ``file_filter``, as ``run_program`` does."""
    await run_program(
        *(_VITEST, "run", "--project", project, "--reporter", "verbose", file_filter),
        folder=_DASHBOARD,
        environment={"CHROMIUM": _CHROMIUM, **environment},
        time_limit=time_limit,
    )

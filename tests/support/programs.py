"""Runs a program to its end, such as npm or Vitest."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class ProgramFailed(Exception):
    """A program ended with an error. The message is its output."""


async def run_program(
    *command: str | Path, folder: Path, environment: Mapping[str, str], time_limit: float
) -> None:
    """Run a program, with these variables besides those of this process.

    ``time_limit`` is in seconds. Raises ProgramFailed if the exit code is not 0, or TimeoutError.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # so that its child processes, such as browsers, end with it
    )
    try:
        async with asyncio.timeout(time_limit):
            output, _ = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if process.returncode != 0:
        raise ProgramFailed(output.decode())

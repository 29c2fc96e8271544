"""Runs the ``orders`` command as a child process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from cli.client.settings import ClientSettings
from cli.service.ports import free_ports
from cli.service.settings import ServiceSettings
from cli.stack.embedded_stack import temporary_folder
from gql.settings import ApiSettings
from orchestration.settings import OrchestrationSettings
from persistence.settings import PersistenceSettings
from tests.support.command_line import restored_logging

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

__all__ = ["restored_logging"]

_SETTINGS = {
    name.upper()
    for settings in (
        OrchestrationSettings,
        PersistenceSettings,
        ApiSettings,
        ServiceSettings,
        ClientSettings,
    )
    for name in settings.model_fields
}
_TIMEOUT = 180  # seconds, for busy machines
_ORDERS = [sys.executable, "-P", "-m", "cli"]


@dataclass(frozen=True)
class Ended:
    code: int | None
    output: str


@dataclass
class Running:
    process: asyncio.subprocess.Process
    written: str = ""

    async def prints(self, text: str) -> None:
        """Wait until the output contains a text."""
        assert self.process.stdout is not None
        async with asyncio.timeout(_TIMEOUT):
            while text not in self.written:
                line = await self.process.stdout.readline()
                assert line, f"The command ended before it printed {text!r}:\n{self.written}"
                self.written += line.decode()

    async def ended(self) -> Ended:
        assert self.process.stdout is not None
        async with asyncio.timeout(_TIMEOUT):
            self.written += (await self.process.stdout.read()).decode()
            return Ended(await self.process.wait(), self.written)

    def children(self) -> dict[str, psutil.Process]:
        """Return the child processes by the last two words of their command lines."""
        return {
            " ".join(child.cmdline()[-2:]): child
            for child in psutil.Process(self.process.pid).children()
        }


@dataclass(frozen=True)
class Orders:
    """Runs the command in a folder, with the given settings only."""

    folder: Path

    @asynccontextmanager
    async def running(self, *arguments: str, **settings: str) -> AsyncGenerator[Running]:
        """Start the command, and stop it at the end if it still runs."""
        process = await asyncio.create_subprocess_exec(
            *_ORDERS,
            *arguments,
            cwd=self.folder,
            env=_environment(settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        running = Running(process)
        try:
            yield running
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                await running.ended()

    async def run(self, *arguments: str, **settings: str) -> Ended:
        async with self.running(*arguments, **settings) as running:
            return await running.ended()


@contextmanager
def orders_in_temporary_folder() -> Generator[Orders]:
    # Not pytest's tmp_path, which only its owner may access: Postgres may run as another user.
    with temporary_folder() as folder:
        yield Orders(folder)


def free_service_ports() -> dict[str, str]:
    """Return free ports for the API, Temporal and the Temporal UI."""
    names = ("PORT", "TEMPORAL_PORT", "TEMPORAL_UI_PORT")
    return {name: str(port) for name, port in zip(names, free_ports(3), strict=True)}


@pytest.fixture
def orders() -> Generator[Orders]:
    with orders_in_temporary_folder() as orders:
        yield orders


@pytest.fixture
def ports() -> dict[str, str]:
    return free_service_ports()


@pytest.fixture
def without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands that run in this process read no settings but those that a test gives them."""
    monkeypatch.chdir(tmp_path)  # which has no .env
    for name in _SETTINGS:
        monkeypatch.delenv(name, raising=False)


def _environment(settings: dict[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in _SETTINGS}
    return inherited | settings

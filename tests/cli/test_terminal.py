"""Output to terminals and pipes, and Ctrl-C, tested with child processes."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.support.api_client import ApiClient
    from tests.support.command_line import Command

Json = dict[str, Any]

_ESCAPE = "\x1b["
_CHUNK = 65536


@asynccontextmanager
async def running(
    url: str, *arguments: str, stdout: int, stderr: int | None = None
) -> AsyncGenerator[Process]:
    """Run the command, and kill it at the end if it still runs."""
    environment = {**os.environ, "ORDERS_URL": url, "TERM": "xterm-256color", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "cli", *arguments),
        env=environment,
        stdout=stdout,
        stderr=stderr,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def on_terminal(url: str, *arguments: str) -> tuple[int | None, str]:
    """Run the command on a terminal. Return its exit code and its output."""
    ours, its = pty.openpty()
    try:
        async with running(url, *arguments, stdout=its, stderr=its) as process:
            os.close(its)
            reading = asyncio.create_task(asyncio.to_thread(_read_all, ours))
            code = await process.wait()
            return code, (await reading).decode()
    finally:
        os.close(ours)


def _read_all(terminal: int) -> bytes:
    written = b""
    with suppress(OSError):  # the end of file of a terminal
        while chunk := os.read(terminal, _CHUNK):
            written += chunk
    return written


@pytest.fixture
async def in_review(api: ApiClient, new_order: Json) -> str:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    order_id: str = new_order["id"]
    return order_id


async def test_output_is_colored_on_a_terminal_and_not_wrapped_in_a_pipe(
    command: Command, in_review: str
) -> None:
    code, written = await on_terminal(command.url, "list", "--id", in_review)
    assert (code, _ESCAPE in written) == (0, True)
    async with running(
        command.url, "list", "--id", in_review, stdout=asyncio.subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        piped = (await process.stdout.read()).decode()
        assert await process.wait() == 0
    header, row = piped.splitlines()
    assert _ESCAPE not in piped
    assert header.startswith("Order ")
    assert row.startswith(f"{in_review}  AWAITING_APPROVAL")


async def test_an_import_shows_its_progress_on_a_terminal(
    command: Command, customer_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "orders.jsonl"
    prefix = f"import-{uuid4().hex[:8]}"
    order = {
        "customerId": customer_id,
        "items": [{"sku": "CUP", "quantity": 1, "unitPrice": "1.00"}],
        "currency": "USD",
        "shippingAddress": {"street": "1 Main St", "city": "Springfield", "country": "US"},
    }
    lines = [json.dumps({**order, "id": f"{prefix}-{number}"}) for number in range(5)]
    file.write_text("\n".join([*lines, "{"]), encoding="utf-8")
    code, written = await on_terminal(command.url, "import", str(file))
    assert code == 3
    assert "orders.jsonl" in written
    assert "6/6" in written
    assert "line 6: refused: not JSON" in written
    assert "started 5, replayed 0, refused 1, failed 0" in written


async def test_ctrl_c_ends_a_watch_without_a_traceback(command: Command, in_review: str) -> None:
    pipe = asyncio.subprocess.PIPE
    async with running(
        command.url, "watch", in_review, "--json", stdout=pipe, stderr=pipe
    ) as process:
        assert process.stdout is not None
        for _ in range(3):
            await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (130, b"")


@pytest.mark.parametrize("options", [[], ["--json"]])
async def test_a_closed_output_pipe_ends_the_command_without_a_message(
    command: Command, in_review: str, options: list[str]
) -> None:
    ours, its = os.pipe()
    os.close(ours)  # like `head`, but before anything is written
    async with running(
        command.url, "list", "--id", in_review, *options, stdout=its, stderr=asyncio.subprocess.PIPE
    ) as process:
        os.close(its)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (1, b"")

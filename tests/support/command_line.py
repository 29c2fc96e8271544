"""Runs the ``orders`` command in this process, against a real API or canned responses."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from typer.testing import CliRunner

from cli.main import app

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

Json = dict[str, Any]


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output, parsed as one JSON document."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Json]:
        """The output, parsed as one JSON document per line."""
        return [json.loads(line) for line in self.out.splitlines()]


async def run(*arguments: str, stdin: str | None = None, **settings: str) -> Ended:
    """Run ``orders`` with additional settings. Raises what the command does not catch."""
    # In a thread, because this thread's event loop serves the API.
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments, stdin, settings)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


@dataclass(frozen=True)
class Command:
    """Runs ``orders`` with ORDERS_URL set to this URL."""

    url: str

    async def __call__(self, *arguments: str, stdin: str | None = None) -> Ended:
        return await run(*arguments, stdin=stdin, ORDERS_URL=self.url, COLUMNS="200")


@asynccontextmanager
async def answering(*responses: bytes) -> AsyncGenerator[str]:
    """Yield the URL of a server that sends these responses in turn, and repeats the last."""
    remaining = iter(responses[:-1])

    async def answer_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = next(remaining, responses[-1])
        head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        writer.write(head + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer_all, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def refusal(code: str) -> bytes:
    return orjson.dumps({"errors": [{"message": "Not now.", "extensions": {"code": code}}]})


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Undo what a command that runs in this process sets. Later tests read WARNING records."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers

"""An API that is away, comes late, or is none."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from cli.failures import WrongAddress
from cli.graphql_client import GraphqlClient
from cli.main import app
from cli.ports import free_ports
from tests.api.forwarder import forwarded
from tests.cli.conftest import Command

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.api.client import ApiClient

Json = dict[str, Any]

_NOWHERE = Command("http://127.0.0.1:9")


@asynccontextmanager
async def answering(answer: bytes) -> AsyncGenerator[str]:
    """Lend the address of a server that says the same to everybody."""

    async def answer_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(answer)
        writer.write(head + answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer_all, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_an_api_that_is_away_is_told_with_the_way_to_repeat() -> None:
    approved = await _NOWHERE("approve", "o-1", "--json")
    assert (approved.code, approved.out) == (1, "")
    hint, failure = approved.err.splitlines()
    assert "The same again with --command-id " in hint
    assert failure.startswith("http://127.0.0.1:9/graphql did not answer: ")
    started = await _NOWHERE(*(
        "start",
        "--customer",
        "c",
        "--item",
        "CUP:1:1",
        "--street",
        "1",
        "--city",
        "S",
    ))
    assert started.code == 1
    assert "The same again with --id order-" in started.err
    watched = await _NOWHERE("watch", "o-1")
    assert (watched.code, watched.out) == (1, "")


async def test_an_api_that_comes_a_moment_later_gets_the_same_order_once(
    api: ApiClient, new_order: Json
) -> None:
    [port] = free_ports(1)
    starting = asyncio.create_task(
        Command(f"http://127.0.0.1:{port}")(
            *("start", "--id", new_order["id"], "--customer", new_order["customerId"]),
            *("--item", "CUP:1:1", "--street", "1 Main St", "--city", "Springfield", "--json"),
        )
    )
    await asyncio.sleep(0.3)  # for the first attempt to fail
    async with forwarded(str(api.http.base_url).removeprefix("http://"), port):
        started = await starting
    assert (started.code, started.err) == (0, "")
    assert started.json["order"]["id"] == new_order["id"]


async def test_what_is_no_api_is_told_and_not_asked_again() -> None:
    async with answering(b"<html>") as url:
        ended = await Command(url)("status", "o-1")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"{url}/graphql did not answer as an API: HTTP 200\n"


async def test_what_a_failed_part_of_an_answer_leaves_is_shown() -> None:
    answer = b"""{"data": {"order": {"id": "o-1", "state": "PAID", "total": {"amount": "1.00",
        "currency": "USD"}, "failure": null, "reviewDeadline": null, "availableCommands": []}},
        "errors": [{"message": "The record did not answer."}],
        "extensions": {"degraded": ["record"]}}"""
    async with answering(answer) as url:
        ended = await Command(url)("status", "o-1")
    assert (ended.code, ended.out) == (0, "o-1  PAID  1.00 USD\n")
    assert ended.err.splitlines() == [
        "The record did not answer.",
        "The answer is without what the record knows.",
    ]


async def test_a_text_that_would_command_the_terminal_is_only_shown() -> None:
    async with answering(b'{"data": null, "errors": [{"message": "\\u001b[2Jgone"}]}') as url:
        ended = await Command(url)("status", "o-1")
    assert (ended.code, ended.err) == (1, "\N{REPLACEMENT CHARACTER}[2Jgone\n")


async def test_half_a_character_is_refused_and_not_sent() -> None:
    ended = await _NOWHERE("approve", "o-1", "--note", "\udcff")
    assert (ended.code, ended.out) == (5, "")
    assert "cannot be sent as JSON" in ended.err


async def test_the_address_comes_from_option_environment_or_file(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = ("status", "nobody-started-this")
    for url in (command.url, f"{command.url}/graphql", f"{command.url}/graphql/"):
        assert (await _NOWHERE(*ask, "--url", url)).code == 4
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ORDERS_URL", raising=False)
    (tmp_path / ".env").write_text(f"ORDERS_URL={command.url}\nLOG_LEVEL=WRONG\n")
    found = await asyncio.to_thread(CliRunner().invoke, app, ask)
    assert found.exit_code == 4


async def test_a_password_in_the_address_is_sent_and_never_shown() -> None:
    ended = await Command("http://ada:hunter2@127.0.0.1:9")("status", "o-1")
    assert (ended.code, "hunter2" in ended.err) == (1, False)
    with pytest.raises(WrongAddress):
        GraphqlClient("http://")

"""An API that is away, comes late, or is none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from typer.testing import CliRunner

from cli.client.failures import WrongAddress
from cli.client.graphql_client import GraphqlClient
from cli.main import app
from cli.service.ports import free_ports
from tests.api.forwarder import forwarded
from tests.cli.conftest import Command, answering, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.client import ApiClient

Json = dict[str, Any]

_NOWHERE = Command("http://127.0.0.1:9")


def page(order_id: str, *, more: bool = False) -> bytes:
    """A page of one order."""
    info = {"hasNextPage": more, "endCursor": order_id}
    return orjson.dumps({"data": {"orders": {"nodes": [{"id": order_id}], "pageInfo": info}}})


def command(typename: str) -> bytes:
    result = {"__typename": typename, "command": "APPROVE", "commandId": "a-1", "order": None}
    return orjson.dumps({"data": {"verdict": result}})


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


@pytest.mark.parametrize("code", ["SERVICE_UNAVAILABLE", "TOO_MANY_REQUESTS", "REQUEST_TIMEOUT"])
async def test_what_the_api_has_no_room_or_time_for_is_sent_again(code: str) -> None:
    async with answering(refusal(code), page("o-1", more=True), refusal(code), page("o-2")) as url:
        listed = await Command(url)("list", "--all", "--json")
    assert (listed.code, listed.err) == (0, "")
    assert [order["id"] for order in listed.lines] == ["o-1", "o-2"]


async def test_a_verdict_is_waited_for_while_the_api_has_no_room() -> None:
    verdicts = (command("CommandPending"), refusal("TOO_MANY_REQUESTS"), command("CommandApplied"))
    async with answering(*verdicts) as url:
        ended = await Command(url)("approve", "o-1", "--wait", "30", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.json["__typename"] == "CommandApplied"


async def test_an_api_that_stays_without_room_is_told_with_the_way_to_repeat() -> None:
    async with answering(refusal("TOO_MANY_REQUESTS")) as url:
        ended = await Command(url)("approve", "o-1")
    assert (ended.code, ended.out) == (1, "")
    assert "The same again with --command-id " in ended.err
    assert ended.err.endswith("\nNot now.\n")


async def test_what_the_api_will_never_take_is_not_sent_again() -> None:
    async with answering(refusal("QUERY_LIMIT_EXCEEDED"), page("o-1")) as url:
        ended = await Command(url)("list")
    assert (ended.code, ended.err) == (1, "Not now.\n")


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

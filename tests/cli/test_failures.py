"""Commands whose API is unavailable, busy, or not a GraphQL API."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from typer.testing import CliRunner

from cli.client.failures import InvalidUrl
from cli.client.graphql_client import GraphqlClient
from cli.main import app
from cli.service.ports import free_ports
from tests.support.command_line import Command, answering, refusal
from tests.support.tcp_proxy import proxy_to

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.api_client import ApiClient

Json = dict[str, Any]

_UNAVAILABLE = Command("http://127.0.0.1:9")


def page(order_id: str, *, more: bool = False) -> bytes:
    info = {"hasNextPage": more, "endCursor": order_id}
    return orjson.dumps({"data": {"orders": {"nodes": [{"id": order_id}], "pageInfo": info}}})


def command(typename: str) -> bytes:
    result = {"__typename": typename, "command": "APPROVE", "commandId": "a-1", "order": None}
    return orjson.dumps({"data": {"verdict": result}})


async def test_an_unavailable_api_is_reported_with_the_option_that_makes_a_retry_safe() -> None:
    approved = await _UNAVAILABLE("approve", "o-1", "--json")
    assert (approved.code, approved.out) == (1, "")
    hint, failure = approved.err.splitlines()
    assert "Retry with --command-id " in hint
    assert failure.startswith("http://127.0.0.1:9/graphql did not respond: ")
    assert failure.endswith(". If the API is at another address, set --url or ORDERS_URL.")
    started = await _UNAVAILABLE(*(
        "start",
        "--customer",
        "c",
        "--item",
        "CUP:1:1",
        "--street",
        "1",
        "--city",
        "S",
        "--country",
        "US",
        "--currency",
        "USD",
    ))
    assert started.code == 1
    assert "Retry with --id order-" in started.err
    watched = await _UNAVAILABLE("watch", "o-1")
    assert (watched.code, watched.out) == (1, "")


async def test_an_order_is_started_once_when_the_api_becomes_available_during_retries(
    api: ApiClient, new_order: Json
) -> None:
    [port] = free_ports(1)
    starting = asyncio.create_task(
        Command(f"http://127.0.0.1:{port}")(
            *("start", "--id", new_order["id"], "--customer", new_order["customerId"]),
            *("--item", "CUP:1:1", "--street", "1 Main St", "--city", "Springfield"),
            *("--country", "US", "--currency", "USD", "--json"),
        )
    )
    await asyncio.sleep(0.3)  # for the first attempt to fail
    async with proxy_to(api.address).listening(port):
        started = await starting
    assert (started.code, started.err) == (0, "")
    assert started.json["order"]["id"] == new_order["id"]


@pytest.mark.parametrize("code", ["SERVICE_UNAVAILABLE", "TOO_MANY_REQUESTS", "REQUEST_TIMEOUT"])
async def test_a_query_is_retried_after_a_temporary_error(code: str) -> None:
    async with answering(refusal(code), page("o-1", more=True), refusal(code), page("o-2")) as url:
        listed = await Command(url)("list", "--all", "--json")
    assert (listed.code, listed.err) == (0, "")
    assert [order["id"] for order in listed.lines] == ["o-1", "o-2"]


async def test_waiting_for_a_pending_command_survives_a_busy_api() -> None:
    verdicts = (command("CommandPending"), refusal("TOO_MANY_REQUESTS"), command("CommandApplied"))
    async with answering(*verdicts) as url:
        ended = await Command(url)("approve", "o-1", "--wait", "30", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.json["__typename"] == "CommandApplied"


async def test_an_api_that_stays_busy_is_reported_with_the_option_that_makes_a_retry_safe() -> None:
    async with answering(refusal("TOO_MANY_REQUESTS")) as url:
        ended = await Command(url)("approve", "o-1")
    assert (ended.code, ended.out) == (1, "")
    assert "Retry with --command-id " in ended.err
    assert ended.err.endswith("\nNot now.\n")


async def test_a_permanent_error_is_not_retried() -> None:
    async with answering(refusal("QUERY_LIMIT_EXCEEDED"), page("o-1")) as url:
        ended = await Command(url)("list")
    assert (ended.code, ended.err) == (1, "Not now.\n")


async def test_a_response_that_is_not_graphql_is_reported_and_not_retried() -> None:
    async with answering(b"<html>") as url:
        ended = await Command(url)("status", "o-1")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"{url}/graphql did not return a GraphQL response: HTTP 200\n"


async def test_a_partial_result_is_shown_with_warnings() -> None:
    answer = b"""{"data": {"order": {"id": "o-1", "state": "PAID", "total": {"amount": "1.00",
        "currency": "USD"}, "failure": null, "reviewDeadline": null, "availableCommands": []}},
        "errors": [{"message": "Postgres did not respond. Retry."}],
        "extensions": {"degraded": ["record"]}}"""
    async with answering(answer) as url:
        ended = await Command(url)("status", "o-1")
    assert (ended.code, ended.out) == (0, "o-1  PAID  1.00 USD\n")
    assert ended.err.splitlines() == [
        "Postgres did not respond. Retry.",
        "Incomplete result: data from the record is missing.",
    ]


async def test_control_characters_from_the_api_do_not_reach_the_terminal() -> None:
    async with answering(b'{"data": null, "errors": [{"message": "\\u001b[2Jgone"}]}') as url:
        ended = await Command(url)("status", "o-1")
    assert (ended.code, ended.err) == (1, "\N{REPLACEMENT CHARACTER}[2Jgone\n")


async def test_an_argument_that_is_not_valid_unicode_is_refused_before_sending() -> None:
    ended = await _UNAVAILABLE("approve", "o-1", "--note", "\udcff")
    assert (ended.code, ended.out) == (5, "")
    assert "cannot be encoded as JSON" in ended.err


async def test_the_url_comes_from_the_option_the_environment_or_the_env_file(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("status", "nobody-started-this")
    for url in (command.url, f"{command.url}/graphql", f"{command.url}/graphql/"):
        assert (await _UNAVAILABLE(*arguments, "--url", url)).code == 4
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ORDERS_URL", raising=False)
    (tmp_path / ".env").write_text(f"ORDERS_URL={command.url}\nLOG_LEVEL=WRONG\n")
    found = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert found.exit_code == 4


async def test_a_password_in_the_url_is_never_shown() -> None:
    ended = await Command("http://ada:hunter2@127.0.0.1:9")("status", "o-1")
    assert (ended.code, "hunter2" in ended.err) == (1, False)
    with pytest.raises(InvalidUrl):
        GraphqlClient("http://")

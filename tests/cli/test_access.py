"""``orders keys`` and ``orders token``, and the token that client commands send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gql.access.authenticator import Authenticator
from gql.access.settings import AccessSettings
from persistence.api_keys import PostgresApiKeys
from tests.support.api_app import make_app
from tests.support.api_client import served
from tests.support.command_line import Command, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient


pytestmark = pytest.mark.usefixtures("restored_logging")


@pytest.fixture
async def closed(engine: AsyncEngine, orders: OrderClient) -> AsyncIterator[Command]:
    """A command that calls an API in development that rejects callers without a token."""
    access = AccessSettings(None, None, "customer_id", is_production=False)
    authenticator = Authenticator(access, PostgresApiKeys(engine), is_open=False)
    async with served(make_app(engine, orders, authenticator=authenticator)) as api:
        yield Command(str(api.http.base_url))


async def test_a_created_key_is_accepted_until_it_is_revoked(
    closed: Command, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = await run(
        *(
            "keys",
            "create",
            "warehouse",
            "--scope",
            "orders:read",
            "--scope",
            "customers:read",
            "--days",
            "1",
        ),
        DATABASE_URL=database_url,
    )
    assert created.code == 0, created.err
    monkeypatch.setenv("ORDERS_TOKEN", created.out.strip())
    assert (await closed("list")).code == 0

    [line] = [
        line
        for line in (await run("keys", "list", DATABASE_URL=database_url)).out.splitlines()
        if line.split()[0] in created.err
    ]
    assert "warehouse  customers:read,orders:read  created" in line
    assert "last used never" not in line
    assert created.out.strip() not in line

    key_id = line.split()[0]
    revoked = await run("keys", "revoke", key_id, DATABASE_URL=database_url)
    assert (revoked.code, revoked.out) == (0, f"Revoked API key {key_id}.\n")
    unknown = await run("keys", "revoke", "none", DATABASE_URL=database_url)
    assert unknown.code == 1
    assert unknown.err == "There is no API key none. List them with `orders keys list`.\n"


@pytest.mark.parametrize("command", [["list"], ["watch", "order-1"], ["wait", "order-1"]])
async def test_without_a_token_a_client_command_says_what_is_missing(
    closed: Command, command: list[str]
) -> None:
    ended = await closed(*command)
    assert ended.code == 7
    assert ended.err.splitlines()[-1] == "Set ORDERS_TOKEN to an API key or an access token."


async def test_a_token_for_development_is_read_from_a_file(
    closed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = await run("token", "--scope", "orders:read", "--scope", "customers:read")
    assert printed.code == 0, printed.err
    file = tmp_path / "token"
    file.write_text(printed.out)
    monkeypatch.setenv("ORDERS_TOKEN_FILE", str(file))
    assert (await closed("list")).code == 0
    assert (await closed("watch", "no-such-order")).code == 4

    file.write_text("expired")
    assert (await closed("list")).code == 7
    file.unlink()
    ended = await closed("list")
    assert (ended.code, "cannot be read" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        (["token", "--scope", "orders:everything"], {}),
        (["token", "--scope", "orders:own"], {}),
        (["token", "--scope", "orders:read", "--customer", "ada"], {}),
        (["token"], {"ENVIRONMENT": "production", "DB_PASSWORD": "long-and-private"}),
        (["keys", "create", "x", "--scope", "orders:own"], {}),
    ],
)
async def test_invalid_options_are_usage_errors(
    arguments: list[str],
    settings: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (await run(*arguments, **settings)).code == 2
    assert not (tmp_path / ".orders").exists()

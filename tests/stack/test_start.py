"""Commands that cannot start: taken ports, invalid settings, unavailable servers.

They run in this process, which saves the imports of each, except for ``orders dev``, which handles
signals.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from cli.service.ports import free_ports
from tests.support.command_line import run

if TYPE_CHECKING:
    from tests.stack.conftest import Orders

pytestmark = pytest.mark.usefixtures("restored_logging", "without_settings")

_SERVICES = pytest.mark.parametrize(
    "command",
    [
        ["api"],
        ["worker", "--queue", "order"],
        ["worker", "--queue", "shipping"],
    ],
    ids=" ".join,
)


async def test_dev_names_every_taken_port_and_starts_nothing(
    orders: Orders, ports: dict[str, str]
) -> None:
    with (
        socket.create_server(("127.0.0.1", int(ports["PORT"]))),
        socket.create_server(("127.0.0.1", int(ports["TEMPORAL_UI_PORT"]))),
    ):
        ended = await orders.run("dev", **ports)

    assert ended.code == 1
    assert f"Port {ports['PORT']} on 127.0.0.1, needed by the API, is not available" in ended.output
    assert "Set PORT to another port" in ended.output
    assert "Set TEMPORAL_UI_PORT to another port" in ended.output
    assert "Set TEMPORAL_PORT" not in ended.output
    assert not (orders.folder / ".orders").exists()


@pytest.mark.parametrize("command", [["dev"], ["migrate"], ["api"]], ids=" ".join)
async def test_all_invalid_settings_are_named_and_nothing_starts(command: list[str]) -> None:
    ended = await run(
        *command, PORT="high", REVIEW_TIMEOUT="soon", FAULT_HANG_RATE="2", DB_PORT="none"
    )

    assert ended.code == 2
    for name in ("PORT", "REVIEW_TIMEOUT", "FAULT_HANG_RATE", "DB_PORT"):
        assert f"\n{name}: " in ended.err


@_SERVICES
async def test_a_service_without_postgres_reports_it_and_exits(
    command: list[str], ports: dict[str, str]
) -> None:
    [port] = free_ports(1)

    ended = await run(
        *command, "--startup-timeout", "1", DB_HOST="127.0.0.1", DB_PORT=str(port), **ports
    )

    assert ended.code == 1
    assert "Postgres is unavailable" in ended.err
    assert "Gave up after 1 seconds" in ended.err
    assert "Traceback" not in ended.err


@_SERVICES
async def test_a_service_without_temporal_reports_it_and_exits(
    command: list[str], ports: dict[str, str], database_url: str
) -> None:
    address = f"127.0.0.1:{ports['TEMPORAL_PORT']}"
    settings = {**ports, "DATABASE_URL": database_url, "TEMPORAL_ADDRESS": address}

    ended = await run(*command, "--startup-timeout", "1", **settings)

    assert ended.code == 1
    assert f"Temporal at {address} is unavailable" in ended.err
    assert "Traceback" not in ended.err


async def test_migrations_wait_for_postgres_and_exit_after_the_time_limit() -> None:
    [port] = free_ports(1)

    ended = await run("migrate", "--startup-timeout", "1", DB_PORT=str(port))

    assert ended.code == 1
    assert "\nPostgres is unavailable: [Errno " in ended.err


async def test_migrations_and_search_attributes_are_safe_to_repeat(
    database_url: str, temporal_address: str
) -> None:
    servers = {"DATABASE_URL": database_url, "TEMPORAL_ADDRESS": temporal_address}

    assert (await run("migrate", **servers)).code == 0
    assert (await run("search-attributes", **servers)).code == 0


async def test_the_tools_say_that_nothing_runs() -> None:
    no_server = await run("psql")
    no_logs = await run("logs")

    assert (no_server.code, no_logs.code) == (1, 1)
    assert "No Postgres is running in" in no_server.err
    assert "There are no logs in" in no_logs.err

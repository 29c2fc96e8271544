"""The shell examples of the documentation, and the tools, while one ``orders dev`` runs."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.stack.conftest import Orders, free_service_ports, orders_in_temporary_folder

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


ROOT = Path(__file__).parents[2]
ADDRESS = "http://127.0.0.1:8000"

EXPECTED = {
    "README.md": [
        [],  # make demo
        [],  # make dev
        ['"__typename":"CustomerSaved"', '"replayed":false', '"total":{"amount":"49.80"}'],
        ["APPROVE applied", "ORDER_COMPLETED"],
    ],
    # Follows the order of README.md.
    "docs/api.md": [
        ["event: next", '"orderEvents":{"sequence":1,"type":"ORDER_RECEIVED"', "event: complete"],
    ],
    "docs/command-line.md": [
        [],
        [
            "Customer  grace",
            "Started:\ncups-1  PLACED  68.00 USD",
            "available commands: approve, reject, cancel",
        ],
        ["Sample values: ", "PLACED  10.00 USD", "PLACED  5.00 USD"],
        ["UPDATE_ADDRESS applied", "(command ID approve-cups-1)", "cups-1  COMPLETED  68.00 USD"],
        ["Started:\ncups-2  PLACED  68.00 USD", "APPROVE applied", "ORDER_COMPLETED"],
        ["PAYMENT_CHARGED", "\n2\n"],
        [
            "started 10, replayed 0, refused 0, failed 0",
            "started 0, replayed 10, refused 0, failed 0",
        ],
        ["ORDER_COMPLETED", "OrderWorkflow", "order-worker  {"],
        ["bulk-10  ", "50.00 USD", "APPROVE applied", "bulk-1  "],
    ],
}


def examples(document: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


async def paste(shell_text: str, folder: Path, ports: dict[str, str]) -> str:
    """Run text in a shell, with the stack at these ports, and return the output."""
    settings = {
        **ports,
        "ORDERS_URL": f"http://127.0.0.1:{ports['PORT']}/graphql",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    shell = await asyncio.create_subprocess_exec(
        *("bash", "-eu", "-o", "pipefail", "-c", shell_text),
        cwd=folder,
        env={**os.environ, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await shell.communicate()
    assert shell.returncode == 0, printed.decode()
    return printed.decode()


@dataclass(frozen=True)
class Dev:
    orders: Orders
    ports: dict[str, str]


@pytest.fixture(scope="module")
async def dev() -> AsyncGenerator[Dev]:
    """An ``orders dev`` that runs until these tests have ended."""
    with orders_in_temporary_folder() as orders:
        ports = free_service_ports()
        async with orders.running("dev", **ports) as stack:
            await stack.prints("Ctrl-C")
            (orders.folder / "examples").symlink_to(ROOT / "examples")
            yield Dev(orders, ports)


@pytest.mark.parametrize("document", EXPECTED)
async def test_the_shell_examples_of_a_document_work(document: str, dev: Dev) -> None:
    defined = ""
    for example, expected in zip(examples(document), EXPECTED[document], strict=True):
        if example.startswith("make "):
            continue
        here = example.replace(ADDRESS, f"http://127.0.0.1:{dev.ports['PORT']}")
        if here.startswith("export "):
            defined = here
            continue
        printed = await paste(f"{defined}\n{here}", dev.orders.folder, dev.ports)
        for text in expected:
            assert text in printed, here


async def test_the_tools_open_what_orders_dev_runs(dev: Dev) -> None:
    orders, url = dev.orders, f"http://127.0.0.1:{dev.ports['PORT']}"
    # Other tests start orders on this stack, but none of this customer.
    query = "SELECT 'orders', count(*) FROM orders WHERE customer_id = 'nobody'"
    counted = await orders.run("psql", "-At", "-c", query)
    listed = await orders.run("temporal", "schedule", "list", **dev.ports)
    failed = await orders.run("temporal", "no-such-command", **dev.ports)
    async with orders.running("logs", "--service", "api", "--follow", "--tail", "1") as logs:
        await logs.prints("api  ")
        logs.written = ""
        await orders.run("status", "no-such-order", ORDERS_URL=url)
        await logs.prints("/graphql")
        followed = logs.written
    printed = await orders.run("logs", "--tail", "3")
    unknown = await orders.run("logs", "--service", "web")

    assert (counted.code, counted.output) == (0, "orders|0\n")
    assert listed.code == 0
    assert "reconcile-orders" in listed.output
    assert failed.code == 1
    assert {line.split("  ")[0] for line in followed.splitlines()} == {"api"}
    services = [line.split()[0] for line in printed.output.splitlines()]
    assert {"api", "order-worker", "shipping-worker"} <= set(services)
    assert max(map(services.count, services)) <= 3
    assert unknown.code == 2
    assert "order-worker" in unknown.output

"""The shell examples of the documentation work as they stand while ``orders dev`` runs."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.stack.conftest import Orders

ROOT = Path(__file__).parents[2]
ADDRESS = "http://127.0.0.1:8000"

EXPECTED = {
    "README.md": [
        [],  # make demo
        [],  # make dev
        ['"__typename":"CustomerSaved"', '"replayed":false', '"total":{"amount":"49.80"}'],
        ["APPROVE applied", "ORDER_COMPLETED"],
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


@pytest.mark.parametrize("document", EXPECTED)
async def test_the_shell_examples_of_a_document_work(
    document: str, orders: Orders, ports: dict[str, str]
) -> None:
    async with orders.running("dev", **ports) as stack:
        await stack.prints("Ctrl-C")
        (orders.folder / "examples").symlink_to(ROOT / "examples")
        defined = ""
        for example, expected in zip(examples(document), EXPECTED[document], strict=True):
            if example.startswith("make "):
                continue
            here = example.replace(ADDRESS, f"http://127.0.0.1:{ports['PORT']}")
            if here.startswith("export "):
                defined = here
                continue
            printed = await paste(f"{defined}\n{here}", orders.folder, ports)
            for text in expected:
                assert text in printed, here

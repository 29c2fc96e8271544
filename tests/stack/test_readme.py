"""The README's requests, pasted as they stand."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.stack.conftest import Orders

README = Path(__file__).parents[2] / "README.md"
ADDRESS = "http://127.0.0.1:8000"

EXPECTED = [
    '"__typename":"CustomerSaved"',
    '"replayed":false,"order":{"state":"PLACED","total":{"amount":"49.80","currency":"USD"}}',
    '"availableCommands":["APPROVE","CANCEL","UPDATE_ADDRESS","CANCEL_PAYMENT"]',
    '"__typename":"CommandApplied","replayed":false',
    '"state":"COMPLETED","type":"ORDER_COMPLETED"',
]


def requests() -> list[str]:
    """Return the shell blocks of the section on first requests."""
    section = README.read_text().partition("## First requests")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


async def paste(*blocks: str) -> str:
    """Paste into one shell, and return what it printed."""
    shell = await asyncio.create_subprocess_exec(
        "bash",
        "-eu",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await shell.communicate("\n".join(blocks).encode())
    assert shell.returncode == 0, printed.decode()
    return printed.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are for a Unix shell")
async def test_the_readmes_requests_work_as_they_stand(
    orders: Orders, ports: dict[str, str]
) -> None:
    function, *blocks = [
        block.replace(ADDRESS, f"http://127.0.0.1:{ports['PORT']}") for block in requests()
    ]
    async with orders.running("dev", **ports) as stack:
        await stack.says("Ctrl-C")
        for block, expected in zip(blocks, EXPECTED, strict=True):
            assert expected in await paste(function, block), block

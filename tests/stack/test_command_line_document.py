"""The examples of docs/command-line.md, pasted as they stand."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stack.conftest import Orders

DOCUMENT = Path(__file__).parents[2] / "docs" / "command-line.md"

EXPECTED = [
    [],
    ["Customer  grace", "Started:\ncups-1  PLACED  68.00 USD", "takes approve, cancel"],
    ["UPDATE_ADDRESS is applied", "(command approve-cups-1)", "cups-1  COMPLETED  68.00 USD"],
    ["Started:\ncups-2  PLACED  5.00 USD", "ORDER_COMPLETED", "reviewTimeout PT1S"],
    [
        "started 10, replayed 0, refused 0, failed 0",
        "started 0, replayed 10, refused 0, failed 0",
    ],
    ["bulk-10  ", "50.00 USD", "APPROVE is applied", "bulk-1  "],
]


def examples() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


async def paste(example: str, folder: Path, port: str) -> str:
    """Paste into a shell whose API is at that port, and return what it printed."""
    settings = {
        "ORDERS_URL": f"http://127.0.0.1:{port}/graphql",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    shell = await asyncio.create_subprocess_exec(
        *("bash", "-eu", "-o", "pipefail", "-c", example),
        cwd=folder,
        env={**os.environ, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await shell.communicate()
    assert shell.returncode == 0, printed.decode()
    return printed.decode()


async def test_the_examples_of_the_command_line_work_as_they_stand(
    orders: Orders, ports: dict[str, str], tmp_path: Path
) -> None:
    async with orders.running("dev", **ports) as stack:
        await stack.says("Ctrl-C")
        for example, expected in zip(examples(), EXPECTED, strict=True):
            printed = await paste(example, tmp_path, ports["PORT"])
            assert [text for text in expected if text not in printed] == [], printed

"""What users of other order systems type here, from ``docs/coming-from.md``, on ``orders dev``."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.client.exit_codes import ExitCode
from tests.support.command_line import run
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from tests.stack.conftest import Orders

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/coming-from.md"

# Each command with the words to replace in it, and a part of its output. Users replace ID too.
STEPS: list[tuple[str, dict[str, str], str]] = [
    (
        'orders customer create --id grace --name "Grace Hopper" --email grace@example.org',
        {},
        "Customer  grace",
    ),
    ("orders customer list", {}, "grace@example.org"),
    # REST with workers, and the take-home with a command line
    ("orders start --file examples/order.json --id ID", {"ID": "rest"}, "rest  PLACED  68.00 USD"),
    ("orders update-address ID --file examples/address.json", {"ID": "rest"}, "applied"),
    (
        'orders update-address ID --street "2 Elm St" --city Springfield --country US',
        {"ID": "rest"},
        "applied",
    ),
    (
        (
            "orders update-address ID --street STREET --city CITY --region STATE"
            " --postal-code ZIP --country US"
        ),
        {"ID": "rest", "STREET": "3 Oak St", "CITY": "Salem", "STATE": "IL", "ZIP": "62881"},
        "applied",
    ),
    ("orders status ID", {"ID": "rest"}, "AWAITING_APPROVAL"),
    ("orders approve ID", {"ID": "rest"}, "APPROVE applied"),
    ("orders wait ID --for 60", {"ID": "rest"}, "rest  COMPLETED"),
    ("orders history ID", {"ID": "rest"}, "ORDER_COMPLETED"),
    ("orders describe ID", {"ID": "rest"}, "3 Oak St"),
    ("orders events --type payment_charged --from 2026-01-01", {}, "rest"),
    ("orders events", {}, "ORDER_COMPLETED"),
    ("orders start --file examples/order.json --id ORDER", {"ORDER": "c"}, "c  PLACED  68.00 USD"),
    ("orders cancel ID", {"ID": "c"}, "CANCEL applied"),
    ("orders list --limit N", {"N": "5"}, "c  "),
    (
        "orders start --review timer --review-timeout PT2S …",
        {"…": "--id timer --sample"},
        "timer  PLACED",
    ),
    ("orders wait ID", {"ID": "timer"}, "timer  COMPLETED"),
    # audit log, worker and script
    ("orders start --sample --review none", {}, "PLACED  10.00 USD"),
    (
        'orders psql -c "SELECT sequence, type, at FROM events ORDER BY at"',
        {},
        "PAYMENT_CHARGED",
    ),
    ('orders psql -c "SELECT …"', {"…": "count(*) FROM orders"}, "4"),
    # React dashboard with search
    ("orders start --sample", {}, "PLACED  10.00 USD"),
    (
        "orders start --customer ID --priority high …",
        {"ID": "grace", "…": "--id high --sample --item CUP:4:5.00"},
        "high  PLACED  20.00 USD",
    ),
    (
        "orders list --customer ID --priority high --currency USD --total-from 20 --total-to 300",
        {"ID": "grace"},
        "high  ",
    ),
    ("orders workflows --customer ID --total-from 20", {"ID": "grace"}, "rest  "),
    # delivery lifecycle
    (
        (
            'orders start --customer-name "Grace Hopper" --customer-email grace@example.org'
            ' --item CUP:4:5.00 --currency USD --street "1 Main St" --city Springfield --country US'
        ),
        {},
        "PLACED  20.00 USD",
    ),
    ("orders cancel-payment ID", {"ID": "high"}, "CANCEL_PAYMENT applied"),
    (
        "orders start --delivery-timeout P3D …",
        {"…": "--id delivery --sample --review none"},
        "delivery  PLACED",
    ),
    ("orders demo --url http://127.0.0.1:8000", {}, "State     COMPLETED"),
    ("orders confirm-delivery ID", {"ID": "delivery"}, "CONFIRM_DELIVERY applied"),
]
# Commands that need a process of their own: one becomes psql, the other sets up logging.
_OWN_PROCESS = {"psql", "demo"}
TRIED_ELSEWHERE = {
    "orders COMMAND --json",
    "orders api",
    "orders worker --queue order",
    "orders worker --queue shipping",
    "orders search-attributes",
    "orders psql",
    "orders logs --service api --follow",
    # Visibility lags, so it is tried until it has counted: tests/cli/test_workflows.py.
    "orders workflows --count",
    'orders customer create --name "Grace Hopper" --email grace@example.org',
}


def test_every_command_of_the_document_is_tried() -> None:
    documented = set(re.findall(r"`(orders [^`]*)`", DOCUMENT.read_text(encoding="utf-8")))
    assert documented == {command for command, _, _ in STEPS} | TRIED_ELSEWHERE


async def accepted(
    orders: Orders, command: str, settings: dict[str, str]
) -> tuple[int | None, str]:
    """Return the exit code and output of a command.

    While it is refused, repeat it: the order may not have reached the state for it.
    """
    _, *arguments = shlex.split(command)

    async def ended() -> tuple[int | None, str] | None:
        if arguments[0] in _OWN_PROCESS:
            process = await orders.run(*arguments, **settings)
            return process.code, process.output
        result = await run(*arguments, **settings)
        return None if result.code == ExitCode.REFUSED else (result.code, result.out + result.err)

    return await wait_until(ended)


@pytest.mark.usefixtures("without_settings")
async def test_the_commands_for_users_of_other_systems_work(
    orders: Orders, ports: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{ports['PORT']}"
    (orders.folder / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(orders.folder)
    async with orders.running("dev", **ports) as dev:
        await dev.prints("Ctrl-C")
        for documented, words, expected in STEPS:
            command = documented.replace("http://127.0.0.1:8000", url)
            for word, value in words.items():
                quoted = value if word == "…" else shlex.quote(value)
                command = re.sub(rf"(?<!\S){word}(?!\w)", quoted, command)
            code, output = await accepted(orders, command, {"ORDERS_URL": url, **ports})
            assert code == 0, (command, output)
            assert expected in output, (command, output)

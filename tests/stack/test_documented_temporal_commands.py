"""The commands of Temporal's own tools in the documentation do what it says, on ``orders dev``.

They run as ``orders temporal …``, which finds the program and the server.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.stack.test_documented_commands import examples, paste
from tests.support import command_line
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from tests.stack.conftest import Orders, Running

ROOT = Path(__file__).parents[2]
_TIMEOUT = 120


def documented() -> set[str]:
    """Return the commands of the operator's guide and of the page on troubleshooting."""
    lines = [
        line
        for example in examples("docs/operations.md")
        for line in example.splitlines()
        if line.startswith("temporal ")
    ]
    text = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    lines += [f"temporal {found}" for found in re.findall(r"`orders temporal ([^`]+)`", text)]
    return {re.sub(r" +", " ", line.partition("  #")[0]).strip() for line in lines}


class Stack:
    """A running ``orders dev``, and the documented commands that have not been tried on it."""

    def __init__(self, orders: Orders, ports: dict[str, str]) -> None:
        self.orders = orders
        self.ports = ports
        self.untried = documented()

    async def run(self, *arguments: str) -> str:
        """Run a command that becomes the ``temporal`` program."""
        ended = await self.orders.run(*arguments, **self.ports)
        assert ended.code == 0, ended.output
        return ended.output

    async def ask(self, *arguments: str) -> str:
        """Run a command that asks the API."""
        url = f"http://127.0.0.1:{self.ports['PORT']}"
        ended = await command_line.run(*arguments, ORDERS_URL=url)
        assert ended.code in {0, 10, 12}, ended.err  # 10 and 12 are ends of orders
        return ended.out

    async def start(self, order_id: str, *options: str) -> None:
        await self.ask("start", "--sample", "--id", order_id, *options)

    async def state(self, order_id: str) -> str:
        status: dict[str, str] = json.loads(await self.ask("status", order_id, "--json"))
        return status["state"]

    async def until_state(self, order_id: str, state: str) -> None:
        async def reached() -> bool:
            return await self.state(order_id) == state

        await wait_until(reached, timeout=_TIMEOUT)

    async def temporal(self, command: str, order_id: str = "order-1") -> str:
        """Run a documented command on another order than that of the documentation."""
        self.untried.remove(command)
        return await self.run(*shlex.split(command.replace("order-1", order_id)))

    async def until_listed(self, command: str, order_id: str) -> str:
        """Repeat a search, which lags, until it shows the order. Returns what it printed."""
        self.untried.remove(command)

        async def listed() -> str | None:
            printed = await self.run(*shlex.split(command))
            return printed if order_id in printed else None

        return await wait_until(listed, timeout=_TIMEOUT)

    async def last_task_before(self, order_id: str, attributes: str) -> str:
        """Return the event ID of the last completed workflow task before such an event."""
        shown = await self.run(
            "temporal", "workflow", "show", "--workflow-id", order_id, "--output", "json"
        )
        last = ""
        for event in json.loads(shown)["events"]:
            if attributes in event:
                return last
            if "workflowTaskCompletedEventAttributes" in event:
                last = event["eventId"]
        raise AssertionError(shown)


@pytest.mark.usefixtures("without_settings")
async def test_the_documented_commands_of_temporal_do_what_they_say(
    orders: Orders, ports: dict[str, str]
) -> None:
    async with orders.running("dev", **ports) as dev:
        await dev.prints("Ctrl-C")
        stack = Stack(orders, ports)
        await _signal_query_and_cancel(stack)
        await _find_ended_orders(stack)
        await _continue_terminated_orders(stack)
        await _look_at_workers(stack)
        await _repair_all(orders, ports, dev)
        assert stack.untried == set()


async def _signal_query_and_cancel(stack: Stack) -> None:
    await stack.start("signalled", "--review", "manual")
    await stack.temporal(
        "temporal workflow signal --workflow-id order-1 --name approve_order"
        """ --input '{"note": "by hand"}'""",
        "signalled",
    )
    await stack.until_state("signalled", "COMPLETED")
    assert "by hand" in await stack.ask("history", "signalled", "--json")
    printed = await stack.temporal(
        "temporal workflow query --workflow-id order-1 --type status", "signalled"
    )
    assert '"step":"ended"' in printed.replace(" ", "")
    assert '"state":"COMPLETED"' in printed.replace(" ", "")

    await stack.start("cancelled", "--review", "manual")
    await stack.temporal("temporal workflow cancel --workflow-id order-1", "cancelled")
    await stack.until_state("cancelled", "CANCELLED")


async def _find_ended_orders(stack: Stack) -> None:
    search = """temporal workflow list --query 'WorkflowType="OrderWorkflow" AND """
    cancelled = await stack.until_listed(f"""{search}OrderState="CANCELLED"'""", "cancelled")
    assert "signalled" not in cancelled

    await stack.start("declined", "--review", "none", "--payment-id", "decline-1")
    await stack.until_state("declined", "FAILED")
    failed = await stack.until_listed(f"""{search}ExecutionStatus="Failed"'""", "declined")
    assert "signalled" not in failed
    shown = await stack.temporal("temporal workflow show --workflow-id order-1", "declined")
    assert "card declined" in shown.partition("Result")[2]


async def _continue_terminated_orders(stack: Stack) -> None:
    terminate = ("temporal", "workflow", "terminate", "--workflow-id")
    await stack.start("in-review", "--review", "manual")
    await stack.until_state("in-review", "AWAITING_APPROVAL")
    await stack.run(*terminate, "in-review")
    await stack.temporal(
        "temporal workflow reset --workflow-id order-1 --type LastWorkflowTask"
        ' --reason "terminated by mistake"',
        "in-review",
    )
    await stack.ask("approve", "in-review", "--wait", "60")
    await stack.until_state("in-review", "COMPLETED")

    shipping = ("--item", "DISPATCH-FAILS-ONCE:1:5.00", "--shipping-retry-delay", "PT1H")
    await stack.start("shipping", "--review", "none", *shipping)
    await stack.until_state("shipping", "SHIPPING")
    await stack.run(*terminate, "shipping")
    task = await stack.last_task_before(
        "shipping", "startChildWorkflowExecutionInitiatedEventAttributes"
    )
    command = (
        "temporal workflow reset --workflow-id order-1 --event-id 28"
        ' --reason "terminated by mistake"'
    )
    stack.untried.remove(command)
    await stack.run(*shlex.split(command.replace("order-1", "shipping").replace("28", task)))
    await stack.ask("cancel-payment", "shipping", "--wait", "60")
    await stack.until_state("shipping", "CANCELLED")


async def _look_at_workers(stack: Stack) -> None:
    described = await stack.temporal("temporal task-queue describe --task-queue order-tq")
    assert {"workflow", "activity"} <= set(described.split())
    stuck = await stack.temporal(
        "temporal workflow list --query 'TemporalReportedProblems IN"
        """ ("category=WorkflowTaskFailed", "category=WorkflowTaskTimedOut")'"""
    )
    assert "OrderWorkflow" not in stuck


async def _repair_all(orders: Orders, ports: dict[str, str], dev: Running) -> None:
    """Lose the record of all orders, as by a restored backup, and write it again."""
    lost = (
        "ALTER TABLE events DISABLE TRIGGER events_append_only; TRUNCATE orders CASCADE;"
        "ALTER TABLE events ENABLE TRIGGER events_append_only"
    )
    assert (await orders.run("psql", "-c", lost)).code == 0
    [example] = [text for text in examples("docs/operations.md") if "xargs orders repair" in text]
    [database_url] = re.findall(r"Postgres +(\S+)", dev.written)
    settings = {
        **ports,
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": f"127.0.0.1:{ports['TEMPORAL_PORT']}",
    }
    printed = await paste(example, orders.folder, settings)
    states = {"signalled": "COMPLETED", "cancelled": "CANCELLED", "declined": "FAILED"}
    for order_id, state in states.items():
        assert f"Order {order_id} is {state}." in printed

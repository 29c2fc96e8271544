"""``orders demo --url``: one order on a stack that runs already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.command_line import Command

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

_EVENTS = ["ORDER_RECEIVED", "ORDER_APPROVED", "PAYMENT_CHARGED", "ORDER_COMPLETED"]


@pytest.mark.usefixtures("workers")
async def test_the_demo_completes_an_order_on_a_running_stack_each_time(
    command: Command, api: ApiClient
) -> None:
    for _ in range(2):
        demo = await command("demo", "--url", command.url)
        assert (demo.code, demo.err) == (0, "")
        positions = [demo.out.index(event) for event in _EVENTS]
        assert positions == sorted(positions)
        assert "State     COMPLETED\nPayment   CHARGED, 73.00 USD\nTracking  TRK-" in demo.out
        order_id = demo.out.split()[1].removesuffix(":")
        order = await api.order(order_id)
        assert order is not None
        assert order["state"] == "COMPLETED"


async def test_the_demo_says_why_it_cannot_reach_an_api() -> None:
    demo = await Command("unused")("demo", "--url", "http://127.0.0.1:1")

    assert demo.code == 1
    assert "http://127.0.0.1:1" in demo.err

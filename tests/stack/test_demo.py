"""``orders demo``: starts a stack of its own, completes one order, and stops everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from tests.stack.conftest import Orders


async def test_the_demo_completes_an_order_on_a_stack_of_its_own(orders: Orders) -> None:
    async with orders.running("demo") as demo:
        await demo.prints("ORDER_RECEIVED")
        children = demo.children().values()
        await demo.prints("ORDER_COMPLETED")
        ended = await demo.ended()

    assert ended.code == 0
    assert "State     COMPLETED\nPayment   CHARGED, 73.00 USD\nTracking  TRK-" in ended.output
    assert len(children) == 5
    assert not any(psutil.pid_exists(child.pid) for child in children)

"""``orders demo``: starts a stack of its own, completes one order, and stops everything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from tests.stack.conftest import Orders

_EVENT = re.compile(r"^\d\d:\d\d:\d\d\.\d{3}  (\w+) +(\w+) ", re.MULTILINE)
_EVENTS = [
    ("RECEIVED", "ORDER_RECEIVED"),
    ("VALIDATED", "ORDER_VALIDATED"),
    ("AWAITING_APPROVAL", "REVIEW_STARTED"),
    ("APPROVED", "ORDER_APPROVED"),
    ("PAID", "PAYMENT_CHARGED"),
    ("SHIPPING", "SHIPPING_STARTED"),
    ("PACKAGE_PREPARED", "PACKAGE_PREPARED"),
    ("CARRIER_DISPATCHED", "CARRIER_DISPATCHED"),
    ("SHIPPED", "ORDER_SHIPPED"),
    ("COMPLETED", "ORDER_COMPLETED"),
]


async def test_the_demo_completes_an_order_although_two_thirds_of_all_external_calls_fail_or_hang(
    orders: Orders,
) -> None:
    async with orders.running("demo", FAULT_ERROR_RATE="0.33", FAULT_HANG_RATE="0.34") as demo:
        await demo.prints("ORDER_RECEIVED")
        children = demo.children().values()
        await demo.prints("ORDER_COMPLETED")
        ended = await demo.ended()

    assert ended.code == 0
    assert _EVENT.findall(ended.output) == _EVENTS
    assert "State     COMPLETED\nPayment   CHARGED, 73.00 USD\nTracking  TRK-" in ended.output
    assert len(children) == 5
    assert not any(psutil.pid_exists(child.pid) for child in children)

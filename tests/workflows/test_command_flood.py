"""A flood of commands neither blocks an order nor keeps it from being approved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from orchestration.domain.commands import (
    MAX_COMMANDS,
    ApproveOrder,
    CancelOrder,
    Command,
    ConfirmDelivery,
    Verdict,
)
from orchestration.domain.states import EventType, OrderState
from tests.support.orders import make_order

if TYPE_CHECKING:
    from orchestration.client import OrderClient
    from tests.support.shop import Shop

FLOOD = 20_000
SIGNALED = "workflow_execution_signaled_event_attributes"


async def flood(orders: OrderClient, order_id: str, commands: list[Command]) -> list[object]:
    return await asyncio.gather(*(orders.send(order_id, command) for command in commands))


async def test_an_order_flooded_with_20000_commands_is_approved_and_completes_once(
    shop: Shop,
) -> None:
    order = make_order(delivery_timeout=3600, review_timeout=None)
    await shop.start_in_review(order)
    orders = shop.orders
    answers = await flood(
        orders, order.id, [ConfirmDelivery(command_id=f"early-{n}") for n in range(FLOOD)]
    )
    assert all(isinstance(answer, Verdict) and not answer.applied for answer in answers)
    assert await shop.history_events(order.id, SIGNALED) <= MAX_COMMANDS

    # A repeated command has its first verdict, and a command that can be applied is sent.
    first = await orders.send(order.id, ConfirmDelivery(command_id="early-0", nonce="again"))
    assert isinstance(first, Verdict)
    assert first.nonce is None
    approval = await orders.send(order.id, ApproveOrder(command_id="yes"))
    assert isinstance(approval, Verdict)
    assert approval.applied
    await shop.until_state(order.id, OrderState.SHIPPED)
    confirmation = await orders.send(order.id, ConfirmDelivery(command_id="arrived"))
    assert isinstance(confirmation, Verdict)
    assert confirmation.applied
    assert await shop.end(order.id) == (OrderState.COMPLETED, None)
    types = await shop.types(order.id)
    assert types.count(EventType.PAYMENT_CHARGED) == types.count(EventType.SHIPPING_STARTED) == 1
    await shop.snapshot_on_both_sides(order.id)


async def test_a_flood_of_contradicting_commands_applies_one_and_sends_few(shop: Shop) -> None:
    order = make_order()
    await shop.start_in_review(order)
    commands: list[Command] = []
    for n in range(1_500):
        commands += [ApproveOrder(command_id=f"yes-{n}"), CancelOrder(command_id=f"no-{n}")]
    answers = await flood(shop.orders, order.id, commands)
    assert sum(isinstance(answer, Verdict) and answer.applied for answer in answers) == 1
    # Each check may let as many commands through as are checked at a time.
    assert await shop.history_events(order.id, SIGNALED) <= MAX_COMMANDS + 100


async def test_a_flood_without_a_worker_stores_a_limited_number_of_commands(
    shop_without_workers: Shop,
) -> None:
    shop = shop_without_workers
    order = make_order()
    await shop.start(order)
    orders = shop.orders_with_timeout(0.5)
    for batch in range(8):  # twice as many commands as the order takes
        cancels = (CancelOrder(command_id=f"no-{batch}-{n}") for n in range(MAX_COMMANDS // 4))
        await asyncio.gather(
            *(orders.send(order.id, cancel) for cancel in cancels), return_exceptions=True
        )
    assert await shop.history_events(order.id, SIGNALED) <= MAX_COMMANDS

"""A new address counts until shipping starts, and the package goes there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestration.domain.commands import ApproveOrder, UpdateAddress
from orchestration.domain.order import ReviewMode
from orchestration.domain.states import EventType, OrderState
from tests.support.orders import ADDRESS, make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop

ELSEWHERE = replace(ADDRESS, street="2 Side St")
MOVE = UpdateAddress(command_id="move", address=ELSEWHERE)


async def packed_for(shop: Shop, order_id: str) -> bytes:
    """Return what the shipping workflow was started with."""
    history = await shop.client.get_workflow_handle(f"{order_id}/shipping/1").fetch_history()
    started = history.events[0].workflow_execution_started_event_attributes
    return started.input.payloads[0].data


async def test_a_change_before_the_review_counts(closed_shop: Shop) -> None:
    order_id = await closed_shop.start(make_order(review_mode=ReviewMode.NONE))
    await closed_shop.client.get_workflow_handle(order_id).signal("update_address", MOVE)
    async with closed_shop.working("order", "shipping"):
        await closed_shop.end(order_id)
    assert (await closed_shop.types(order_id))[0] is EventType.ADDRESS_UPDATED
    assert b"2 Side St" in await packed_for(closed_shop, order_id)


async def test_a_change_during_the_review_is_written_at_once(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order())
    await shop.apply(order_id, MOVE)
    await shop.until_state(order_id, OrderState.AWAITING_APPROVAL)
    assert (await shop.stored(order_id)).snapshot.shipping_address == ELSEWHERE
    event = (await shop.events(order_id))[-1]
    assert event.type is EventType.ADDRESS_UPDATED
    assert event.command_id == "move"
    assert event.payload["old"]["street"] == "1 Main St"
    assert event.payload["new"]["street"] == "2 Side St"
    await shop.apply(order_id, ApproveOrder(command_id="go"))
    await shop.end(order_id)
    assert b"2 Side St" in await packed_for(shop, order_id)


async def test_a_change_while_the_charge_is_retried_counts(shop: Shop) -> None:
    broken = shop.broken(error_rate=1)
    order_id = make_order().id
    async with broken.working("order"):
        await broken.start(make_order(id=order_id, review_mode=ReviewMode.NONE))
        await broken.until_pending(order_id, "charge_payment", attempt=3)
        await broken.apply(order_id, MOVE)
        await broken.until_state(order_id, OrderState.APPROVED)
        assert (await broken.stored(order_id)).snapshot.shipping_address == ELSEWHERE
    async with broken.mended().working("order", "shipping"):
        assert await broken.end(order_id) == (OrderState.COMPLETED, None)
    assert b"2 Side St" in await packed_for(broken, order_id)


async def test_once_shipping_has_started_it_is_refused(closed_shop: Shop) -> None:
    async with closed_shop.working("order"):
        order_id = await closed_shop.start(make_order(review_mode=ReviewMode.NONE))
        await closed_shop.until_state(order_id, OrderState.SHIPPING)
        assert await closed_shop.refusal(order_id, MOVE) is OrderState.SHIPPING

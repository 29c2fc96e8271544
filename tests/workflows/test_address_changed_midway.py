"""The shipping address can be changed until shipping starts, and the package is sent there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestration.domain.commands import ApproveOrder, UpdateAddress
from orchestration.domain.order import ReviewMode
from orchestration.domain.states import EventType, OrderState
from tests.support.orders import ADDRESS, make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop

NEW_ADDRESS = replace(ADDRESS, street="2 Side St")
UPDATE_ADDRESS = UpdateAddress(command_id="move", address=NEW_ADDRESS)


async def shipping_input(shop: Shop, order_id: str) -> bytes:
    """Return the JSON input of the order's first shipping workflow."""
    history = await shop.client.get_workflow_handle(f"{order_id}/shipping/1").fetch_history()
    started = history.events[0].workflow_execution_started_event_attributes
    return started.input.payloads[0].data


async def test_an_address_changed_before_the_review_is_shipped_to(
    shop_without_workers: Shop,
) -> None:
    order_id = await shop_without_workers.start(make_order(review_mode=ReviewMode.NONE))
    await shop_without_workers.client.get_workflow_handle(order_id).signal(
        "update_address", UPDATE_ADDRESS
    )
    async with shop_without_workers.working("order", "shipping"):
        await shop_without_workers.end(order_id)
    assert (await shop_without_workers.types(order_id))[0] is EventType.ADDRESS_UPDATED
    assert b"2 Side St" in await shipping_input(shop_without_workers, order_id)


async def test_an_address_change_during_the_review_is_recorded_immediately(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order())
    await shop.apply(order_id, UPDATE_ADDRESS)
    await shop.until_state(order_id, OrderState.AWAITING_APPROVAL)
    assert (await shop.stored(order_id)).snapshot.shipping_address == NEW_ADDRESS
    event = (await shop.events(order_id))[-1]
    assert event.type is EventType.ADDRESS_UPDATED
    assert event.command_id == "move"
    assert event.payload["old"]["street"] == "1 Main St"
    assert event.payload["new"]["street"] == "2 Side St"
    await shop.apply(order_id, ApproveOrder(command_id="go"))
    await shop.end(order_id)
    assert b"2 Side St" in await shipping_input(shop, order_id)


async def test_an_address_changed_while_the_charge_is_retried_is_shipped_to(shop: Shop) -> None:
    faulty = shop.with_faults(error_rate=1)
    order_id = make_order().id
    async with faulty.working("order"):
        await faulty.start(make_order(id=order_id, review_mode=ReviewMode.NONE))
        await faulty.until_pending(order_id, "charge_payment", attempt=3)
        await faulty.apply(order_id, UPDATE_ADDRESS)
        await faulty.until_state(order_id, OrderState.APPROVED)
        assert (await faulty.stored(order_id)).snapshot.shipping_address == NEW_ADDRESS
    async with faulty.without_faults().working("order", "shipping"):
        assert await faulty.end(order_id) == (OrderState.COMPLETED, None)
    assert b"2 Side St" in await shipping_input(faulty, order_id)


async def test_an_address_change_after_shipping_has_started_is_refused(
    shop_without_workers: Shop,
) -> None:
    async with shop_without_workers.working("order"):
        order_id = await shop_without_workers.start(make_order(review_mode=ReviewMode.NONE))
        await shop_without_workers.until_state(order_id, OrderState.SHIPPING)
        assert await shop_without_workers.refusal(order_id, UPDATE_ADDRESS) is OrderState.SHIPPING

"""The largest order that validation allows stays far from Temporal's limits for histories."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestration.domain.commands import MAX_ADDRESS_UPDATES, ApproveOrder, UpdateAddress
from orchestration.domain.order import Address, FailureCode, LineItem, PaymentStatus
from orchestration.domain.states import OrderState
from orchestration.domain.validation import (
    MAX_ITEMS,
    MAX_QUANTITY,
    MAX_SHIPPING_ATTEMPTS,
    NOTE_LENGTH,
    order_problems,
)
from orchestration.simulation import DISPATCH_FAILS
from tests.support.orders import make_order

if TYPE_CHECKING:
    from orchestration.domain.order import Order
    from tests.support.shop import Shop

WIDE = "\U0001f4e6"  # four bytes in UTF-8, the most that a character can have
ADDRESS = Address(
    street=WIDE * 200, city=WIDE * 100, region=WIDE * 100, postal_code=WIDE * 20, country="US"
)

# Temporal warns from 10,240 events or 10 MB, and terminates at 51,200 events or 50 MB.
MAX_EVENTS = 5_000
MAX_BYTES = 10_000_000
MAX_MEMO_BYTES = 2_000  # Temporal warns above


def largest_order() -> Order:
    item = LineItem(sku=WIDE * 64, quantity=MAX_QUANTITY, unit_price=1, name=WIDE * 200)
    items = [replace(item, sku=DISPATCH_FAILS), *[item] * (MAX_ITEMS - 1)]
    return make_order(
        customer_name=WIDE * 200,
        request={"items": items, "shipping_address": ADDRESS},
        shipping_attempts=MAX_SHIPPING_ATTEMPTS,
        shipping_retry_delay=0.001,
    )


async def test_the_largest_order_is_undone_after_the_most_attempts(separate_shop: Shop) -> None:
    shop = separate_shop
    order = largest_order()
    assert order_problems(order) == []
    async with shop.working("order", "shipping"):
        await shop.start_in_review(order)
        for number in range(MAX_ADDRESS_UPDATES):
            street = f"{number:0>4}{WIDE * 196}"
            address = replace(ADDRESS, street=street)
            await shop.apply(order.id, UpdateAddress(command_id=f"{number}", address=address))
        refused = UpdateAddress(command_id="one-more", address=ADDRESS)
        assert await shop.refusal(order.id, refused) is OrderState.AWAITING_APPROVAL
        await shop.apply(order.id, ApproveOrder(command_id="go", note=WIDE * NOTE_LENGTH))
        assert await shop.end(order.id) == (OrderState.FAILED, FailureCode.SHIPPING_FAILED)

        snapshot = await shop.snapshot_on_both_sides(order.id)
    assert snapshot.payment_status is PaymentStatus.REFUNDED
    info = (await shop.client.get_workflow_handle(order.id).describe()).raw_description
    execution = info.workflow_execution_info
    assert execution.history_length < MAX_EVENTS
    assert execution.history_size_bytes < MAX_BYTES
    assert execution.memo.ByteSize() < MAX_MEMO_BYTES

"""The simulated gateway and carrier have special values in development only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from orchestration.domain.order import LineItem, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.simulation import (
    DECLINE,
    DISPATCH_FAILS,
    DISPATCH_FAILS_ONCE,
    HANG_THEN_DECLINE,
)
from tests.support.orders import make_order

if TYPE_CHECKING:
    from tests.support.shop import Shop


@pytest.mark.parametrize(
    ("prefix", "sku"), [(DECLINE, DISPATCH_FAILS_ONCE), (HANG_THEN_DECLINE, DISPATCH_FAILS)]
)
async def test_special_values_have_no_effect_in_production(
    separate_shop: Shop, prefix: str, sku: str
) -> None:
    settings = separate_shop.settings.model_copy(update={"environment": "production"})
    shop = replace(separate_shop, settings=settings)
    order = make_order(
        payment_id=f"{prefix}{uuid4()}",
        review_mode=ReviewMode.NONE,
        activity_attempts=1,
        shipping_attempts=1,
        request={"items": [LineItem(sku=sku, quantity=1, unit_price=1)]},
    )
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == (OrderState.COMPLETED, None)
    assert await shop.gateway_row(order.payment_id) == "CHARGED"


async def test_the_simulated_providers_take_as_long_as_the_settings_say(
    separate_shop: Shop,
) -> None:
    payment, shipping = timedelta(seconds=1), timedelta(seconds=0.7)
    delays = {"payment_processing_delay": payment, "shipping_delay": shipping}
    shop = replace(separate_shop, settings=separate_shop.settings.model_copy(update=delays))
    order = make_order(review_mode=ReviewMode.NONE)
    async with shop.working("order", "shipping"):
        await shop.start(order)
        assert await shop.end(order.id) == (OrderState.COMPLETED, None)
    at = {event.type: event.at for event in await shop.events(order.id)}
    assert at[EventType.PAYMENT_CHARGED] - at[EventType.ORDER_VALIDATED] >= payment
    assert at[EventType.PACKAGE_PREPARED] - at[EventType.SHIPPING_STARTED] >= shipping
    assert at[EventType.CARRIER_DISPATCHED] - at[EventType.PACKAGE_PREPARED] >= shipping

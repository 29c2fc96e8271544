"""Orders to test with: everything has a value, and each test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from orchestration.domain.order import (
    Address,
    LineItem,
    Order,
    OrderRequest,
    Policy,
    Priority,
    ReviewMode,
)

ADDRESS = Address(
    street="1 Main St", city="Springfield", region="IL", postal_code="62701", country="US"
)

POLICY = Policy(
    review_mode=ReviewMode.MANUAL,
    review_timeout=300,
    deadline=None,
    activity_timeout=5,
    activity_attempts=None,
    activity_retry_delay=0.05,
    activity_retry_backoff=1,
    shipping_attempts=3,
    shipping_retry_delay=0.05,
    shipping_retry_backoff=1,
    delivery_timeout=None,
)

REQUEST = OrderRequest(
    customer_id="customer-1",
    items=[LineItem(sku="SKU-1", quantity=2, unit_price=1250, name="Teapot")],
    currency="USD",
    shipping_address=ADDRESS,
    priority=Priority.NORMAL,
    payment_id=None,
    policy={},
)


def make_order(
    *,
    id: str | None = None,  # ruff: ignore[builtin-argument-shadowing] - the field's own name
    payment_id: str | None = None,
    customer_id: str = REQUEST.customer_id,
    customer_name: str = "Ada Lovelace",
    request: dict[str, Any] | None = None,
    **policy: Any,
) -> Order:
    """Make an order: ``request`` replaces fields of its request, all else fields of its policy."""
    order_id = id or f"order-{uuid4()}"
    return Order(
        id=order_id,
        request=replace(REQUEST, **{"customer_id": customer_id, **(request or {})}),
        customer_name=customer_name,
        payment_id=payment_id or f"pay-{order_id}",
        policy=replace(POLICY, **policy),
    )

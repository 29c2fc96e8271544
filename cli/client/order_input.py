"""A StartOrderInput, from options or from a file."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import orjson
import typer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

NO_LIMIT = "none"
"""The word for null where the policy takes it: no limit, or no wait."""

# Fields of the input, by the names of their options.
_ORDER = {
    "customer": "customerId",
    "item": "items",
    "currency": "currency",
    "payment_id": "paymentId",
    "priority": "priority",
}
_ADDRESS = {
    "street": "street",
    "city": "city",
    "region": "region",
    "postal_code": "postalCode",
    "country": "country",
}
_POLICY = {
    "review": "reviewMode",
    "review_timeout": "reviewTimeout",
    "deadline": "deadline",
    "activity_timeout": "activityTimeout",
    "activity_attempts": "activityAttempts",
    "activity_retry_delay": "activityRetryDelay",
    "activity_retry_backoff": "activityRetryBackoff",
    "shipping_attempts": "shippingAttempts",
    "shipping_retry_delay": "shippingRetryDelay",
    "shipping_retry_backoff": "shippingRetryBackoff",
    "delivery_timeout": "deliveryTimeout",
}
_NEEDED = {"customerId": "--customer", "items": "--item", "shippingAddress": "--street and --city"}
_ITEM_PARTS = 3  # that an item has to have; its name may come as the fourth


def order_from_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the order that the options say; raises BadParameter where something is missing."""
    order = _given(options, _ORDER)
    address = address_from_options(options)
    policy = _given(options, _POLICY)
    if address:
        order["shippingAddress"] = address
    if policy:
        order["policy"] = {
            name: None if value == NO_LIMIT else value for name, value in policy.items()
        }
    missing = [option for name, option in _NEEDED.items() if name not in order]
    if missing:
        raise typer.BadParameter(f"an order needs {', '.join(missing)}, or a --file")
    return order


def order_from_file(file: BinaryIO, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the order that a file holds; raises BadParameter where that is none."""
    if _given(options, _ORDER | _ADDRESS | _POLICY):
        raise typer.BadParameter(
            "a --file holds the whole order; of its options, only --id may be given too"
        )
    try:
        order = orjson.loads(file.read())
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"--file is not JSON: {error}") from None
    if not isinstance(order, dict):
        raise typer.BadParameter("--file is not a JSON object")
    return order


def address_from_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return an AddressInput of what is given; raises BadParameter for a part of one."""
    address = _given(options, _ADDRESS)
    if address and not {"street", "city"} <= address.keys():
        raise typer.BadParameter("an address needs --street and --city")
    return address


def read_item(text: str) -> dict[str, Any]:
    """Return SKU:QTY:PRICE[:NAME] as an OrderItemInput; the name may hold more colons."""
    sku, *rest = text.split(":", _ITEM_PARTS)
    try:
        quantity, price, *name = rest
        item = {"sku": sku, "quantity": int(quantity), "unitPrice": f"{Decimal(price):f}"}
    except (ValueError, InvalidOperation):
        raise typer.BadParameter(f"{text!r} is not like SKU:QTY:PRICE[:NAME]") from None
    return {**item, "name": name[0]} if name else item


def read_attempts(text: str) -> int | str:
    """Return a number, or the word for no limit."""
    return text if text == NO_LIMIT else int(text)


def _given(options: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        names[option]: value
        for option, value in options.items()
        if option in names and value is not None and value != ()
    }

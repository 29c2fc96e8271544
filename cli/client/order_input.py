"""Builds a StartOrderInput from command-line options or from a file."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import orjson
import typer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

NO_LIMIT = "none"
"""Stands for null in the policy: no limit, no wait, or the longest delay of the server."""

# Option names and the fields of the input that they set.
_ORDER = {
    "customer": "customerId",
    "item": "items",
    "currency": "currency",
    "payment_id": "paymentId",
    "priority": "priority",
}
_CUSTOMER = {
    "customer_name": "name",
    "customer_email": "email",
    "customer_phone": "phone",
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
    "activity_total_timeout": "activityTotalTimeout",
    "activity_attempts": "activityAttempts",
    "activity_retry_delay": "activityRetryDelay",
    "activity_retry_backoff": "activityRetryBackoff",
    "activity_max_retry_delay": "activityMaxRetryDelay",
    "shipping_attempts": "shippingAttempts",
    "shipping_retry_delay": "shippingRetryDelay",
    "shipping_retry_backoff": "shippingRetryBackoff",
    "delivery_timeout": "deliveryTimeout",
}
ADDRESS_OPTIONS = "--street, --city and --country"
"""The options that every address needs."""

SAMPLE_ORDER: Mapping[str, Any] = {
    "customer": {"name": "Sample Customer", "email": "sample.customer@example.com"},
    "items": [{"sku": "SAMPLE", "name": "Sample item", "quantity": 1, "unitPrice": "10.00"}],
    "currency": "USD",
    "shippingAddress": {
        "street": "1 Main St",
        "city": "Springfield",
        "region": "IL",
        "postalCode": "62701",
        "country": "US",
    },
}
"""Values that ``--sample`` uses for omitted options."""

_REQUIRED_ADDRESS_FIELDS = frozenset({"street", "city", "country"})
_REQUIRED_CUSTOMER_FIELDS = frozenset({"name", "email"})
_REQUIRED = {
    "customer": "--customer, or --customer-name and --customer-email",
    "items": "--item",
    "currency": "--currency",
    "shippingAddress": ADDRESS_OPTIONS,
}
_REQUIRED_ITEM_PARTS = 3  # SKU, quantity and price; an optional name follows


def order_from_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the order that the options describe. Raises BadParameter if any are missing.

    With the option ``sample``, SAMPLE_ORDER has the values of missing options.
    """
    order = _select(options, _ORDER)
    parts = {
        "customer": _customer_from_options(options),
        "shippingAddress": address_from_options(options),
        "policy": {
            name: None if value == NO_LIMIT else value
            for name, value in _select(options, _POLICY).items()
        },
    }
    order |= {name: part for name, part in parts.items() if part}
    missing = [name for name in _REQUIRED if name not in order]
    if "customerId" in order and "customer" in missing:
        missing.remove("customer")
    if options["sample"]:
        return order | {name: SAMPLE_ORDER[name] for name in missing}
    if missing:
        needed = "; ".join(_REQUIRED[name] for name in missing)
        raise typer.BadParameter(f"an order needs {needed}; or a --file, or --sample")
    return order


def order_from_file(file: BinaryIO, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the order in a file. Raises BadParameter if it is not a JSON object."""
    if options["sample"] or _select(options, _ORDER | _CUSTOMER | _ADDRESS | _POLICY):
        raise typer.BadParameter(
            "--file replaces the options that describe the order; only --id may be combined with it"
        )
    return _json_object(file)


def _customer_from_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return an OrderCustomerInput, empty if no option is given."""
    customer = _select(options, _CUSTOMER)
    if not customer:
        return customer
    if options["customer"] is not None:
        raise typer.BadParameter("--customer names an existing customer; omit its other details")
    if not customer.keys() >= _REQUIRED_CUSTOMER_FIELDS:
        raise typer.BadParameter("a customer needs --customer-name and --customer-email")
    return customer


def address_from_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return an AddressInput, empty if no option is given. Raises BadParameter if incomplete."""
    address = _select(options, _ADDRESS)
    if address and not address.keys() >= _REQUIRED_ADDRESS_FIELDS:
        raise typer.BadParameter(f"an address needs {ADDRESS_OPTIONS}")
    return address


def address_from_file(file: BinaryIO, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the address in a file. Raises BadParameter if it is not a JSON object."""
    if _select(options, _ADDRESS):
        raise typer.BadParameter("--file replaces the options that describe the address")
    return _json_object(file)


def parse_item(text: str) -> dict[str, Any]:
    """Return SKU:QTY:PRICE[:NAME] as an OrderItemInput. The name may contain colons."""
    sku, *rest = text.split(":", _REQUIRED_ITEM_PARTS)
    try:
        quantity, price, *name = rest
        item = {"sku": sku, "quantity": int(quantity), "unitPrice": f"{Decimal(price):f}"}
    except (ValueError, InvalidOperation):
        raise typer.BadParameter(f"{text!r} is not of the form SKU:QTY:PRICE[:NAME]") from None
    return {**item, "name": name[0]} if name else item


def parse_attempts(text: str) -> int | str:
    return text if text == NO_LIMIT else int(text)


def _json_object(file: BinaryIO) -> dict[str, Any]:
    try:
        content = orjson.loads(file.read())
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"--file is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise typer.BadParameter("--file is not a JSON object")
    return content


def _select(options: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        names[option]: value
        for option, value in options.items()
        if option in names and value is not None and value != ()
    }

"""The search attributes that an order's workflow carries in Temporal's visibility store."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

if TYPE_CHECKING:
    from temporalio.client import Client

    from orchestration.domain.order import Order

CUSTOMER_ID: Final = SearchAttributeKey.for_keyword("CustomerId")
CUSTOMER_NAME: Final = SearchAttributeKey.for_text("CustomerName")
PRIORITY: Final = SearchAttributeKey.for_keyword("Priority")
ORDER_STATE: Final = SearchAttributeKey.for_keyword("OrderState")
ORDER_TOTAL: Final = SearchAttributeKey.for_float("OrderTotal")

_TYPES = {
    CUSTOMER_ID.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    CUSTOMER_NAME.name: IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
    PRIORITY.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    ORDER_STATE.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    ORDER_TOTAL.name: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
}

SEARCH_ATTRIBUTES: Final = {
    name: IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_").capitalize()
    for name, kind in _TYPES.items()
}
"""Each attribute's type, by name, as the ``temporal`` command line spells it."""

_POLL_SECONDS = 0.2


class SearchAttributeMismatch(Exception):
    """An attribute is registered with another type: Temporal would take that silently."""


def words(text: str) -> list[str]:
    """Cut a text into lower-case words of letters and digits.

    Temporal's Postgres schema casts a Text value, and its SQLite one takes operators in it; a value
    and a filter that are both cut this way mean the same in either.
    """
    return re.findall(r"[^\W_]+", text.lower())


def of_order(order: Order) -> TypedSearchAttributes:
    """Return what an order is started with."""
    request = order.request
    return TypedSearchAttributes([
        SearchAttributePair(CUSTOMER_ID, request.customer_id),
        SearchAttributePair(CUSTOMER_NAME, " ".join(words(order.customer_name))),
        SearchAttributePair(PRIORITY, str(request.priority)),
        SearchAttributePair(ORDER_TOTAL, float(request.total.amount)),
    ])


async def missing(client: Client) -> list[str]:
    """Name what is not registered; raise SearchAttributeMismatch for what has another type."""
    response = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    registered = response.custom_attributes
    wrong = [
        f"{name} is {IndexedValueType.Name(registered[name])}, not {IndexedValueType.Name(kind)}"
        for name, kind in _TYPES.items()
        if name in registered and registered[name] != kind
    ]
    if wrong:
        raise SearchAttributeMismatch("; ".join(wrong))
    return [name for name in _TYPES if name not in registered]


async def register(client: Client) -> list[str]:
    """Register what is missing, wait until it is listed, and name it. May be repeated."""
    added = await missing(client)
    if added:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace,
                search_attributes={name: _TYPES[name] for name in added},
            )
        )
        while await missing(client):  # ruff: ignore[async-busy-wait] - the server has no event for it
            await asyncio.sleep(_POLL_SECONDS)
    return added

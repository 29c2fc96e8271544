"""The search attributes of order workflows in Temporal's visibility store."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from temporalio import workflow
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from orchestration.rpc import unavailable_after

if TYPE_CHECKING:
    from temporalio.client import Client

    from orchestration.domain.order import Order
    from orchestration.domain.states import OrderState

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


def _type_name(value_type: IndexedValueType.ValueType) -> str:
    return IndexedValueType.Name(value_type).removeprefix("INDEXED_VALUE_TYPE_").capitalize()


SEARCH_ATTRIBUTES: Final = {name: _type_name(value_type) for name, value_type in _TYPES.items()}
"""Type per attribute name, spelled as the ``temporal`` command line expects it."""

_POLL_SECONDS = 0.2
_RPC_TIMEOUT = timedelta(seconds=10)
_NOT_OFFERED = {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED}


class SearchAttributeMismatch(Exception):
    """An attribute is registered with another type. Temporal accepts that without an error."""


class SearchAttributesMissing(Exception):
    """The namespace lacks search attributes. Without them, an order's first task fails forever."""


def split_words(text: str) -> list[str]:
    """Split a text into lowercase words of letters and digits.

    Temporal's Postgres store casts a Text value, and its SQLite store interprets operators in it.
    Values and filters that are both normalized this way match alike in both.
    """
    return re.findall(r"[^\W_]+", text.lower())


def initial_attributes(order: Order, *, with_name: bool) -> TypedSearchAttributes:
    request = order.request
    words = " ".join(split_words(order.customer_name))
    return TypedSearchAttributes([
        SearchAttributePair(CUSTOMER_ID, request.customer_id),
        *([SearchAttributePair(CUSTOMER_NAME, words)] if with_name else []),
        SearchAttributePair(PRIORITY, str(request.priority)),
        SearchAttributePair(ORDER_TOTAL, float(request.total.amount)),
    ])


def upsert_order_state(state: OrderState) -> None:
    """Set the OrderState attribute of the current workflow. Adds an event to its history."""
    workflow.upsert_search_attributes([ORDER_STATE.value_set(str(state))])


async def require_attributes(client: Client) -> None:
    """Check that the namespace has the attributes.

    Raises SearchAttributesMissing, SearchAttributeMismatch or TemporalUnavailable. A server may
    refuse the list of attributes to a worker, as Temporal Cloud does. A query that names them then
    shows whether they exist, but not whether their types are right.
    """
    async with unavailable_after(_RPC_TIMEOUT):
        try:
            absent = ", ".join(await missing_attributes(client))
        except RPCError as error:
            if error.status not in _NOT_OFFERED:
                raise
            absent = await _refusal_of_query(client)
    if absent:
        raise SearchAttributesMissing(
            f"Namespace {client.namespace} lacks search attributes: {absent}."
            " Run `orders search-attributes` to register them."
        )


async def _refusal_of_query(client: Client) -> str:
    try:
        await client.count_workflows(" AND ".join(f"{name} IS NULL" for name in _TYPES))
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:
            raise
        return error.message
    return ""


async def missing_attributes(client: Client) -> list[str]:
    """Return the names that are not registered. Raises SearchAttributeMismatch."""
    response = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    registered = response.custom_attributes
    wrong = [
        f"{name} has type {_type_name(registered[name])} instead of {_type_name(value_type)}"
        for name, value_type in _TYPES.items()
        if name in registered and registered[name] != value_type
    ]
    if wrong:
        raise SearchAttributeMismatch(
            f"Search attribute {'; '.join(wrong)}. Remove it from namespace {client.namespace}"
            " with `temporal operator search-attribute remove`, then retry."
        )
    return [name for name in _TYPES if name not in registered]


async def register(client: Client) -> list[str]:
    """Register missing attributes, wait until they are listed, and return their names."""
    added = await missing_attributes(client)
    if added:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace,
                search_attributes={name: _TYPES[name] for name in added},
            )
        )
        # ruff: ignore[async-busy-wait] - the server has no notification for it
        while await missing_attributes(client):
            await asyncio.sleep(_POLL_SECONDS)
    return added

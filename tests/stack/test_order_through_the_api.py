"""The whole stack completes an order while two thirds of all external calls fail or hang."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from cli.client.graphql_client import GraphqlClient
from cli.service.configuration import load_configuration
from cli.stack.embedded_stack import running_stack, temporary_folder
from cli.stack.plan import temporary_plan

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

_FAULTS = {"FAULT_ERROR_RATE": "0.33", "FAULT_HANG_RATE": "0.34"}
_CREATE_CUSTOMER = """
mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { __typename } }
"""
_START = """
mutation ($input: StartOrderInput!) {
  startOrder(input: $input) { __typename ... on OrderStarted { replayed order { state sequence } } }
}
"""
_APPROVE = """
mutation ($input: ApproveOrderInput!) {
  approveOrder(input: $input) { __typename ... on CommandApplied { replayed order { state } } }
}
"""
_WATCH = """
subscription ($id: ID!) { orderEvents(orderId: $id) { sequence type fromState state commandId } }
"""
_ORDER = """
query ($id: ID!) {
  order(id: $id) {
    state sequence availableCommands
    payment { id status amount { amount currency } }
    events { nodes { sequence type } }
    workflow { status step }
  }
}
"""
_ORDER_INPUT = {
    "id": "o-1",
    "customerId": "c-1",
    "items": [{"sku": "TEA", "quantity": 2, "unitPrice": "12.50"}],
    "currency": "USD",
    "shippingAddress": {"street": "Main Street 1", "city": "Springfield", "country": "US"},
    "paymentId": "p-1",
    "policy": {
        "reviewMode": "MANUAL",
        "activityTimeout": "PT0.5S",
        "activityRetryDelay": "PT0.1S",
        "activityRetryBackoff": 1.0,
        "shippingRetryDelay": "PT0.1S",
    },
}
_HAPPY_PATH = [
    ("ORDER_RECEIVED", "RECEIVED"),
    ("ORDER_VALIDATED", "VALIDATED"),
    ("REVIEW_STARTED", "AWAITING_APPROVAL"),
    ("ORDER_APPROVED", "APPROVED"),
    ("PAYMENT_CHARGED", "PAID"),
    ("SHIPPING_STARTED", "SHIPPING"),
    ("PACKAGE_PREPARED", "PACKAGE_PREPARED"),
    ("CARRIER_DISPATCHED", "CARRIER_DISPATCHED"),
    ("ORDER_SHIPPED", "SHIPPED"),
    ("ORDER_COMPLETED", "COMPLETED"),
]


@pytest_asyncio.fixture
async def api() -> AsyncGenerator[GraphqlClient]:
    with temporary_folder() as folder:
        environment = {**os.environ, **_FAULTS}
        plan = temporary_plan(load_configuration(file=None), environment, folder)
        async with running_stack(plan) as stack, GraphqlClient(stack.api_url) as client:
            yield client


async def test_an_order_completes_despite_simulated_faults(
    api: GraphqlClient,
) -> None:
    customer = {"id": "c-1", "name": "Ada", "email": "ada@example.com"}
    assert await api.execute(_CREATE_CUSTOMER, {"input": customer}) == {
        "createCustomer": {"__typename": "CustomerSaved"}
    }
    started = (await api.execute(_START, {"input": _ORDER_INPUT}))["startOrder"]
    assert started["__typename"] == "OrderStarted"
    assert started["replayed"] is False

    async with asyncio.timeout(120):
        events = await _approve_and_collect_events(api, "o-1")

    assert [(event["type"], event["state"]) for event in events] == _HAPPY_PATH
    assert [event["sequence"] for event in events] == list(range(1, len(_HAPPY_PATH) + 1))
    assert events[3]["commandId"] == "approve-1"

    order = (await api.execute(_ORDER, {"id": "o-1"}))["order"]
    assert (order["state"], order["sequence"]) == ("COMPLETED", len(_HAPPY_PATH))
    assert order["availableCommands"] == []
    assert order["payment"] == {
        "id": "p-1",
        "status": "CHARGED",
        "amount": {"amount": "25.00", "currency": "USD"},
    }
    assert [event["type"] for event in order["events"]["nodes"]] == [
        kind for kind, _ in _HAPPY_PATH
    ]
    again = (await api.execute(_START, {"input": _ORDER_INPUT}))["startOrder"]
    assert again["replayed"] is True


async def _approve_and_collect_events(api: GraphqlClient, order_id: str) -> list[dict[str, Any]]:
    """Approve the order when its review starts, and return its events when it has ended."""
    events = []
    async with api.subscription(_WATCH, {"id": order_id}) as results:
        async for result in results:
            events.append(result["orderEvents"])
            if events[-1]["type"] == "REVIEW_STARTED":
                command = {"orderId": order_id, "commandId": "approve-1"}
                approved = (await api.execute(_APPROVE, {"input": command}))["approveOrder"]
                assert approved["__typename"] == "CommandApplied"
    return events

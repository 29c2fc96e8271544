"""``orders demo``: one order's life, told by the API that anybody would use."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from cli.client.graphql_client import GraphqlClient
from cli.stack.embedded_stack import passing_folder, running_stack
from cli.stack.plan import passing_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.service.configuration import Configuration

_PATIENCE = 180.0  # seconds for the whole order, faults and retries included
_PACE = 0.5  # seconds between two looks at what is being retried

_CREATE_CUSTOMER = """
mutation ($input: CreateCustomerInput!) {
  createCustomer(input: $input) {
    __typename
    ... on CustomerSaved { customer { id name } }
    ... on UserError { message }
  }
}
"""
_START = """
mutation ($input: StartOrderInput!) {
  startOrder(input: $input) {
    __typename
    ... on OrderStarted { order { id total { amount currency } workflow { uiUrl } } }
    ... on UserError { message }
  }
}
"""
_WATCH = """
subscription ($orderId: ID!) {
  orderEvents(orderId: $orderId) { type state message at }
}
"""
_APPROVE = """
mutation ($input: ApproveOrderInput!) {
  approveOrder(input: $input) { __typename ... on UserError { message } }
}
"""
_RETRIES = """
query ($orderId: ID!) {
  order(id: $orderId) {
    workflow { pendingActivities { id workflowId type attempt lastFailure } }
  }
}
"""
_RESULT = """
query ($orderId: ID!) {
  order(id: $orderId) {
    state
    payment { status amount { amount currency } }
    events { nodes { type payload } }
  }
}
"""


class DemoFailed(Exception):
    """The order did not go the way it should."""


async def demonstrate(configuration: Configuration, environment: Mapping[str, str]) -> int:
    """Run a stack for one order, and tell its life.

    Raises StackFailed, DemoFailed or RequestFailed.
    """
    console = Console(highlight=False)
    console.print("Starting Postgres, Temporal, two workers and the API …")
    with passing_folder() as folder:
        async with (
            running_stack(passing_plan(configuration, environment, folder)) as stack,
            GraphqlClient(stack.api_url) as api,
        ):
            await stack.parts.during(_one_order(api, console))
    return 0


async def _one_order(api: GraphqlClient, console: Console) -> None:
    order_id = await _start(api, console)
    retries = asyncio.create_task(_tell_retries(api, order_id, console))
    try:
        async with asyncio.timeout(_PATIENCE):
            await _follow(api, order_id, console)
    except TimeoutError:
        raise DemoFailed(f"The order took more than {_PATIENCE:.0f} seconds.") from None
    finally:
        retries.cancel()
        await asyncio.wait([retries])
    await _tell_result(api, order_id, console)


async def _start(api: GraphqlClient, console: Console) -> str:
    customer = {"name": "Ada Lovelace", "email": "ada@example.com"}
    saved = await _mutate(api, _CREATE_CUSTOMER, customer)
    order = {
        "customerId": saved["customer"]["id"],
        "items": [
            {"sku": "TEA-1", "name": "Green tea", "quantity": 2, "unitPrice": "12.50"},
            {"sku": "POT-1", "name": "Teapot", "quantity": 1, "unitPrice": "48.00"},
        ],
        "shippingAddress": {"street": "12 St James's Square", "city": "London", "country": "GB"},
        # Impatient, so that simulated faults cost seconds and not minutes.
        "policy": {
            "reviewMode": "MANUAL",
            "reviewTimeout": "PT2M",
            "deadline": None,
            "activityTimeout": "PT2S",
            "activityAttempts": None,
            "activityRetryDelay": "PT0.2S",
            "activityRetryBackoff": 1.0,
            "shippingRetryDelay": "PT0.2S",
            "deliveryTimeout": None,
        },
    }
    started = (await _mutate(api, _START, order))["order"]
    order_id: str = started["id"]
    total = started["total"]
    console.print(f"\nOrder {order_id}: {total['amount']} {total['currency']}\n")
    return order_id


async def _follow(api: GraphqlClient, order_id: str, console: Console) -> None:
    """Print each event as it comes, approve the order when a person is asked to, see it through."""
    state = None
    async with api.subscription(_WATCH, {"orderId": order_id}) as results:
        async for result in results:
            event = result["orderEvents"]
            state = event["state"]
            at = datetime.fromisoformat(event["at"])
            _print(console, at, state, event["type"], event["message"])
            if event["type"] == "REVIEW_STARTED":
                await _mutate(api, _APPROVE, {"orderId": order_id, "note": "Looks good"})
    if state != "COMPLETED":
        raise DemoFailed(f"The order's events ended, and it is {state}.")


async def _tell_retries(api: GraphqlClient, order_id: str, console: Console) -> None:
    """Print each further attempt at a step of the order, as long as it runs."""
    told = set()
    while True:
        order = (await api.execute(_RETRIES, {"orderId": order_id}))["order"]
        for activity in (order["workflow"] or {"pendingActivities": []})["pendingActivities"]:
            attempt = (activity["workflowId"], activity["id"], activity["attempt"])
            if activity["attempt"] > 1 and attempt not in told:
                told.add(attempt)
                message = f"{activity['type']}, attempt {activity['attempt']}"
                if activity["lastFailure"]:
                    message += f": {activity['lastFailure']}"
                _print(console, datetime.now(UTC), "", "(retry)", message)
        await asyncio.sleep(_PACE)


async def _tell_result(api: GraphqlClient, order_id: str, console: Console) -> None:
    order = (await api.execute(_RESULT, {"orderId": order_id}))["order"]
    payment = order["payment"]
    details = {
        key: value for one in order["events"]["nodes"] for key, value in one["payload"].items()
    }
    paid = f"{payment['amount']['amount']} {payment['amount']['currency']}"
    console.print(f"\nState     {order['state']}")
    console.print(f"Payment   {payment['status']}, {paid}")
    console.print(f"Tracking  {details['trackingNumber']}")
    if order["state"] != "COMPLETED" or payment["status"] != "CHARGED":
        raise DemoFailed("The order is on record as something else than completed and charged.")


async def _mutate(api: GraphqlClient, document: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return a mutation's one result. Raises DemoFailed where it is a refusal."""
    [result] = (await api.execute(document, {"input": content})).values()
    if result is None or "message" in result:
        raise DemoFailed(f"The API refused: {result}")
    answer: dict[str, Any] = result
    return answer


def _print(console: Console, at: datetime, state: str, kind: str, message: str) -> None:
    console.print(
        Text.assemble(
            (f"{at.astimezone():%H:%M:%S.%f}"[:-3], "dim"),
            f"  {state:<18} ",
            (f"{kind:<20} ", "bold"),
            message,
        ),
        soft_wrap=True,
    )

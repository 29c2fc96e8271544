"""``orders demo``: runs one order through the public API, of a temporary or a running stack."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from cli.client.graphql_client import GraphqlClient
from cli.client.settings import ClientSettings
from cli.stack.embedded_stack import running_stack, temporary_folder
from cli.stack.plan import temporary_plan
from gql.access.development_tokens import DevelopmentKey, development_token
from gql.access.principal import STAFF_SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.service.configuration import Configuration
    from gql.settings import ApiSettings

_TIMEOUT = 180.0  # seconds for the order, including simulated faults and retries
_POLL_INTERVAL = 0.5  # seconds between queries for retried activities

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
    workflow { pendingActivities { id type attempt lastFailure } }
  }
}
"""
_RESULT = """
query ($orderId: ID!) {
  order(id: $orderId) {
    state
    payment { status amount { amount currency } }
    shipments { trackingNumber }
  }
}
"""


class DemoFailed(Exception):
    """The order was not completed as expected."""


async def run_demo(configuration: Configuration, environment: Mapping[str, str]) -> int:
    """Run a temporary stack, drive one order to its end, and print its events and retries.

    Raises PortsTaken, ServerUnavailable, StackFailed, DemoFailed or RequestFailed.
    """
    console = Console(highlight=False)
    console.print("Starting Postgres, Temporal, two workers and the API …")
    with temporary_folder() as folder:
        async with (
            running_stack(temporary_plan(configuration, environment, folder)) as stack,
            GraphqlClient(stack.api_url, partial(_token, configuration.api)) as api,
        ):
            await stack.processes.supervise(_run_order(api, console))
    return 0


async def run_demo_on(url: str) -> int:
    """Drive one order to its end through this API, with the token of the client settings.

    Raises DemoFailed, RequestFailed, InvalidUrl or UnreadableToken.
    """
    async with GraphqlClient(url, ClientSettings().token) as api:
        await _run_order(api, Console(highlight=False))
    return 0


def _token(settings: ApiSettings) -> str | None:
    """Return a token for development if the settings name an issuer, so that the API needs one."""
    if settings.auth_issuer is None:
        return None
    return development_token(
        DevelopmentKey().read_or_create(),
        subject="demo",
        scopes=STAFF_SCOPES,
        customer_claim=settings.auth_customer_claim,
        customer_id=None,
        seconds=_TIMEOUT,
    )


async def _run_order(api: GraphqlClient, console: Console) -> None:
    order_id = await _start(api, console)
    retries = asyncio.create_task(_print_retries(api, order_id, console))
    try:
        async with asyncio.timeout(_TIMEOUT):
            await _follow(api, order_id, console)
    except TimeoutError:
        raise DemoFailed(f"The order took more than {_TIMEOUT:.0f} seconds.") from None
    finally:
        retries.cancel()
        await asyncio.wait([retries])
    await _print_result(api, order_id, console)


async def _start(api: GraphqlClient, console: Console) -> str:
    # With an ID, so that a second demo on the same stack finds the customer.
    customer = {"id": "demo", "name": "Ada Lovelace", "email": "demo@example.com"}
    saved = await _mutate(api, _CREATE_CUSTOMER, customer)
    order = {
        "customerId": saved["customer"]["id"],
        "items": [
            {"sku": "TEA-1", "name": "Green tea", "quantity": 2, "unitPrice": "12.50"},
            {"sku": "POT-1", "name": "Teapot", "quantity": 1, "unitPrice": "48.00"},
        ],
        "currency": "USD",
        "shippingAddress": {"street": "12 St James's Square", "city": "London", "country": "GB"},
        # Short time limits, so that simulated faults cost seconds instead of minutes.
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
    """Print each event, and approve the order when its review starts."""
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
        raise DemoFailed(f"The order ended in state {state} instead of COMPLETED.")


async def _print_retries(api: GraphqlClient, order_id: str, console: Console) -> None:
    """Print each retried attempt of an activity, until cancelled."""
    printed = set()
    while True:
        order = (await api.execute(_RETRIES, {"orderId": order_id}))["order"]
        for activity in (order["workflow"] or {"pendingActivities": []})["pendingActivities"]:
            attempt = (activity["id"], activity["attempt"])
            if activity["attempt"] > 1 and attempt not in printed:
                printed.add(attempt)
                message = f"{activity['type']}, attempt {activity['attempt']}"
                if activity["lastFailure"]:
                    message += f": {activity['lastFailure']}"
                _print(console, datetime.now(UTC), "", "(retry)", message)
        await asyncio.sleep(_POLL_INTERVAL)


async def _print_result(api: GraphqlClient, order_id: str, console: Console) -> None:
    order = (await api.execute(_RESULT, {"orderId": order_id}))["order"]
    payment = order["payment"]
    numbers = (shipment["trackingNumber"] for shipment in order["shipments"])
    [tracking_number] = filter(None, numbers)
    paid = f"{payment['amount']['amount']} {payment['amount']['currency']}"
    console.print(f"\nState     {order['state']}")
    console.print(f"Payment   {payment['status']}, {paid}")
    console.print(f"Tracking  {tracking_number}")
    if order["state"] != "COMPLETED" or payment["status"] != "CHARGED":
        raise DemoFailed("Postgres does not show the order as completed and charged.")


async def _mutate(api: GraphqlClient, document: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a mutation's only field. Raises DemoFailed if it was refused."""
    [result] = (await api.execute(document, {"input": content})).values()
    if result is None or "message" in result:
        raise DemoFailed(f"The API refused the mutation: {result}")
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

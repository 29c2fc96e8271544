"""Writes an order to the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.client.formatting import command_name, local_time, money
from cli.client.order_input import NO_LIMIT

if TYPE_CHECKING:
    from cli.client.output import Output


def render_summary(out: Output, order: dict[str, Any]) -> None:
    """Write state, total, failure, review deadline and available commands, in a few lines."""
    out.write(order["id"], "  ", order["state"], "  ", money(order["total"]))
    if order["failure"]:
        out.write(order["failure"]["code"], ": ", order["failure"]["message"])
    if order["reviewDeadline"] and order["state"] == "AWAITING_APPROVAL":
        out.write("review deadline: ", local_time(order["reviewDeadline"]))
    if order["availableCommands"]:
        out.write("available commands: ", ", ".join(map(command_name, order["availableCommands"])))


def render_details(out: Output, order: dict[str, Any]) -> None:
    render_summary(out, order)
    address, payment, policy = order["shippingAddress"], order["payment"], order["policy"]
    customer = order["customer"]
    out.write()
    out.fields({
        "Customer": customer and f"{customer['name']} <{customer['email']}> ({customer['id']})",
        "Priority": order["priority"],
        "Ships to": ", ".join(part for part in address.values() if part),
        "Payment": payment and f"{payment['status']} {money(payment['amount'])} ({payment['id']})",
        "Created": local_time(order["createdAt"]),
        "Deadline": local_time(order["deadline"]),
        "Ended": local_time(order["endedAt"]),
        "Policy": ", ".join(
            f"{name} {NO_LIMIT if value is None else value}" for name, value in policy.items()
        ),
    })
    out.write()
    out.table(
        ("SKU", "Quantity", "Unit price", "Name"),
        (
            (item["sku"], str(item["quantity"]), money(item["unitPrice"]), item["name"])
            for item in order["items"]
        ),
    )
    if order["shipments"]:
        out.write()
        out.table(
            ("Shipping attempt", "Started", "Dispatched", "Tracking number", "Failure"),
            (
                (
                    str(shipment["attempt"]),
                    local_time(shipment["startedAt"]),
                    local_time(shipment["dispatchedAt"]),
                    shipment["trackingNumber"],
                    shipment["failureReason"],
                )
                for shipment in order["shipments"]
            ),
        )
    if order["workflow"]:
        out.write()
        _render_workflow(out, order["workflow"])


def _render_workflow(out: Output, workflow: dict[str, Any]) -> None:
    out.fields({
        "Workflow": (
            f"{workflow['status']}, run {workflow['runId']}, task queue {workflow['taskQueue']}"
        ),
        "Current step": workflow["step"],
        "Last error": workflow["lastError"],
        "History": f"{workflow['historyLength']} events",
        "Temporal UI": workflow["uiUrl"],
    })
    if workflow["pendingActivities"]:
        out.write()
        out.table(
            ("Pending activity", "Attempt", "Next attempt", "Last failure"),
            (
                (
                    activity["type"],
                    f"{activity['attempt']} of {activity['maximumAttempts'] or 'no limit'}",
                    local_time(activity["nextAttemptAt"]) or "running",
                    activity["lastFailure"],
                )
                for activity in workflow["pendingActivities"]
            ),
        )

"""``orders workflows`` searches Temporal's visibility store."""

# ruff: file-ignore[too-many-arguments] - an argument is an option

from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import typer

from cli.client import operations
from cli.client.exit_codes import ExitCode
from cli.client.formatting import local_time
from cli.client.options import All, Count, Limit
from cli.client.paging import Listing, show_count, show_list
from cli.client.session import Session
from orchestration.domain.order import Priority
from orchestration.domain.states import OrderState

_HEADINGS = ("Order", "Status", "Total", "Priority", "Started", "Closed", "Customer")


class Status(StrEnum):
    """Values of the API's WorkflowStatus. Its module would import Temporal's client."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    TERMINATED = "TERMINATED"
    CONTINUED_AS_NEW = "CONTINUED_AS_NEW"
    TIMED_OUT = "TIMED_OUT"


_Statuses: TypeAlias = Annotated[
    list[Status] | None,
    typer.Option(
        "--status", case_sensitive=False, help="Execution status. Repeatable.", show_default=False
    ),
]
_States: TypeAlias = Annotated[
    list[OrderState] | None,
    typer.Option(
        "--state",
        case_sensitive=False,
        help="AWAITING_APPROVAL, SHIPPING or a final state. Repeatable.",
        show_default=False,
    ),
]
_Customer: TypeAlias = Annotated[
    str | None, typer.Option(help="ID of the customer.", show_default=False)
]
_CustomerName: TypeAlias = Annotated[
    str | None, typer.Option(help="Whole words of the customer's name.", show_default=False)
]
_Priorities: TypeAlias = Annotated[
    list[Priority] | None,
    typer.Option("--priority", case_sensitive=False, help="Repeatable.", show_default=False),
]
_Amount: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="AMOUNT", help="In the order's own currency.", show_default=False),
]


async def list_workflows(
    session: Session,
    *,
    status: _Statuses = None,
    state: _States = None,
    customer: _Customer = None,
    customer_name: _CustomerName = None,
    priority: _Priorities = None,
    total_from: _Amount = None,
    total_to: _Amount = None,
    count: Count = False,
    limit: Limit = 20,
    everything: All = False,
) -> ExitCode:
    """Search workflows in Temporal by their search attributes, open ones first.

    Temporal lags by about a second. With --all --json, one JSON object per line.
    """
    total = {"from": total_from, "to": total_to}
    filters = {
        "statuses": status,
        "states": state,
        "customerId": customer,
        "customerName": customer_name,
        "priorities": priority,
        "total": {name: value for name, value in total.items() if value is not None} or None,
    }
    given = {name: value for name, value in filters.items() if value is not None}
    variables = {"filter": given}
    if count:
        return await show_count(session, operations.WORKFLOW_COUNT, variables)
    listing = Listing(operations.WORKFLOWS, _HEADINGS, _row)
    await show_list(session, listing, None if everything else limit, variables)
    return ExitCode.SUCCESS


def _row(workflow: dict[str, Any]) -> tuple[str, ...]:
    return (
        workflow["workflowId"],
        workflow["status"],
        workflow["orderTotal"] or "",
        workflow["priority"] or "",
        local_time(workflow["startedAt"]),
        local_time(workflow["closedAt"]),
        workflow["customerName"] or "",
    )

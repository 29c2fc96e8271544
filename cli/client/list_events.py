"""``orders events`` lists the events of all orders from Postgres."""

# ruff: file-ignore[too-many-arguments] - an argument is an option

from datetime import datetime
from typing import Annotated, Any, TypeAlias

import typer

from cli.client import operations
from cli.client.exit_codes import ExitCode
from cli.client.filter_options import time_option, without_none
from cli.client.formatting import local_time
from cli.client.options import All, Count, Limit
from cli.client.paging import Listing, show_count, show_list
from cli.client.session import Session
from orchestration.domain.states import EventType

_HEADINGS = ("Time", "Order", "Sequence", "Type", "State", "Message")

_Order: TypeAlias = Annotated[str | None, typer.Option(help="ID of the order.", show_default=False)]
_Customer: TypeAlias = Annotated[
    str | None, typer.Option(help="ID of the order's customer.", show_default=False)
]
_Types: TypeAlias = Annotated[
    list[EventType] | None,
    typer.Option("--type", case_sensitive=False, help="Repeatable.", show_default=False),
]


async def list_events(
    session: Session,
    *,
    order: _Order = None,
    customer: _Customer = None,
    event_type: _Types = None,
    at_from: Annotated[datetime | None, time_option("--from")] = None,
    at_to: Annotated[datetime | None, time_option("--to")] = None,
    limit: Limit = 20,
    everything: All = False,
    count: Count = False,
) -> ExitCode:
    """List the events of all orders that match all given filters, the newest first.

    With --all --json, one JSON object per line.
    """
    filters = {
        "orderId": order,
        "customerId": customer,
        "types": event_type,
        "at": without_none({"from": at_from, "to": at_to}),
    }
    variables = {"filter": without_none(filters)}
    if count:
        return await show_count(session, operations.EVENT_COUNT, variables)
    listing = Listing(operations.EVENT_SEARCH, _HEADINGS, _row)
    await show_list(session, listing, None if everything else limit, variables)
    return ExitCode.SUCCESS


def _row(event: dict[str, Any]) -> tuple[str, ...]:
    return (
        local_time(event["at"]),
        event["orderId"],
        str(event["sequence"]),
        event["type"],
        event["state"],
        event["message"],
    )

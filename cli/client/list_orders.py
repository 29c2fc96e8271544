"""``orders list``: the orders on record that match, a page at a time."""

# ruff: file-ignore[too-many-arguments] - an argument is an option

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import typer

from cli.client import operations
from cli.client.exit_codes import Exit
from cli.client.formatting import local_time, money
from cli.client.options import All, AsJson, Limit, Url
from cli.client.paging import Listed, show_list
from cli.client.session import Session, talk
from orchestration.domain.order import Priority
from orchestration.domain.states import OrderState

_HEADINGS = ("Order", "State", "Total", "Priority", "Started", "Last event", "Customer")


class SortBy(StrEnum):
    """What comes first."""

    CREATED_AT = "created"
    UPDATED_AT = "updated"
    TOTAL = "total"


def read_instant(text: str) -> datetime:
    """Return a date or time; without an offset it is of the clock here."""
    return datetime.fromisoformat(text).astimezone()


_Ids: TypeAlias = Annotated[
    list[str] | None, typer.Option("--id", help="May be given again.", show_default=False)
]
_States: TypeAlias = Annotated[
    list[OrderState] | None,
    typer.Option(case_sensitive=False, help="May be given again.", show_default=False),
]
_Customer: TypeAlias = Annotated[
    str | None, typer.Option(help="The id of who ordered.", show_default=False)
]
_CustomerName: TypeAlias = Annotated[
    str | None, typer.Option(help="Any part of it, letter case aside.", show_default=False)
]
_Priorities: TypeAlias = Annotated[
    list[Priority] | None,
    typer.Option(case_sensitive=False, help="May be given again.", show_default=False),
]
_Sort: TypeAlias = Annotated[SortBy, typer.Option(help="What to sort by.")]
_Ascending: TypeAlias = Annotated[
    bool, typer.Option("--ascending", help="The earliest, or the smallest, first.")
]
_Instant: TypeAlias = Annotated[
    datetime | None,
    typer.Option(
        parser=read_instant,
        metavar="TIME",
        help="Like 2026-03-01 or 2026-03-01T12:00+01:00; the time here where it has no offset.",
        show_default=False,
    ),
]
_Amount: TypeAlias = Annotated[
    str | None, typer.Option(metavar="AMOUNT", help="In major units.", show_default=False)
]


def list_orders(
    *,
    order_id: _Ids = None,
    state: _States = None,
    customer: _Customer = None,
    customer_name: _CustomerName = None,
    priority: _Priorities = None,
    total_min: _Amount = None,
    total_max: _Amount = None,
    created_from: _Instant = None,
    created_to: _Instant = None,
    sort: _Sort = SortBy.CREATED_AT,
    ascending: _Ascending = False,
    limit: Limit = 20,
    everything: All = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List the orders on record that match all that is given, the latest first.

    With --all, --json writes an order a line.
    """
    asked = {
        "filter": _given({
            "ids": order_id,
            "states": state,
            "customerId": customer,
            "customerName": customer_name,
            "priorities": priority,
            "total": _given({"min": total_min, "max": total_max}),
            "createdAt": _given({"from": created_from, "to": created_to}),
        }),
        "sort": {"field": sort.name, "direction": "ASC" if ascending else "DESC"},
    }

    async def work(session: Session) -> Exit:
        listed = Listed(operations.ORDERS, _HEADINGS, _row)
        await show_list(session, listed, None if everything else limit, asked)
        return Exit.DONE

    talk(work, url=url, as_json=as_json)


def _row(order: dict[str, Any]) -> tuple[str, ...]:
    customer = order["customer"]
    return (
        order["id"],
        order["state"],
        money(order["total"]),
        order["priority"],
        local_time(order["createdAt"]),
        local_time(order["updatedAt"]),
        customer["name"] if customer else "",
    )


def _given(values: dict[str, Any]) -> dict[str, Any] | None:
    return {name: value for name, value in values.items() if value is not None} or None

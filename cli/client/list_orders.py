"""``orders list`` lists the orders that match a filter."""

# ruff: file-ignore[too-many-arguments] - an argument is an option

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import typer

from cli.client import operations
from cli.client.exit_codes import ExitCode
from cli.client.filter_options import time_option, without_none
from cli.client.formatting import local_time, money
from cli.client.options import All, Count, Limit
from cli.client.paging import Listing, show_count, show_list
from cli.client.session import Session
from orchestration.domain.order import FailureCode, PaymentStatus, Priority
from orchestration.domain.states import OrderState

_HEADINGS = ("Order", "State", "Total", "Priority", "Created", "Updated", "Customer")


class SortBy(StrEnum):
    """Names are values of the API's OrderSortField."""

    CREATED_AT = "created"
    UPDATED_AT = "updated"
    TOTAL = "total"


_Ids: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--id", help="ID of an order. Repeatable.", show_default=False),
]
_States: TypeAlias = Annotated[
    list[OrderState] | None,
    typer.Option(case_sensitive=False, help="Repeatable.", show_default=False),
]
_Customer: TypeAlias = Annotated[
    str | None, typer.Option(help="ID of the customer.", show_default=False)
]
_CustomerName: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Part of the customer's name, ignoring case.", show_default=False),
]
_Priorities: TypeAlias = Annotated[
    list[Priority] | None,
    typer.Option(case_sensitive=False, help="Repeatable.", show_default=False),
]
_Sort: TypeAlias = Annotated[SortBy, typer.Option(help="Sort key.")]
_Ascending: TypeAlias = Annotated[
    bool, typer.Option("--ascending", help="Sort in ascending order. The default is descending.")
]
_Time: TypeAlias = Annotated[datetime | None, time_option()]
_Currency: TypeAlias = Annotated[
    str | None,
    typer.Option(help="ISO 4217 code. Required to filter or sort by total.", show_default=False),
]
_Sku: TypeAlias = Annotated[str | None, typer.Option(help="SKU of a line.", show_default=False)]
_PaymentStatuses: TypeAlias = Annotated[
    list[PaymentStatus] | None,
    typer.Option(case_sensitive=False, help="Repeatable.", show_default=False),
]
_FailureCodes: TypeAlias = Annotated[
    list[FailureCode] | None,
    typer.Option(case_sensitive=False, help="Repeatable.", show_default=False),
]
_Live: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--live", help="Take the state of running orders from their workflows. Costs more."
    ),
]
_Amount: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="AMOUNT", help="In major units, such as 24.90.", show_default=False),
]


async def list_orders(
    session: Session,
    *,
    order_id: _Ids = None,
    state: _States = None,
    customer: _Customer = None,
    customer_name: _CustomerName = None,
    priority: _Priorities = None,
    currency: _Currency = None,
    total_from: _Amount = None,
    total_to: _Amount = None,
    sku: _Sku = None,
    payment_status: _PaymentStatuses = None,
    failure_code: _FailureCodes = None,
    created_from: _Time = None,
    created_to: _Time = None,
    updated_from: _Time = None,
    updated_to: _Time = None,
    sort: _Sort = SortBy.CREATED_AT,
    ascending: _Ascending = False,
    live: _Live = False,
    limit: Limit = 20,
    everything: All = False,
    count: Count = False,
) -> ExitCode:
    """List the orders that match all given filters, the newest first.

    With --all --json, one JSON object per line.
    """
    filters = without_none({
        "ids": order_id,
        "states": state,
        "customerId": customer,
        "customerName": customer_name,
        "priorities": priority,
        "currency": currency,
        "total": without_none({"from": total_from, "to": total_to}),
        "sku": sku,
        "paymentStatuses": payment_status,
        "failureCodes": failure_code,
        "createdAt": without_none({"from": created_from, "to": created_to}),
        "updatedAt": without_none({"from": updated_from, "to": updated_to}),
    })
    if count:
        return await show_count(session, operations.ORDER_COUNT, {"filter": filters})
    direction = "ASC" if ascending else "DESC"
    sorting = {"field": sort.name, "direction": direction}
    variables = {"filter": filters, "sort": sorting, "live": live}
    listing = Listing(operations.ORDERS, _HEADINGS, _row)
    await show_list(session, listing, None if everything else limit, variables)
    return ExitCode.SUCCESS


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

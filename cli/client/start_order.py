"""``orders start``."""

# ruff: file-ignore[too-many-arguments, unused-function-argument] - an argument is an option; read from the context

from typing import Annotated, Any, TypeAlias
from uuid import uuid4

import typer

from cli.client import operations
from cli.client.exit_codes import Exit
from cli.client.failures import RequestFailed
from cli.client.options import AsJson, City, Country, PostalCode, Region, Street, Url
from cli.client.order_input import order_from_file, order_from_options, read_attempts, read_item
from cli.client.rendering import tell_order
from cli.client.session import Session, talk
from orchestration.domain.order import Priority, ReviewMode

_Customer: TypeAlias = Annotated[
    str | None, typer.Option(help="The id of who orders.", show_default=False)
]
_Items: TypeAlias = Annotated[
    list[Any] | None,
    typer.Option(
        parser=read_item,
        metavar="SKU:QTY:PRICE[:NAME]",
        help="What is ordered; once for each line.",
        show_default=False,
    ),
]
_Currency: TypeAlias = Annotated[
    str | None, typer.Option(help="ISO 4217; USD where left out.", show_default=False)
]
_Priority: TypeAlias = Annotated[
    Priority | None, typer.Option(case_sensitive=False, show_default=False)
]
_OrderId: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--id",
        help="Yours to choose, so that a retry is safe; made here and printed where left out.",
        show_default=False,
    ),
]
_PaymentId: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Of the charge; made from the order's where left out.", show_default=False),
]
_File: TypeAlias = Annotated[
    typer.FileBinaryRead | None,
    typer.Option(
        metavar="FILE",
        help="A StartOrderInput as JSON, instead of the options; - for stdin.",
        show_default=False,
    ),
]
_Review: TypeAlias = Annotated[
    ReviewMode | None,
    typer.Option(case_sensitive=False, rich_help_panel="Policy", show_default=False),
]
_Length: TypeAlias = Annotated[
    str | None, typer.Option(metavar="DURATION", rich_help_panel="Policy", show_default=False)
]
_Attempts: TypeAlias = Annotated[
    Any | None,
    typer.Option(
        parser=read_attempts, metavar="COUNT", rich_help_panel="Policy", show_default=False
    ),
]
_Count: TypeAlias = Annotated[
    int | None, typer.Option(rich_help_panel="Policy", show_default=False)
]
_Factor: TypeAlias = Annotated[
    float | None, typer.Option(rich_help_panel="Policy", show_default=False)
]


def start(
    context: typer.Context,
    *,
    customer: _Customer = None,
    item: _Items = None,
    street: Street = None,
    city: City = None,
    region: Region = None,
    postal_code: PostalCode = None,
    country: Country = None,
    currency: _Currency = None,
    priority: _Priority = None,
    order_id: _OrderId = None,
    payment_id: _PaymentId = None,
    review: _Review = None,
    review_timeout: _Length = None,
    deadline: _Length = None,
    activity_timeout: _Length = None,
    activity_attempts: _Attempts = None,
    activity_retry_delay: _Length = None,
    activity_retry_backoff: _Factor = None,
    shipping_attempts: _Count = None,
    shipping_retry_delay: _Length = None,
    shipping_retry_backoff: _Factor = None,
    delivery_timeout: _Length = None,
    file: _File = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Start an order, from options or from a file.

    With the same --id it is safe to repeat: the order is started once.

    Durations of the policy are ISO 8601, as in PT30S or PT5M; none stands for no limit, or no
    wait. What is left out of the policy comes from the API's settings.
    """
    options = context.params
    order = order_from_file(file, options) if file else order_from_options(options)
    order["id"] = order_id or order.get("id") or f"order-{uuid4()}"
    talk(lambda session: _start(session, order), url=url, as_json=as_json)


async def _start(session: Session, order: dict[str, Any]) -> Exit:
    try:
        result = await session.send(operations.START, order)
    except RequestFailed as failure:
        if failure.passing:
            session.out.warn(
                f"Whether it was started is not known. The same again with --id {order['id']}"
                " is safe: it is started once."
            )
        raise
    return session.report(result, lambda: _tell(session, result))


def _tell(session: Session, result: dict[str, Any]) -> None:
    session.out.say("Had been started before:" if result["replayed"] else "Started:")
    tell_order(session.out, result["order"])

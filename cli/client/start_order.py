"""``orders start`` starts one order from a file, from options, or from a sample."""

# ruff: file-ignore[too-many-arguments, unused-function-argument] - an argument is an option, and read from the context

import json
from typing import Annotated, Any, TypeAlias
from uuid import uuid4

import typer

from cli.client import operations
from cli.client.exit_codes import ExitCode
from cli.client.failures import RequestFailed
from cli.client.options import City, Country, PostalCode, Region, Street, new_id
from cli.client.order_input import (
    SAMPLE_ORDER,
    order_from_file,
    order_from_options,
    parse_attempts,
    parse_item,
)
from cli.client.order_rendering import render_summary
from cli.client.session import Session
from orchestration.domain.order import Priority, ReviewMode

_Customer: TypeAlias = Annotated[
    str | None, typer.Option(help="ID of an existing customer.", show_default=False)
]
_CustomerName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Instead of --customer: name of the customer, used if it is new.", show_default=False
    ),
]
_CustomerEmail: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Instead of --customer: finds the customer, or else creates it.", show_default=False
    ),
]
_CustomerPhone: TypeAlias = Annotated[
    str | None, typer.Option(help="Phone number of a new customer.", show_default=False)
]
_Sample: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--sample",
        help="Use sample values for the options that an order needs and you omit. They are"
        " printed.",
    ),
]
_Items: TypeAlias = Annotated[
    list[Any] | None,
    typer.Option(
        parser=parse_item,
        metavar="SKU:QTY:PRICE[:NAME]",
        help="An item of the order. Repeatable.",
        show_default=False,
    ),
]
_Currency: TypeAlias = Annotated[
    str | None, typer.Option(help="ISO 4217 code of all prices, such as USD.", show_default=False)
]
_Priority: TypeAlias = Annotated[
    Priority | None, typer.Option(case_sensitive=False, show_default=False)
]
_PaymentId: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Defaults to an ID derived from the order ID.", show_default=False),
]
_File: TypeAlias = Annotated[
    typer.FileBinaryRead | None,
    typer.Option(
        metavar="FILE",
        help="Read the order as a JSON StartOrderInput instead of from options; - for stdin.",
        show_default=False,
    ),
]


def _policy(help_text: str, metavar: str | None = None, **parsing: Any) -> Any:  # ruff: ignore[any-type] - as typer declares it
    """Return an option in the help's panel for the policy."""
    return typer.Option(
        help=help_text, metavar=metavar, rich_help_panel="Policy", show_default=False, **parsing
    )


def _duration(help_text: str) -> Any:  # ruff: ignore[any-type] - as typer declares it
    return _policy(help_text, "DURATION")


_Attempts: TypeAlias = Annotated[
    Any | None, _policy("Maximum attempts at a step.", "COUNT", parser=parse_attempts)
]


async def start(
    session: Session,
    context: typer.Context,
    *,
    customer: _Customer = None,
    customer_name: _CustomerName = None,
    customer_email: _CustomerEmail = None,
    customer_phone: _CustomerPhone = None,
    item: _Items = None,
    street: Street = None,
    city: City = None,
    region: Region = None,
    postal_code: PostalCode = None,
    country: Country = None,
    currency: _Currency = None,
    priority: _Priority = None,
    order_id: Annotated[str | None, new_id("--id")] = None,
    payment_id: _PaymentId = None,
    review: Annotated[
        ReviewMode | None,
        _policy("Who approves the order before its charge.", case_sensitive=False),
    ] = None,
    review_timeout: Annotated[str | None, _duration("Time limit of the review.")] = None,
    deadline: Annotated[
        str | None, _duration("Time limit for handing the order to the carrier.")
    ] = None,
    activity_timeout: Annotated[
        str | None, _duration("Time limit of one attempt at a step.")
    ] = None,
    activity_total_timeout: Annotated[
        str | None, _duration("Time limit of all attempts at a step together.")
    ] = None,
    activity_attempts: _Attempts = None,
    activity_retry_delay: Annotated[
        str | None, _duration("Delay before the first retry of a step.")
    ] = None,
    activity_retry_backoff: Annotated[
        float | None, _policy("Growth of this delay per retry.")
    ] = None,
    activity_max_retry_delay: Annotated[
        str | None, _duration("Longest delay between two attempts at a step.")
    ] = None,
    shipping_attempts: Annotated[int | None, _policy("Maximum shipping attempts.")] = None,
    shipping_retry_delay: Annotated[
        str | None, _duration("Delay before the second shipping attempt.")
    ] = None,
    shipping_retry_backoff: Annotated[
        float | None, _policy("Growth of this delay per attempt.")
    ] = None,
    delivery_timeout: Annotated[
        str | None, _duration("Time to wait for the confirmation of delivery.")
    ] = None,
    file: _File = None,
    sample: _Sample = False,
) -> ExitCode:
    """Start an order, from options or from a file.

    Repeating this with the same --id is safe: the order is started once. The shortest form is
    `orders start --sample`, which places a small sample order.

    Durations are in ISO 8601 format, such as PT30S or PT5M. "none" means no limit. It
    means no wait for --delivery-timeout, and five minutes, or the first delay if that is longer,
    for --activity-max-retry-delay. Omitted policy options take the API's settings.
    """
    options = context.params
    order = order_from_file(file, options) if file else order_from_options(options)
    if sample:
        values = {
            name: order[name] for name in SAMPLE_ORDER if order.get(name) == SAMPLE_ORDER[name]
        }
        session.out.warn(f"Sample values: {json.dumps(values)}")
    order["id"] = order_id or order.get("id") or f"order-{uuid4()}"
    try:
        result = await session.mutate(operations.START, order)
    except RequestFailed as failure:
        if failure.retryable:
            session.out.warn(
                f"The order may or may not have been started. Retry with --id {order['id']};"
                " it is started at most once."
            )
        raise
    return session.report(result, lambda: _render(session, result))


def _render(session: Session, result: dict[str, Any]) -> None:
    session.out.write("Already started:" if result["replayed"] else "Started:")
    render_summary(session.out, result["order"])

"""``orders watch`` and ``orders wait``: follow an order to its end."""

import asyncio
from contextlib import aclosing
from typing import Annotated, Any

import typer

from cli.client import operations
from cli.client.event_stream import order_events
from cli.client.exit_codes import BY_FINAL_STATE, ExitCode
from cli.client.options import OrderId
from cli.client.order_rendering import render_summary
from cli.client.session import Session


async def watch(
    session: Session,
    order: OrderId,
    *,
    after: Annotated[
        int, typer.Option(min=0, help="Print only events after this sequence number.")
    ] = 0,
) -> ExitCode:
    """Print each event of an order as it happens, until the order ends.

    A lost connection is resumed without losing or repeating an event. With --json, one JSON
    object per line.
    """
    async with aclosing(order_events(session, order, after)) as events:
        async for event in events:
            session.out.event(event)
    return ExitCode.SUCCESS


async def wait(
    session: Session,
    order: OrderId,
    *,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--for", metavar="SECONDS", min=0, help="Maximum time to wait.", show_default="no limit"
        ),
    ] = None,
) -> ExitCode:
    """Wait until an order ends. The exit code depends on its final state.

    0 COMPLETED, 10 CANCELLED, 11 APPROVAL_TIMEOUT, 12 FAILED. 6 if the order has not ended in time.
    """
    try:
        async with asyncio.timeout(seconds):
            await _last_event(session, order)
    except TimeoutError:
        session.out.error(f"Order {order} has not ended within {seconds:g} seconds.")
        return ExitCode.TIMED_OUT
    ended = await session.query(operations.FINAL_STATE, id=order)
    if ended is None:
        return session.not_found("Order", order)
    session.out.show(ended, lambda: render_summary(session.out, ended))
    if ended["state"] not in BY_FINAL_STATE:
        session.out.error(_reason_unfinished(ended))
        return ExitCode.FAILURE
    return BY_FINAL_STATE[ended["state"]]


def _reason_unfinished(order: dict[str, Any]) -> str:
    if order["workflow"] is None:
        return (
            f"The order is still {order['state']}, but its workflow was not found."
            " Temporal may have deleted it, or may be unavailable."
        )
    status = order["workflow"]["status"]
    return f"The workflow has closed ({status}), but the order is still {order['state']}."


async def _last_event(session: Session, order: str) -> None:
    async with aclosing(order_events(session, order, 0)) as events:
        async for _ in events:
            pass

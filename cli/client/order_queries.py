"""``orders status``, ``describe`` and ``history``: read one order."""

from typing import TYPE_CHECKING, Any

from cli.client import operations
from cli.client.exit_codes import ExitCode
from cli.client.options import OrderId
from cli.client.order_rendering import render_details, render_summary
from cli.client.paging import MAX_PAGE_SIZE
from cli.client.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.client.output import Output


async def status(session: Session, order: OrderId) -> ExitCode:
    """Show the state of an order, and the commands that it accepts now."""
    return await _show(session, order, operations.ORDER, render_summary)


async def describe(session: Session, order: OrderId) -> ExitCode:
    """Show all details of an order: content, payment, policy, workflow and pending activities."""
    return await _show(session, order, operations.ORDER_DETAILS, render_details)


async def history(session: Session, order: OrderId) -> ExitCode:
    """List all events of an order, the oldest first. With --json, one JSON object per line."""
    after = None
    while True:
        found = await session.query(operations.EVENTS, id=order, first=MAX_PAGE_SIZE, after=after)
        if found is None:
            return session.not_found("Order", order)
        for event in found["events"]["nodes"]:
            session.out.event(event)
        page = found["events"]["pageInfo"]
        if not page["hasNextPage"]:
            return ExitCode.SUCCESS
        after = page["endCursor"]


async def _show(
    session: Session,
    order: str,
    document: str,
    render: "Callable[[Output, dict[str, Any]], None]",
) -> ExitCode:
    found = await session.query(document, id=order)
    if found is None:
        return session.not_found("Order", order)
    session.out.show(found, lambda: render(session.out, found))
    return ExitCode.SUCCESS

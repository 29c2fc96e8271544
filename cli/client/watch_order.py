"""Following an order: to see what happens to it, or only to know how it ends."""

import asyncio
from contextlib import aclosing
from typing import Annotated, Any

import typer

from cli.client import operations
from cli.client.event_stream import order_events
from cli.client.exit_codes import OF_END, Exit
from cli.client.options import AsJson, AsJsonLines, OrderId, Url
from cli.client.rendering import no_such, tell_order
from cli.client.session import Session, talk


def watch(
    order: OrderId,
    *,
    after: Annotated[
        int, typer.Option(min=0, help="The last event that is known already; 0 for none.")
    ] = 0,
    url: Url = None,
    as_json: AsJsonLines = False,
) -> None:
    """Write each event of an order as it happens, to the order's end.

    A connection that is lost is made again; no event is missed or written twice.
    """

    async def work(session: Session) -> Exit:
        async with aclosing(order_events(session, order, after)) as events:
            async for event in events:
                session.out.event(event)
        return Exit.DONE

    talk(work, url=url, as_json=as_json)


def wait(
    order: OrderId,
    *,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--for", metavar="SECONDS", min=0, help="How long at most.", show_default="no limit"
        ),
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Wait for an order's end; the exit code tells which.

    0 COMPLETED, 10 CANCELLED, 11 APPROVAL_TIMEOUT, 12 FAILED; 6 where the time was up before.
    """

    async def work(session: Session) -> Exit:
        try:
            async with asyncio.timeout(seconds):
                await _last_event(session, order)
        except TimeoutError:
            session.out.error(f"Order {order} has not ended within {seconds:g} seconds.")
            return Exit.TIME_UP
        ended = await session.ask(operations.END, id=order)
        if ended is None:
            return no_such(session, "order", order)
        session.out.show(ended, lambda: tell_order(session.out, ended))
        if ended["state"] not in OF_END:
            session.out.error(_unfinished(ended))
            return Exit.FAILED
        return OF_END[ended["state"]]

    talk(work, url=url, as_json=as_json)


def _unfinished(order: dict[str, Any]) -> str:
    if order["workflow"] is None:  # Temporal has deleted it, or is away
        return f"The order is still {order['state']}, and its workflow is not to be seen."
    status = order["workflow"]["status"]
    return f"Its workflow has closed ({status}), and the order is still {order['state']}."


async def _last_event(session: Session, order: str) -> None:
    async with aclosing(order_events(session, order, 0)) as events:
        async for _ in events:
            pass

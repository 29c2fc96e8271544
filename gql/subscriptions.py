"""What can be watched."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from gql import inputs
from gql.context import Context, Info
from gql.errors import ErrorCode, RequestError, bad_input
from gql.filters import order_filter
from gql.paging import feed_cursor, feed_position
from gql.streams.hub import UnknownOrder, UnknownPosition
from gql.streams.progress import Progress
from gql.types.event import OrderEvent
from gql.types.order import Order
from orchestration.domain import order
from persistence.reads import TailedEvent

_MAX_SEQUENCE = 1_000_000_000


# Each of these is an ordinary coroutine that returns a generator: what it raises is an error of the
# subscription as a whole, told before it streams.


async def watch_events(
    info: Info,
    order_id: Annotated[strawberry.ID, strawberry.argument(description="The order.")],
    after_sequence: Annotated[
        int,
        strawberry.argument(
            description="The last event that is known already; 0 for none of them."
            f" Up to {_MAX_SEQUENCE}."
        ),
    ] = 0,
) -> AsyncGenerator[OrderEvent, None]:
    """Follow one order's events."""
    if not 0 <= after_sequence <= _MAX_SEQUENCE:
        raise bad_input(f"afterSequence must be from 0 to {_MAX_SEQUENCE}.")
    try:
        events = await info.context.services.streams.events(order_id, after_sequence)
    except UnknownOrder as unknown:
        raise _not_found(unknown) from None
    return _shown_events(info.context, order_id, events)


async def watch_progress(
    info: Info,
    order_id: Annotated[strawberry.ID, strawberry.argument(description="The order.")],
) -> AsyncGenerator[Order, None]:
    """Follow one order as it stands."""
    try:
        progress = await info.context.services.streams.progress(order_id)
    except UnknownOrder as unknown:
        raise _not_found(unknown) from None
    return _shown_progress(info.context, progress)


async def watch_feed(
    info: Info,
    filter: Annotated[  # ruff: ignore[builtin-argument-shadowing] - the contract's name
        inputs.OrderFilter | None,
        strawberry.argument(description="Of which orders; else of all."),
    ] = strawberry.UNSET,
    after: Annotated[
        str | None,
        strawberry.argument(
            description="The feedCursor to go on from: an event's, or a page's. Left out: from now."
        ),
    ] = strawberry.UNSET,
) -> AsyncGenerator[OrderEvent, None]:
    """Follow the events of all orders that match."""
    wanted = order_filter(filter or None)
    given = after is not strawberry.UNSET and after is not None
    position = feed_position(str(after)) if given else None
    try:
        feed = await info.context.services.streams.feed(wanted, position)
    except UnknownPosition:
        raise bad_input(
            "The feed has not come as far as this cursor: its record was restored since."
            " Read a page of orders, and go on from its feedCursor."
        ) from None
    return _shown_feed(info.context, feed)


async def _shown_events(
    context: Context, order_id: str, events: AsyncGenerator[order.OrderEvent]
) -> AsyncGenerator[OrderEvent, None]:
    async with aclosing(events):
        async for event in events:
            context.renew()
            yield OrderEvent.of(order_id, event)  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by Strawberry


async def _shown_progress(
    context: Context, progress: AsyncGenerator[Progress]
) -> AsyncGenerator[Order, None]:
    async with aclosing(progress):
        async for one in progress:
            context.renew()
            context.missing.update(one.missing)
            yield Order.of(one.merged)  # ruff: ignore[yield-in-context-manager-in-async-generator] - as above


async def _shown_feed(
    context: Context, feed: AsyncGenerator[TailedEvent]
) -> AsyncGenerator[OrderEvent, None]:
    async with aclosing(feed):
        async for tailed in feed:
            context.renew()
            event = OrderEvent.of(tailed.stored.order_id, tailed.stored.event)
            event.feed_cursor = feed_cursor(tailed.position)
            yield event  # ruff: ignore[yield-in-context-manager-in-async-generator] - as above


def _not_found(unknown: UnknownOrder) -> RequestError:
    return RequestError(ErrorCode.ORDER_NOT_FOUND, str(unknown))


@strawberry.type(description="What can be watched.")
class Subscription:
    """The entry for subscriptions."""

    order_events: AsyncGenerator[OrderEvent, None] = strawberry.subscription(
        resolver=watch_events,
        description="Every event of one order after a sequence, then each new one as it happens;"
        " completes after the order's last.",
    )
    order_progress: AsyncGenerator[Order, None] = strawberry.subscription(
        resolver=watch_progress,
        description="The merged order, now and whenever anything of it changes: state, step,"
        " pending activity attempts, address, payment. At most four a second; completes when the"
        " order and its workflow have ended.",
    )
    order_feed: AsyncGenerator[OrderEvent, None] = strawberry.subscription(
        resolver=watch_feed,
        description="Events of all orders that match, as they happen; filter.states matches state"
        " or fromState, so that an order leaving the filter is told of.",
    )

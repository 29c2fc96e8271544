"""What can be watched."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from gql.context import Context, Info
from gql.errors import ErrorCode, RequestError, bad_input
from gql.streams.hub import UnknownOrder
from gql.types.event import OrderEvent
from orchestration.domain import order

_MAX_SEQUENCE = 1_000_000_000


async def watch_events(
    info: Info,
    order_id: Annotated[strawberry.ID, strawberry.argument(description="The order.")],
    after_sequence: Annotated[
        int,
        strawberry.argument(
            description="The last event that is known already; 0 for none of them."
        ),
    ] = 0,
) -> AsyncGenerator[OrderEvent, None]:
    """Return a generator and not be one: an unknown order is refused before it streams."""
    if not 0 <= after_sequence <= _MAX_SEQUENCE:
        raise bad_input(f"afterSequence must be from 0 to {_MAX_SEQUENCE}.")
    try:
        events = await info.context.services.streams.events(order_id, after_sequence)
    except UnknownOrder as unknown:
        raise RequestError(ErrorCode.ORDER_NOT_FOUND, str(unknown)) from None
    return _shown(info.context, order_id, events)


async def _shown(
    context: Context, order_id: str, events: AsyncGenerator[order.OrderEvent]
) -> AsyncGenerator[OrderEvent, None]:
    try:
        async for event in events:
            context.renew()
            yield OrderEvent.of(order_id, event)
    finally:
        await events.aclose()


@strawberry.type(description="What can be watched.")
class Subscription:
    """The entry for subscriptions."""

    order_events: AsyncGenerator[OrderEvent, None] = strawberry.subscription(
        resolver=watch_events,
        description="Every event of one order after a sequence, then each new one as it happens;"
        " completes after the order's last.",
    )

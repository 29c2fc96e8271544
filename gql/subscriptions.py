"""The root fields for subscriptions. They turn streams into types of the schema."""

# Strawberry types its decorator as Any if it takes arguments.
# mypy: disable-error-code="untyped-decorator"
# ruff: file-ignore[no-self-use] - a root type has no state

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from gql.context import Context, Info
from gql.errors import ErrorCode, RequestError, bad_input
from gql.inputs.filters import OrderFilterInput
from gql.reading.paging import feed_cursor, feed_position
from gql.streams.errors import UnknownOrder, UnknownPosition
from gql.streams.progress import Progress
from gql.types.event import OrderEvent
from gql.types.order import Order
from orchestration.domain import order
from persistence.reads import OrderFilter, TailedEvent

_MAX_SEQUENCE = 1_000_000_000


@strawberry.type(description="Streams of order events and order states.")
class Subscription:
    # Each resolver is a coroutine that returns a generator. An error that it raises belongs to the
    # subscription as a whole and is sent before the stream starts.

    @strawberry.subscription(
        description="Every event of an order after a sequence, then each new event as it happens."
        " Completes after the order's last event."
    )
    async def order_events(
        self,
        info: Info,
        order_id: Annotated[strawberry.ID, strawberry.argument(description="ID of the order.")],
        after_sequence: Annotated[
            int,
            strawberry.argument(
                description="Sequence of the last event that the client has; 0 if none."
                f" Up to {_MAX_SEQUENCE}."
            ),
        ] = 0,
    ) -> AsyncGenerator[OrderEvent, None]:
        if not 0 <= after_sequence <= _MAX_SEQUENCE:
            raise bad_input(f"afterSequence must be from 0 to {_MAX_SEQUENCE}.")
        await _check_visible(info.context, order_id)
        try:
            events = await info.context.services.streams.events(order_id, after_sequence)
        except UnknownOrder as unknown:
            raise _not_found(unknown) from None
        return _order_events(info.context, order_id, events)

    @strawberry.subscription(
        description="The merged order, now and whenever it changes: state, step, attempts of"
        " pending activities, address, payment. At most four updates per second. Completes when the"
        " order and its workflow have ended."
    )
    async def order_progress(
        self,
        info: Info,
        order_id: Annotated[strawberry.ID, strawberry.argument(description="ID of the order.")],
    ) -> AsyncGenerator[Order, None]:
        await _check_visible(info.context, order_id)
        try:
            progress = await info.context.services.streams.progress(order_id)
        except UnknownOrder as unknown:
            raise _not_found(unknown) from None
        return _order_progress(info.context, progress)

    @strawberry.subscription(
        description="Events of all orders that match, as they happen. `filter.states` matches an"
        " event's state or `fromState`, and `filter.paymentStatuses` the status before or after it,"
        " so that an order leaving the filter is reported."
    )
    async def order_feed(
        self,
        info: Info,
        order_filter: Annotated[
            OrderFilterInput | None,
            strawberry.argument(name="filter", description="Which orders. Default: all."),
        ] = strawberry.UNSET,
        after: Annotated[
            str | None,
            strawberry.argument(
                description="The `feedCursor` of an event or a page to continue from. Default: now."
            ),
        ] = strawberry.UNSET,
    ) -> AsyncGenerator[OrderEvent, None]:
        filter_ = order_filter.to_domain() if order_filter else OrderFilter()
        filter_ = info.context.reads.limited(filter_)
        resumed = after is not strawberry.UNSET and after is not None
        position = feed_position(str(after)) if resumed else None
        try:
            feed = await info.context.services.streams.feed(filter_, position)
        except UnknownPosition:
            raise bad_input(
                "The database was restored or has failed over since this cursor was issued."
                " Read a page of orders and continue from its feedCursor."
            ) from None
        return _order_feed(info.context, feed)


async def _order_events(
    context: Context, order_id: str, events: AsyncGenerator[order.OrderEvent]
) -> AsyncGenerator[OrderEvent, None]:
    async with aclosing(events):
        async for event in events:
            context.start_event()
            yield OrderEvent.of(order_id, event)  # ruff: ignore[yield-in-context-manager-in-async-generator] - closed by Strawberry


async def _order_progress(
    context: Context, updates: AsyncGenerator[Progress]
) -> AsyncGenerator[Order, None]:
    async with aclosing(updates):
        async for progress in updates:
            context.start_event()
            context.unavailable.update(progress.unavailable)
            yield Order.of(progress.merged)  # ruff: ignore[yield-in-context-manager-in-async-generator] - as above


async def _order_feed(
    context: Context, feed: AsyncGenerator[TailedEvent]
) -> AsyncGenerator[OrderEvent, None]:
    async with aclosing(feed):
        async for tailed in feed:
            context.start_event()
            event = OrderEvent.of(tailed.stored.order_id, tailed.stored.event)
            event.feed_cursor = feed_cursor(tailed.position)
            yield event  # ruff: ignore[yield-in-context-manager-in-async-generator] - as above


async def _check_visible(context: Context, order_id: str) -> None:
    if not await context.order_reader.is_visible(order_id):
        raise _not_found(UnknownOrder(order_id))


def _not_found(unknown: UnknownOrder) -> RequestError:
    return RequestError(ErrorCode.ORDER_NOT_FOUND, str(unknown))

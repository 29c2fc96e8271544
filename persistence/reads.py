"""The read side of the record: one statement per call, and batches by ID for the loaders."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select, true

from orchestration.domain.states import OrderState
from persistence.customer_page import (
    customer_keyset,
    customers_count,
    customers_page,
)
from persistence.engine import connected, plan_each_time
from persistence.event_search import (
    EventFilter,
    EventQuery,
    event_count_statement,
    event_keyset,
    event_page_statement,
)
from persistence.feed_position import FeedPosition, OtherEpoch
from persistence.keyset_page import Keyset, Page, Slice, page_of
from persistence.order_filter import (
    OrderFacts,
    OrderFilter,
    feed_matcher,
    filter_conditions,
    filter_parameters,
)
from persistence.order_page import (
    PageQuery,
    SortField,
    customer_pages_statement,
    keyset,
    page_statement,
)
from persistence.read_statements import (
    COMMAND_EVENT,
    CUSTOMER_STATE_COUNTS,
    CUSTOMERS,
    EVENT_RANGES,
    FEED_POSITION,
    ORDER,
    ORDERS,
    PAYMENTS,
    SHIPPING_EVENTS,
    OwnedStatement,
)
from persistence.rows import (
    StoredCustomer,
    StoredEvent,
    StoredOrder,
    StoredPayment,
    order_event,
    stored_customer,
    stored_event,
    stored_order,
    stored_payment,
)
from persistence.start_facts import (
    FACTS_BY_CUSTOMER_ID,
    FACTS_BY_EMAIL,
    NamedCustomer,
    StartFacts,
    start_facts,
)
from persistence.tables import orders
from persistence.tail import TailedEvent, TailPage, tail_page, tail_statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.sql.base import Executable

    from orchestration.domain.order import OrderEvent

__all__ = [
    "EventFilter",
    "EventQuery",
    "EventRange",
    "FeedPosition",
    "Keyset",
    "NamedCustomer",
    "OrderFacts",
    "OrderFilter",
    "OtherEpoch",
    "Page",
    "PageQuery",
    "Reads",
    "Slice",
    "SortField",
    "StartFacts",
    "StoredCustomer",
    "StoredEvent",
    "StoredOrder",
    "StoredPayment",
    "TailPage",
    "TailedEvent",
    "customer_keyset",
    "event_keyset",
    "feed_matcher",
    "keyset",
]


class EventRange(NamedTuple):
    """The events of one order after the sequence ``after``, up to and including ``upto``."""

    order_id: str
    after: int
    upto: int


class Reads:
    """Reads the record. Every method raises RecordUnavailable if Postgres did not respond.

    With an ``owner``, no method returns anything of another customer, except ``start_facts``, whose
    answer a start needs, ``customers_page`` and ``customers_count``, and ``tail``, whose events
    a filter limits (``limited``).
    """

    def __init__(self, engine: AsyncEngine, owner: str | None = None) -> None:
        self._engine = engine
        self._owner = owner

    def of_customer(self, customer_id: str) -> Reads:
        """Return reads of the same record that are limited to this customer."""
        return Reads(self._engine, customer_id)

    def limited(self, filter_: OrderFilter) -> OrderFilter:
        """Limit a filter to the owner, if there is one."""
        return filter_ if self._owner is None else replace(filter_, owner=self._owner)

    async def order(self, order_id: str) -> StoredOrder | None:
        """Return an order, or None if it is not recorded."""
        rows = await self._rows(ORDER, order_id=order_id)
        return stored_order(rows[0]) if rows else None

    async def orders_by_ids(self, ids: Sequence[str]) -> list[StoredOrder]:
        """Return the orders that are recorded, in no particular order."""
        return [stored_order(row) for row in await self._rows(ORDERS, ids=list(ids))]

    async def customers_by_ids(self, ids: Sequence[str]) -> list[StoredCustomer]:
        """Return the customers that exist, in no particular order."""
        return [stored_customer(row) for row in await self._rows(CUSTOMERS, ids=list(ids))]

    async def payments_by_order_ids(self, ids: Sequence[str]) -> list[StoredPayment]:
        """Return the payments of these orders, in no particular order."""
        return [stored_payment(row) for row in await self._rows(PAYMENTS, ids=list(ids))]

    async def event_pages(
        self, order_ids: Sequence[str], limit: int, after: int
    ) -> dict[str, list[StoredEvent]]:
        """Return up to ``limit`` events per order after the sequence ``after``, oldest first."""
        # Sequences have no gaps, so a range has as many events as numbers.
        pages = await self.events_of([EventRange(id_, after, after + limit) for id_ in order_ids])
        return {
            order_id: [StoredEvent(order_id, event) for event in page]
            for order_id, page in zip(order_ids, pages, strict=True)
        }

    async def events_of(self, ranges: Sequence[EventRange]) -> list[list[OrderEvent]]:
        """Return the events in each range, oldest first."""
        rows = await self._rows(
            EVENT_RANGES,
            order_id=[wanted.order_id for wanted in ranges],
            after=[wanted.after for wanted in ranges],
            upto=[wanted.upto for wanted in ranges],
        )
        found: list[list[OrderEvent]] = [[] for _ in ranges]
        for row in rows:
            found[row[0] - 1].append(order_event(row))
        return found

    async def shipping_events(self, order_ids: Sequence[str]) -> dict[str, list[OrderEvent]]:
        """Return the events of each order's shipping attempts, oldest first."""
        found: dict[str, list[OrderEvent]] = {order_id: [] for order_id in order_ids}
        for row in await self._rows(SHIPPING_EVENTS, ids=list(order_ids)):
            found[row[0]].append(order_event(row))
        return found

    async def events_after(
        self, order_id: str, sequence: int, limit: int = 500
    ) -> list[StoredEvent]:
        """Return up to ``limit`` events of an order after a sequence, oldest first."""
        return (await self.event_pages([order_id], limit, sequence))[order_id]

    async def command_event(self, order_id: str, command_id: str) -> StoredEvent | None:
        """Return the first event that the command caused, or None if it caused none."""
        rows = await self._rows(COMMAND_EVENT, order_id=order_id, command_id=command_id)
        return stored_event(rows[0]) if rows else None

    async def start_facts(
        self,
        order_id: str,
        payment_id: str,
        *,
        customer_id: str | None = None,
        email: str | None = None,
    ) -> StartFacts:
        """Look up an order, its customer by ID or else by email, and the payment ID's owner."""
        statement = FACTS_BY_EMAIL if customer_id is None else FACTS_BY_CUSTOMER_ID
        customer = email if customer_id is None else customer_id
        (row,) = await self._rows(
            statement, order_id=order_id, payment_id=payment_id, customer=customer
        )
        return start_facts(row)

    async def page(self, query: PageQuery) -> Page[StoredOrder]:
        """Return a page of the orders that match, in the order of the sort."""
        query = replace(query, filter=self.limited(query.filter))
        return _order_page(await self._planned_rows(*page_statement(query)), query)

    async def customer_order_pages(
        self, customer_ids: Sequence[str], wanted: Slice
    ) -> dict[str, Page[StoredOrder]]:
        """Return a page of orders per customer, latest first."""
        rows = await self._planned_rows(
            *customer_pages_statement(customer_ids, wanted, self._owner)
        )
        owned: dict[str, list[Row[Any]]] = {}
        for row in rows:
            owned.setdefault(row.page_owner, []).append(row)
        return {owner: _order_page(page, wanted) for owner, page in owned.items()}

    async def customers_page(self, search: str | None, wanted: Slice) -> Page[StoredCustomer]:
        """Return a page of the customers whose name or email contains ``search``, latest first.

        The search ignores letter case. None returns all customers.
        """
        rows = await self._planned_rows(*customers_page(search, wanted))
        return page_of(rows, [stored_customer(row) for row in rows if row.id is not None], wanted)

    async def customers_count(self, search: str | None) -> int:
        """Count the customers whose name or email contains ``search``, or all for None."""
        (row,) = await self._planned_rows(*customers_count(search))
        return int(row[0])

    async def search_events(self, query: EventQuery) -> Page[StoredEvent]:
        """Return a page of the events that match, the newest first."""
        query = replace(query, filter=self._limited_events(query.filter))
        rows = await self._planned_rows(*event_page_statement(query))
        nodes = [stored_event(row) for row in rows if row.order_id is not None]
        return page_of(rows, nodes, query)

    async def count_events(self, filter_: EventFilter) -> int:
        statement = event_count_statement(self._limited_events(filter_))
        (row,) = await self._planned_rows(*statement)
        return int(row[0])

    def _limited_events(self, filter_: EventFilter) -> EventFilter:
        return filter_ if self._owner is None else replace(filter_, owner=self._owner)

    async def count(self, filter_: OrderFilter) -> int:
        parameters = filter_parameters(self.limited(filter_))
        statement = select(func.count()).select_from(orders).where(*filter_conditions(parameters))
        (row,) = await self._planned_rows(statement, parameters)
        return int(row[0])

    async def state_counts(self, filter_: OrderFilter) -> dict[OrderState, int]:
        """Count the orders that match per state. The filter's own ``states`` are ignored."""
        parameters = filter_parameters(self.limited(replace(filter_, states=None)))
        statement = (
            select(orders.c.state, func.count().label("number"))
            .where(true(), *filter_conditions(parameters))
            .group_by(orders.c.state)
        )
        rows = await self._planned_rows(statement, parameters)
        return {OrderState(row.state): row.number for row in rows}

    async def customer_state_counts(
        self, customer_ids: Sequence[str]
    ) -> dict[str, dict[OrderState, int]]:
        """Count the orders of each customer per state. A customer without orders has no states."""
        counts: dict[str, dict[OrderState, int]] = {id_: {} for id_ in customer_ids}
        for row in await self._rows(CUSTOMER_STATE_COUNTS, ids=list(customer_ids)):
            counts[row.customer_id][OrderState(row.state)] = row.number
        return counts

    async def feed_position(self) -> FeedPosition:
        """Return the current end of the feed: every event before this position can be read."""
        (row,) = await self._rows(FEED_POSITION)
        return FeedPosition(int(row.horizon), epoch=row.epoch)

    async def tail(
        self, after: FeedPosition, limit: int, order_ids: Sequence[str] | None = None
    ) -> TailPage:
        """Return up to ``limit`` events after a position, of these orders or of all for None.

        Raises OtherEpoch.
        """
        statement, parameters = tail_statement(after, limit, order_ids)
        return tail_page(await self._rows(statement, **parameters), after, limit)

    async def _rows(
        self, statement: Executable | OwnedStatement, **parameters: object
    ) -> Sequence[Row[Any]]:
        if isinstance(statement, OwnedStatement):
            if self._owner is not None:
                parameters["owner"] = self._owner
            statement = statement.of_all if self._owner is None else statement.of_owner
        async with connected(self._engine) as connection:
            return (await connection.execute(statement, parameters)).all()

    async def _planned_rows(
        self, statement: Executable, parameters: dict[str, object]
    ) -> Sequence[Row[Any]]:
        async with connected(self._engine) as connection:
            await plan_each_time(connection)
            return (await connection.execute(statement, parameters)).all()


def _order_page(rows: Sequence[Row[Any]], wanted: Slice) -> Page[StoredOrder]:
    return page_of(rows, [stored_order(row) for row in rows if row.id is not None], wanted)

"""One operation's batches: whatever a level of the answer needs of a kind, in one statement."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from strawberry.dataloader import DataLoader

from persistence.reads import Keyset

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from orchestration.domain.states import OrderState
    from persistence.reads import (
        Page,
        Reads,
        StoredCustomer,
        StoredEvent,
        StoredOrder,
        StoredPayment,
    )

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class EventSlice:
    """Up to ``limit`` events of one order, from the first after that sequence."""

    order_id: str
    limit: int
    after: int


@dataclass(frozen=True)
class OrderSlice:
    """Up to ``limit`` orders of one customer, the latest first, from the first after that place."""

    customer_id: str
    limit: int
    after: Keyset | None


class Loaders:
    """What has been read for this operation, and what waits to be read together."""

    def __init__(self, reads: Reads) -> None:
        """Begin with nothing read."""
        self._reads = reads
        self._under_way: set[asyncio.Task[Any]] = set()
        self.customers: DataLoader[str, StoredCustomer | None] = self._loader(self._customers)
        self.customer_orders: DataLoader[OrderSlice, Page[StoredOrder]] = self._loader(
            self._customer_orders
        )
        self.customer_counts: DataLoader[str, dict[OrderState, int]] = self._loader(
            self._customer_counts
        )
        self.orders: DataLoader[str, StoredOrder | None] = self._loader(self._orders)
        self.payments: DataLoader[str, StoredPayment | None] = self._loader(self._payments)
        self.events: DataLoader[EventSlice, list[StoredEvent]] = self._loader(self._events)

    def cancel(self) -> None:
        """Give up what is being read. A batch would outlive the request that nobody waits for."""
        for batch in self._under_way:
            batch.cancel()

    def _loader(self, read: Callable[[Sequence[K]], Awaitable[list[V]]]) -> DataLoader[K, V]:
        async def noted(keys: list[K]) -> list[V]:
            batch = asyncio.current_task()
            assert batch is not None  # ruff: ignore[assert] - Strawberry makes a task of each
            self._under_way.add(batch)
            try:
                return await read(keys)
            finally:
                self._under_way.discard(batch)

        return DataLoader(noted)

    async def _customers(self, ids: Sequence[str]) -> list[StoredCustomer | None]:
        found = {customer.id: customer for customer in await self._reads.customers_by_ids(ids)}
        return [found.get(customer_id) for customer_id in ids]

    async def _customer_orders(self, slices: Sequence[OrderSlice]) -> list[Page[StoredOrder]]:
        # As with events: a statement for each pair of limit and cursor.
        wanted: dict[tuple[int, Keyset | None], list[str]] = {}
        for part in slices:
            wanted.setdefault((part.limit, part.after), []).append(part.customer_id)
        pages = await asyncio.gather(
            *(
                self._reads.customer_order_pages(customer_ids, limit=limit, after=after)
                for (limit, after), customer_ids in wanted.items()
            )
        )
        found = dict(zip(wanted, pages, strict=True))
        return [found[part.limit, part.after][part.customer_id] for part in slices]

    async def _customer_counts(self, ids: Sequence[str]) -> list[dict[OrderState, int]]:
        counts = await self._reads.customer_state_counts(ids)
        return [counts[customer_id] for customer_id in ids]

    async def _orders(self, ids: Sequence[str]) -> list[StoredOrder | None]:
        found = {row.order.id: row for row in await self._reads.orders_by_ids(ids)}
        return [found.get(order_id) for order_id in ids]

    async def _payments(self, order_ids: Sequence[str]) -> list[StoredPayment | None]:
        payments = await self._reads.payments_by_order_ids(order_ids)
        found = {payment.order_id: payment for payment in payments}
        return [found.get(order_id) for order_id in order_ids]

    async def _events(self, slices: Sequence[EventSlice]) -> list[list[StoredEvent]]:
        # A level asks for one limit and cursor, aliases aside: each pair of them is a statement.
        wanted: dict[tuple[int, int], list[str]] = {}
        for part in slices:
            wanted.setdefault((part.limit, part.after), []).append(part.order_id)
        pages = await asyncio.gather(
            *(
                self._reads.event_pages(order_ids, limit=limit, after=after)
                for (limit, after), order_ids in wanted.items()
            )
        )
        found = dict(zip(wanted, pages, strict=True))
        return [found[part.limit, part.after].get(part.order_id, []) for part in slices]

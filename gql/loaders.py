"""One operation's batches: whatever a level of the answer needs of a kind, in one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from gql.loading import Loader
from gql.order_reader import Missing
from orchestration.domain.errors import RecordUnavailable
from persistence.reads import Reads

if TYPE_CHECKING:
    from orchestration.domain.order import OrderEvent
    from orchestration.domain.states import OrderState
    from persistence.reads import (
        Keyset,
        Page,
        StoredCustomer,
        StoredOrder,
        StoredPayment,
    )

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")
_Group = TypeVar("_Group", bound=Hashable)
_Found = TypeVar("_Found")


class EventSlice(NamedTuple):
    """Up to ``limit`` events of one order, from the first after that sequence."""

    order_id: str
    limit: int
    after: int


class OrderSlice(NamedTuple):
    """Up to ``limit`` orders of one customer, the latest first, from the first after that place."""

    customer_id: str
    limit: int
    after: Keyset | None


class Loaders:
    """What has been read for this operation, and what waits to be read together."""

    def __init__(self, reads: Reads, missing: set[Missing]) -> None:
        """Begin with nothing read. ``missing`` is the operation's: what has not answered it."""
        self._reads = reads
        self._missing = missing
        self._all: list[Loader[Any, Any]] = []
        self.customers: Loader[str, StoredCustomer | None] = self._loader(_customers)
        self.customer_orders: Loader[OrderSlice, Page[StoredOrder]] = self._loader(_customer_orders)
        self.customer_counts: Loader[str, dict[OrderState, int]] = self._loader(
            Reads.customer_state_counts
        )
        self.orders: Loader[str, StoredOrder | None] = self._loader(_orders)
        self.payments: Loader[str, StoredPayment | None] = self._loader(_payments)
        self.events: Loader[EventSlice, list[OrderEvent]] = self._loader(_events)

    def _loader(
        self, read: Callable[[Reads, list[_K]], Awaitable[Mapping[_K, _V]]]
    ) -> Loader[_K, _V]:
        reads, missing = self._reads, self._missing  # with self in it there would be a cycle

        async def read_if_it_answers(keys: list[_K]) -> Mapping[_K, _V]:
            # What hangs is waited for once in an operation, not once at each of its levels.
            if Missing.RECORD in missing:
                raise RecordUnavailable("it has not answered this operation before")
            try:
                return await read(reads, keys)
            except RecordUnavailable:
                missing.add(Missing.RECORD)
                raise

        loader = Loader(read_if_it_answers)
        self._all.append(loader)
        return loader

    def close(self) -> None:
        """Give up what is being read: a batch would outlive the request that nobody waits for."""
        for loader in self._all:
            loader.close()


async def _customers(reads: Reads, ids: list[str]) -> dict[str, StoredCustomer | None]:
    found = await reads.customers_by_ids(ids)
    return {**dict.fromkeys(ids), **{customer.id: customer for customer in found}}


async def _orders(reads: Reads, ids: list[str]) -> dict[str, StoredOrder | None]:
    found = await reads.orders_by_ids(ids)
    return {**dict.fromkeys(ids), **{row.order.id: row for row in found}}


async def _payments(reads: Reads, order_ids: list[str]) -> dict[str, StoredPayment | None]:
    found = await reads.payments_by_order_ids(order_ids)
    return {**dict.fromkeys(order_ids), **{payment.order_id: payment for payment in found}}


async def _customer_orders(
    reads: Reads, slices: list[OrderSlice]
) -> dict[OrderSlice, Page[StoredOrder]]:
    async def read(
        place: tuple[int, Keyset | None], ids: list[str]
    ) -> dict[str, Page[StoredOrder]]:
        return await reads.customer_order_pages(ids, limit=place[0], after=place[1])

    wanted = [((part.limit, part.after), part.customer_id) for part in slices]
    return dict(zip(slices, await _by_group(wanted, read), strict=True))


async def _events(reads: Reads, slices: list[EventSlice]) -> dict[EventSlice, list[OrderEvent]]:
    async def read(place: tuple[int, int], ids: list[str]) -> dict[str, list[OrderEvent]]:
        return await reads.events_of(ids, limit=place[0], after=place[1])

    wanted = [((part.limit, part.after), part.order_id) for part in slices]
    return dict(zip(slices, await _by_group(wanted, read), strict=True))


async def _by_group(
    wanted: Sequence[tuple[_Group, str]],
    read: Callable[[_Group, list[str]], Awaitable[dict[str, _Found]]],
) -> Iterable[_Found]:
    """Read each group by a statement. A level asks for one limit and cursor, aliases aside."""
    groups: dict[_Group, list[str]] = {}
    for group, one in wanted:
        groups.setdefault(group, []).append(one)
    pages = await asyncio.gather(*starmap(read, groups.items()))
    found = dict(zip(groups, pages, strict=True))
    return [found[group][one] for group, one in wanted]

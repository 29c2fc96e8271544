"""The data loaders of one operation: one statement per kind of row and level of the response."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from gql.errors import UnavailableSource
from gql.reading.dataloader import DataLoader
from orchestration.domain.errors import RecordUnavailable
from orchestration.messages import StatusQuery
from persistence.reads import Reads

if TYPE_CHECKING:
    from gql.reading.merged_order import MergedOrder
    from gql.reading.order_reader import OrderReader
    from orchestration.domain.order import OrderEvent
    from orchestration.domain.states import OrderState
    from persistence.reads import (
        EventRange,
        Page,
        Slice,
        StoredCustomer,
        StoredOrder,
        StoredPayment,
    )

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class OrderSlice(NamedTuple):
    """A slice of one customer's orders, newest first."""

    customer_id: str
    slice: Slice


class Loaders:
    """Each loader is made when it is first used: most operations need one or none."""

    def __init__(
        self, reads: Reads, unavailable: set[UnavailableSource], reader: OrderReader
    ) -> None:
        """``unavailable`` is the operation's set of unavailable sources, shared with its reader."""
        self._reads = reads
        self._reader = reader
        self._unavailable = unavailable
        self._all: list[DataLoader[Any, Any]] = []

    @cached_property
    def customers(self) -> DataLoader[str, StoredCustomer | None]:
        return self._loader(_customers)

    @cached_property
    def customer_orders(self) -> DataLoader[OrderSlice, Page[StoredOrder]]:
        return self._loader(_customer_orders)

    @cached_property
    def customer_counts(self) -> DataLoader[str, dict[OrderState, int]]:
        return self._loader(Reads.customer_state_counts)

    @cached_property
    def orders(self) -> DataLoader[str, StoredOrder | None]:
        return self._loader(_orders)

    @cached_property
    def payments(self) -> DataLoader[str, StoredPayment | None]:
        return self._loader(_payments)

    @cached_property
    def shipping_events(self) -> DataLoader[str, list[OrderEvent]]:
        return self._loader(Reads.shipping_events)

    @cached_property
    def events(self) -> DataLoader[EventRange, list[OrderEvent]]:
        return self._loader(_events)

    @cached_property
    def workflow_events(self) -> DataLoader[tuple[str, int], list[OrderEvent] | None]:
        """Events of an order after a sequence. None if its workflow does not respond."""
        return self._of_reader(_workflow_events)

    @cached_property
    def merged_orders(self) -> DataLoader[str, MergedOrder | None]:
        return self._of_reader(_merged_orders)

    def _of_reader(
        self, read: Callable[[OrderReader, list[_K]], Awaitable[Mapping[_K, _V]]]
    ) -> DataLoader[_K, _V]:
        loader = DataLoader(partial(read, self._reader))
        self._all.append(loader)
        return loader

    def _loader(
        self, read: Callable[[Reads, list[_K]], Awaitable[Mapping[_K, _V]]]
    ) -> DataLoader[_K, _V]:
        # The closure holds no reference to self, which would be a cycle.
        reads, unavailable = self._reads, self._unavailable

        async def read_if_available(keys: list[_K]) -> Mapping[_K, _V]:
            # A record that hangs is waited for once per operation, not once per level.
            if UnavailableSource.RECORD in unavailable:
                raise RecordUnavailable("it did not respond to this operation before")
            try:
                return await read(reads, keys)
            except RecordUnavailable:
                unavailable.add(UnavailableSource.RECORD)
                raise

        loader = DataLoader(read_if_available)
        self._all.append(loader)
        return loader

    def close(self) -> None:
        """Cancel pending batches so that none outlives its request."""
        for loader in self._all:
            loader.close()


async def _workflow_events(
    reader: OrderReader, keys: list[tuple[str, int]]
) -> dict[tuple[str, int], list[OrderEvent] | None]:
    statuses = await asyncio.gather(
        *(reader.status(order_id, StatusQuery(after_sequence=after)) for order_id, after in keys)
    )
    return {
        key: status.events if status else None for key, status in zip(keys, statuses, strict=True)
    }


async def _merged_orders(reader: OrderReader, ids: list[str]) -> dict[str, MergedOrder | None]:
    return dict(zip(ids, await asyncio.gather(*map(reader.order, ids)), strict=True))


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
    """Read the customers with the same slice with one statement.

    One level of a response has one slice, unless it uses aliases.
    """
    groups: dict[Slice, list[str]] = {}
    for customer_id, slice_ in slices:
        groups.setdefault(slice_, []).append(customer_id)
    pages = await asyncio.gather(
        *(reads.customer_order_pages(ids, slice_) for slice_, ids in groups.items())
    )
    found = dict(zip(groups, pages, strict=True))
    return {wanted: found[wanted.slice][wanted.customer_id] for wanted in slices}


async def _events(reads: Reads, ranges: list[EventRange]) -> dict[EventRange, list[OrderEvent]]:
    return dict(zip(ranges, await reads.events_of(ranges), strict=True))

"""Reads one order from Postgres and Temporal, and answers from whichever of them responds.

==============  =====================================================================
Postgres        answer
==============  =====================================================================
row             merged with the workflow's status by event sequence; the row alone if
                the workflow is gone or does not respond
no row          the workflow's input and status; PLACED until a worker has responded
no response     the workflow's input and status, or SERVICE_UNAVAILABLE
==============  =====================================================================
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from gql.errors import ErrorCode, RequestError, UnavailableSource
from gql.reading.merged_order import MergedOrder, from_row, from_workflow
from orchestration.client import OrderClient, TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.order import IDENTIFIER
from orchestration.messages import OrderStatus, StatusQuery
from persistence.reads import Reads, StoredOrder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from orchestration.client import Execution, Started

T = TypeVar("T")

MAX_TEMPORAL_CALLS = 16
"""Calls to Temporal that one operation may have in flight. A list may need one per order."""

ROW_HEAD_START = 0.02
"""Head start for the row, in seconds. Most orders have ended, so the row usually makes the workflow
query unnecessary."""

DESCRIBE_TIMEOUT = 0.75
"""Seconds to wait for DescribeWorkflowExecution. It needs no worker, so a fast answer means that
Temporal is up and only the worker is missing. A saturated server needs hundreds of milliseconds."""

LIVE_TIMEOUT = 3.0
"""Seconds to wait for the workflows of a list."""

ROW_TIMEOUT = 3.0
"""Seconds to wait for the row, as long as for a connection. The workflow has responded by then, and
its answer does not have to wait for a record that hangs."""


@dataclass(frozen=True)
class Found(Generic[T]):
    value: T


class Absent(Enum):
    """Why a source returned nothing."""

    MISSING = "the source has no such order"
    UNAVAILABLE = "the source did not respond"


Lookup: TypeAlias = Found[T] | Literal[Absent.MISSING, Absent.UNAVAILABLE]


@dataclass(frozen=True)
class OrderReader:
    """Reads orders for one operation.

    Sources that do not respond are added to ``unavailable``, which the operation's loaders share.
    ``temporal_calls`` limits how many calls to Temporal one operation has in flight. With an
    ``owner``, the orders of other customers do not exist. ``reads`` has the same limit.
    """

    reads: Reads
    orders: OrderClient
    temporal_calls: asyncio.Semaphore
    unavailable: set[UnavailableSource]
    owner: str | None = None

    async def is_visible(self, order_id: str) -> bool:
        """Return whether the order may exist for the caller. False only with an ``owner``.

        An order of another customer and one that does not exist take the same statements and
        calls. Raises RequestError (SERVICE_UNAVAILABLE) if the available sources cannot tell.
        """
        if self.owner is None:
            return True
        if not IDENTIFIER.fullmatch(order_id):
            return False
        return await self._belongs_to_owner(order_id, await self._row(order_id))

    async def _belongs_to_owner(self, order_id: str, row: Lookup[StoredOrder]) -> bool:
        if isinstance(row, Found):
            return True
        # The order may be so new that it has no row yet. Its start needs no worker to be read.
        started = await self._from_temporal(self.orders.find_started, order_id)
        if isinstance(started, Found):
            return started.value.order.request.customer_id == self.owner
        if row is Absent.MISSING and started is Absent.MISSING:
            return False
        raise self._unreadable(order_id)

    async def order(self, order_id: str) -> MergedOrder | None:
        """Return the order, or None if it does not exist.

        The workflow is not queried if the row says that the order has ended. Raises RequestError
        (SERVICE_UNAVAILABLE) if the available sources cannot tell.
        """
        if not IDENTIFIER.fullmatch(order_id):
            return None
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(self._row(order_id))
            if self.owner is None:
                await asyncio.wait({reading}, timeout=ROW_HEAD_START)
            elif not await self._belongs_to_owner(order_id, await reading):
                return None
            if queried := not (reading.done() and _has_ended(reading.result())):
                status = await self._status_unless_no_worker(order_id)
            else:
                status = Absent.MISSING
        row = reading.result()
        answer = status.value if isinstance(status, Found) else None
        if isinstance(row, Found):
            return from_row(row.value, answer, queried=queried)
        if row is Absent.MISSING and status is Absent.MISSING:
            return None
        return await self._without_row(order_id, row, answer)

    async def live(self, rows: Sequence[StoredOrder]) -> tuple[list[MergedOrder], list[str]]:
        """Merge each running order with its workflow, and return those whose workflow is silent.

        A silent workflow did not respond in time or does not exist. Its order is returned as
        recorded. Concurrent queries of one workflow are shared by all operations of the process.
        """
        merged = [from_row(row) for row in rows]
        silent = {index: row.order.id for index, row in enumerate(rows) if not row.snapshot.ended}
        remaining = iter(list(silent.items()))

        async def read_remaining() -> None:
            for index, order_id in remaining:
                status = await self._status_unless_no_worker(order_id)
                if isinstance(status, Found):
                    merged[index] = from_row(rows[index], status.value, queried=True)
                    del silent[index]

        try:
            # No more tasks than calls at a time, so that an unavailable worker is noticed by all.
            async with asyncio.timeout(LIVE_TIMEOUT), asyncio.TaskGroup() as tasks:
                for _ in range(min(len(silent), MAX_TEMPORAL_CALLS)):
                    tasks.create_task(read_remaining())
        except TimeoutError:
            self.unavailable.add(UnavailableSource.WORKER)
        return merged, list(silent.values())

    async def execution(self, order_id: str) -> Execution | None:
        """Describe the order's workflow. None if it is gone or Temporal does not respond."""
        described = await self._from_temporal(self.orders.describe, order_id)
        return described.value if isinstance(described, Found) else None

    async def status(self, order_id: str, query: StatusQuery) -> OrderStatus | None:
        """Query the workflow. None if it is gone or no worker responds."""
        status = await self._query(order_id, query)
        return status.value if isinstance(status, Found) else None

    async def _without_row(
        self,
        order_id: str,
        row: Literal[Absent.MISSING, Absent.UNAVAILABLE],
        status: OrderStatus | None,
    ) -> MergedOrder | None:
        # An order without a row and without a worker can only be PLACED. If the record is
        # unavailable too, nobody knows how far the order is, and its start would not help.
        started: Lookup[Started] = Absent.UNAVAILABLE
        if row is Absent.MISSING or status is not None:
            started = await self._from_temporal(self.orders.find_started, order_id)
        if isinstance(started, Found):
            return from_workflow(started.value, status)
        if started is Absent.MISSING and row is Absent.MISSING and status is None:
            return None
        raise self._unreadable(order_id)

    def _unreadable(self, order_id: str) -> RequestError:
        return RequestError(
            ErrorCode.SERVICE_UNAVAILABLE,
            f"Order {order_id} cannot be read because these sources did not respond:"
            f" {', '.join(sorted(self.unavailable))}. Retry.",
        )

    async def _row(self, order_id: str) -> Lookup[StoredOrder]:
        try:
            async with asyncio.timeout(ROW_TIMEOUT):
                row = await self.reads.order(order_id)
        except (TimeoutError, RecordUnavailable):
            self.unavailable.add(UnavailableSource.RECORD)
            return Absent.UNAVAILABLE
        return Found(row) if row is not None else Absent.MISSING

    async def _status_unless_no_worker(self, order_id: str) -> Lookup[OrderStatus]:
        # A worker that did not respond for another order of this operation is not waited for again.
        if UnavailableSource.WORKER in self.unavailable:
            return Absent.UNAVAILABLE
        return await self._query(order_id, StatusQuery())

    async def _query(self, order_id: str, query: StatusQuery) -> Lookup[OrderStatus]:
        if UnavailableSource.TEMPORAL in self.unavailable:
            return Absent.UNAVAILABLE
        try:
            async with self.temporal_calls:
                status = await self.orders.status(order_id, query)
        except TemporalUnavailable:
            self.unavailable.add(
                UnavailableSource.WORKER
                if await self._temporal_responds(order_id)
                else UnavailableSource.TEMPORAL
            )
            return Absent.UNAVAILABLE
        return Found(status) if status is not None else Absent.MISSING

    async def _from_temporal(
        self, read: Callable[[str], Awaitable[T | None]], order_id: str
    ) -> Lookup[T]:
        """Call a method of OrderClient that needs no worker."""
        if UnavailableSource.TEMPORAL in self.unavailable:
            return Absent.UNAVAILABLE
        try:
            async with self.temporal_calls:
                value = await read(order_id)
        except TemporalUnavailable:
            self.unavailable.add(UnavailableSource.TEMPORAL)
            return Absent.UNAVAILABLE
        return Found(value) if value is not None else Absent.MISSING

    async def _temporal_responds(self, order_id: str) -> bool:
        try:
            async with asyncio.timeout(DESCRIBE_TIMEOUT):
                await self.orders.describe(order_id)
        except (TimeoutError, TemporalUnavailable):
            return False
        return True


def _has_ended(row: Lookup[StoredOrder]) -> bool:
    return isinstance(row, Found) and row.value.snapshot.ended

"""Sends at most one status query per order at a time, and batches concurrent readers.

While a workflow task is pending, Temporal buffers one query per workflow and rejects further ones
for about a second. Concurrent readers of an order therefore share a query.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orchestration.messages import StatusQuery

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orchestration.messages import OrderStatus


@dataclass
class _Batch:
    """The requests that one query combines, and its future result."""

    requests: list[StatusQuery] = field(default_factory=list)
    result: asyncio.Future[OrderStatus | None] = field(default_factory=asyncio.Future)

    @property
    def query(self) -> StatusQuery:
        afters = [q.after_sequence for q in self.requests if q.after_sequence is not None]
        ids = dict.fromkeys(command_id for q in self.requests for command_id in q.command_ids)
        return StatusQuery(min(afters, default=None), list(ids))


class StatusReader:
    """Queries the status of orders' workflows, one query per workflow at a time.

    A request that arrives while a query is in flight waits for the next query, so that its result
    is never older than the request.
    """

    def __init__(self, send: Callable[[str, StatusQuery], Awaitable[OrderStatus | None]]) -> None:
        """``send`` sends one query. Its result or error is passed to every reader of the batch."""
        self._send = send
        self._pending: dict[str, _Batch] = {}
        self._senders: dict[str, asyncio.Task[None]] = {}

    async def read(self, order_id: str, query: StatusQuery) -> OrderStatus | None:
        """Return the order's status with at least the requested events and verdicts."""
        batch = self._pending.get(order_id)
        if batch is None:
            batch = self._pending[order_id] = _Batch()
        batch.requests.append(query)
        if order_id not in self._senders:
            self._senders[order_id] = asyncio.create_task(self._send_batches(order_id))
        # A reader that is cancelled must not cancel the result of the others.
        return await asyncio.shield(batch.result)

    async def _send_batches(self, order_id: str) -> None:
        try:
            while order_id in self._pending:
                batch = self._pending.pop(order_id)
                try:
                    status = await self._send(order_id, batch.query)
                except Exception as error:  # ruff: ignore[blind-except] - passed to each reader
                    batch.result.set_exception(error)
                    # All readers may be gone: retrieve it, so that asyncio does not log it.
                    batch.result.exception()
                else:
                    batch.result.set_result(status)
        finally:
            del self._senders[order_id]

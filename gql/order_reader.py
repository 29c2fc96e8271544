"""Reading one order from both its sources, whichever of them answers.

=================  ==================================================================
the record says    the answer
=================  ==================================================================
a row              merged with the workflow's status by event sequence; the row alone
                   where the workflow is gone, or does not answer
no row             the workflow's memo and status; PLACED where no worker answers yet
nothing (away)     the workflow's memo and status, or SERVICE_UNAVAILABLE
=================  ==================================================================
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

from gql.errors import ErrorCode, RequestError
from gql.merged_order import MergedOrder, from_row, from_workflow
from orchestration.client import OrderClient, TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.order import IDENTIFIER
from orchestration.messages import OrderStatus, StatusQuery
from persistence.reads import Reads, StoredOrder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphql import GraphQLError

    from orchestration.client import Execution

ROW_HEAD_START = 0.02
"""Most orders that are read have ended, and their rows say so before a workflow could answer."""

DESCRIBED_WITHIN = 0.75
"""Seconds. Temporal describes without a worker, so that a worker that is away is told from a
Temporal that is: in milliseconds, and in hundreds of them where it is saturated."""

ROW_WITHIN = 3.0
"""Seconds: as long as a connection is waited for. The workflow has answered by then, and need not
wait for a record that hangs."""


class Missing(StrEnum):
    """What did not answer, as ``extensions.degraded`` names it."""

    TEMPORAL = "temporal"
    WORKER = "worker"
    RECORD = "record"


def missing_of(errors: Iterable[GraphQLError]) -> set[Missing]:
    """Return what did not answer those fields that could not be read for it."""
    causes = [cause for error in errors for cause in _causes(error)]
    return {
        missing
        for missing, kind in (
            (Missing.RECORD, RecordUnavailable),
            (Missing.TEMPORAL, TemporalUnavailable),
        )
        if any(isinstance(cause, kind) for cause in causes)
    }


def _causes(error: GraphQLError) -> tuple[BaseException | None, BaseException | None]:
    cause = error.original_error
    return cause, cause.__cause__ if cause else None


class _Away(Enum):
    AWAY = "did not answer"


_AWAY = _Away.AWAY
_Row: TypeAlias = StoredOrder | Literal[_Away.AWAY] | None
_Status: TypeAlias = OrderStatus | Literal[_Away.AWAY] | None


@dataclass(frozen=True)
class OrderReader:
    """Reads orders for one operation, and notes in ``missing`` what did not answer.

    ``gate`` bounds how many questions to Temporal it has under way.
    """

    reads: Reads
    orders: OrderClient
    gate: asyncio.Semaphore
    missing: set[Missing]

    async def order(self, order_id: str) -> MergedOrder | None:
        """Return the order, None where there is none; raise RequestError where nobody can tell.

        The workflow of an order that has ended is not asked: it has nothing to add.
        """
        if not IDENTIFIER.fullmatch(order_id):
            return None
        asked = True
        status: _Status = None
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(self._row(order_id))
            await asyncio.wait({reading}, timeout=ROW_HEAD_START)
            if reading.done() and _has_ended(reading.result()):
                asked = False
            else:
                # Another order's worker did not answer in this operation: do not wait for it again.
                away = Missing.WORKER in self.missing
                status = _AWAY if away else await self._ask(order_id, StatusQuery())
        return await self._merge(order_id, reading.result(), status, asked=asked)

    async def execution(self, order_id: str) -> Execution | None:
        """Describe the order's workflow; None where it is gone or Temporal does not answer."""
        described = await self._describe(order_id)
        return None if described is _AWAY else described

    async def status(self, order_id: str, question: StatusQuery) -> OrderStatus | None:
        """Ask the workflow; None where it is gone or no worker answers."""
        status = await self._ask(order_id, question)
        return None if status is _AWAY else status

    async def _merge(
        self, order_id: str, row: _Row, status: _Status, *, asked: bool
    ) -> MergedOrder | None:
        answer = None if status is _AWAY else status
        if isinstance(row, StoredOrder):
            return from_row(row, answer, asked=asked)
        if row is None and status is None:
            return None
        # With neither row nor worker the order can only be PLACED; with the record away as well,
        # nobody knows how far it is.
        described = None if row is _AWAY and answer is None else await self._describe(order_id)
        if isinstance(described, _Away) or described is None:
            if described is None and row is None and answer is None:
                return None
            raise RequestError(
                ErrorCode.SERVICE_UNAVAILABLE,
                f"Order {order_id} cannot be read now: {', '.join(sorted(self.missing))}"
                " did not answer. Try again.",
            )
        return from_workflow(described, answer)

    async def _row(self, order_id: str) -> _Row:
        try:
            async with asyncio.timeout(ROW_WITHIN):
                return await self.reads.order(order_id)
        except (TimeoutError, RecordUnavailable):
            self.missing.add(Missing.RECORD)
            return _AWAY

    async def _ask(self, order_id: str, question: StatusQuery) -> _Status:
        if Missing.TEMPORAL in self.missing:
            return _AWAY
        try:
            async with self.gate:
                return await self.orders.status(order_id, question)
        except TemporalUnavailable:
            self.missing.add(
                Missing.WORKER if await self._temporal_answers(order_id) else Missing.TEMPORAL
            )
            return _AWAY

    async def _describe(self, order_id: str) -> Execution | Literal[_Away.AWAY] | None:
        if Missing.TEMPORAL in self.missing:
            return _AWAY
        try:
            async with self.gate:
                return await self.orders.describe(order_id)
        except TemporalUnavailable:
            self.missing.add(Missing.TEMPORAL)
            return _AWAY

    async def _temporal_answers(self, order_id: str) -> bool:
        try:
            async with asyncio.timeout(DESCRIBED_WITHIN):
                await self.orders.describe(order_id)
        except (TimeoutError, TemporalUnavailable):
            return False
        return True


def _has_ended(row: _Row) -> bool:
    return isinstance(row, StoredOrder) and row.snapshot.ended

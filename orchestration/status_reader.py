"""One query in flight an order: what everyone asks meanwhile goes into the next one.

Temporal buffers one query a workflow while a workflow task is pending and refuses the next for
about a second, so concurrent readers of one order have to share.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orchestration.messages import StatusQuestion

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orchestration.messages import OrderStatus


@dataclass
class _Round:
    """The questions that one query will ask together, and its answer to come."""

    questions: list[StatusQuestion] = field(default_factory=list)
    answer: asyncio.Future[OrderStatus | None] = field(default_factory=asyncio.Future)

    @property
    def question(self) -> StatusQuestion:
        afters = [q.after_sequence for q in self.questions if q.after_sequence is not None]
        ids = dict.fromkeys(one for q in self.questions for one in q.command_ids)
        return StatusQuestion(min(afters, default=None), list(ids))


class StatusReader:
    """Asks workflows for their status, one query at a time each.

    A question put after an event is never answered by a query sent before it: it joins the next.
    """

    def __init__(self, ask: Callable[[str, StatusQuestion], Awaitable[OrderStatus | None]]) -> None:
        """``ask`` sends one query; whatever it returns or raises reaches all who joined it."""
        self._ask = ask
        self._next: dict[str, _Round] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def read(self, order_id: str, question: StatusQuestion) -> OrderStatus | None:
        """Return the order's status with at least what was asked for."""
        joined = self._next.get(order_id)
        if joined is None:
            joined = self._next[order_id] = _Round()
        joined.questions.append(question)
        if order_id not in self._busy:
            self._busy[order_id] = asyncio.create_task(self._work(order_id))
        # One reader that gives up takes nothing from the others.
        return await asyncio.shield(joined.answer)

    async def _work(self, order_id: str) -> None:
        try:
            while order_id in self._next:
                current = self._next.pop(order_id)
                try:
                    answer = await self._ask(order_id, current.question)
                except Exception as error:  # ruff: ignore[blind-except] - it reaches each reader
                    current.answer.set_exception(error)
                    # Retrieved here too: all readers may have given up by now.
                    current.answer.exception()
                else:
                    current.answer.set_result(answer)
        finally:
            del self._busy[order_id]

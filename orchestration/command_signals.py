"""Sends commands as signals, and keeps a flood of them from exhausting an order's workflow.

Temporal refuses signals to a workflow that has received 10,000. An order that received that many
could no longer be approved. After MAX_COMMANDS commands, the order's status is therefore queried
first, and a command is sent only if the order would apply it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orchestration.domain.commands import MAX_COMMANDS, RefusalReason, Verdict
from orchestration.messages import StatusQuery
from orchestration.rpc import TemporalUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orchestration.domain.commands import Command
    from orchestration.messages import OrderStatus
    from orchestration.workflow_status import WorkflowStatus

_MAX_ORDERS = 10_000
"""Orders whose commands are counted. Beyond that, the order commanded longest ago is forgotten."""

_MAX_CONCURRENT_CHECKS = 50
"""Commands per order that are checked at a time, and so can be sent on the same answer."""


@dataclass(frozen=True)
class CommandStored:
    """Temporal has stored the signal, and no worker has processed it yet."""


@dataclass(frozen=True)
class WorkflowClosed:
    """The signal was rejected, because the workflow has closed with this status."""

    status: WorkflowStatus


@dataclass
class _Count:
    """How many commands an order has received: those it reported, and those sent since then.

    ``acknowledged`` is the part of ``sent`` that Temporal has stored, ``reported_own`` the part of
    it that ``reported`` includes. Other processes' commands are known from the order's reports.
    """

    reported: int = 0
    reported_own: int = 0
    sent: int = 0
    acknowledged: int = 0
    checks: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(_MAX_CONCURRENT_CHECKS)
    )

    @property
    def is_at_limit(self) -> bool:
        return self.reported + self.sent - self.reported_own >= MAX_COMMANDS

    def report(self, received: int, acknowledged: int) -> None:
        """``received`` includes at least this many of the commands of this process."""
        self.reported = max(self.reported, received)
        self.reported_own = max(self.reported_own, acknowledged)


class CommandSignals:
    """Sends commands, and counts them per order."""

    def __init__(
        self,
        signal: Callable[[str, Command], Awaitable[CommandStored | WorkflowClosed | None]],
        status: Callable[[str, StatusQuery], Awaitable[OrderStatus | None]],
    ) -> None:
        """``signal`` returns None if the workflow does not exist, ``status`` queries a workflow."""
        self._signal = signal
        self._query = status
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    async def send(
        self, order_id: str, command: Command
    ) -> Verdict | CommandStored | WorkflowClosed | None:
        """Send a command with a command ID. Returns None if the workflow does not exist.

        Raises TemporalUnavailable if the signal may not have been stored.
        """
        count = self._count(order_id)
        if not count.is_at_limit:
            return await self._send(order_id, command, count)
        async with count.checks:
            status = await self._status(order_id, command, count)
            if status is not None:
                for verdict in status.verdicts:
                    return verdict
                if command.name not in status.available_commands:
                    return _refused(command, status)
            return await self._send(order_id, command, count)

    async def _send(
        self, order_id: str, command: Command, count: _Count
    ) -> Verdict | CommandStored | WorkflowClosed | None:
        count.sent += 1
        stored = await self._signal(order_id, command)
        if not isinstance(stored, CommandStored):
            return stored
        count.acknowledged += 1
        try:
            status = await self._status(order_id, command, count)
        except TemporalUnavailable:
            return stored
        for verdict in status.verdicts if status else ():
            return verdict
        if status is not None and status.commands_received > MAX_COMMANDS:
            return _refused(command, status)
        return stored

    async def _status(self, order_id: str, command: Command, count: _Count) -> OrderStatus | None:
        acknowledged = count.acknowledged
        ids = [command.command_id] if command.command_id else []
        status = await self._query(order_id, StatusQuery(command_ids=ids))
        if status is not None:
            count.report(status.commands_received, acknowledged)
        return status

    def _count(self, order_id: str) -> _Count:
        count = self._counts.setdefault(order_id, _Count())
        self._counts.move_to_end(order_id)
        if len(self._counts) > _MAX_ORDERS:
            self._counts.popitem(last=False)
        return count


def _refused(command: Command, status: OrderStatus) -> Verdict:
    """Return the verdict on a command whose refusal the order does not store."""
    state = status.snapshot.state
    return Verdict(
        command_id=command.command_id or "",
        command=command.name,
        content=command.content,
        nonce=command.nonce,
        applied=False,
        state=state,
        message=(
            f"the order cannot apply the command while it is {state}, and keeps no record of the"
            f" refusal because it has received more than {MAX_COMMANDS} commands"
        ),
        reason=RefusalReason.COMMAND_LIMIT,
    )

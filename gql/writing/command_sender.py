"""Sends commands, and finds the verdict on a command wherever it is still known.

===================================  ==========================================================
situation                            result
===================================  ==========================================================
the row refuses it for good          CommandRefused, without a signal
the workflow returns its verdict     CommandApplied or CommandRefused
no worker responds in time           CommandPending: the signal is stored
the workflow is closed               the recorded event with the command's ID; else the closed
                                     workflow's verdict; else CommandRefused with the row's state
the workflow does not exist          the recorded event with the command's ID; else
                                     CommandRefused with the row's state; else OrderNotFound
same command ID and content          the first verdict, ``replayed`` (detected by the nonce)
same command ID, other content       CommandConflict
===================================  ==========================================================
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import strawberry

from gql.errors import ErrorCode, RequestError, UnavailableSource
from gql.reading.order_reader import OrderReader
from gql.types.results import (
    CommandApplied,
    CommandConflict,
    CommandPending,
    CommandRefused,
    InvalidInput,
    OrderNotFound,
)
from gql.writing.actor import actor_of
from gql.writing.stored_command import stored_command
from orchestration.client import CommandStored, OrderClient, TemporalUnavailable, WorkflowClosed
from orchestration.domain.commands import Refusal, RefusalReason, lasting_refusal
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.judgement import command_problems
from orchestration.domain.order import IDENTIFIER, Actor
from orchestration.domain.validation import identifier_problems
from orchestration.messages import StatusQuery
from persistence.reads import Reads, StoredOrder

if TYPE_CHECKING:
    from gql.context import Context
    from orchestration.domain.commands import Command, CommandName, Verdict
    from orchestration.domain.states import OrderState

Answer = (
    CommandApplied
    | CommandPending
    | CommandRefused
    | CommandConflict
    | OrderNotFound
    | InvalidInput
)


_ROW_TIMEOUT = 0.25
"""Seconds to wait for the row before a command is sent without having read it."""


@dataclass(frozen=True)
class CommandSender:
    reads: Reads
    orders: OrderClient
    reader: OrderReader
    actor: Actor

    @classmethod
    def of(cls, context: Context) -> Self:
        return cls(
            context.reads,
            context.services.orders,
            context.order_reader,
            actor_of(context.principal),
        )

    async def send(self, order_id: str, command: Command) -> Answer:
        """Send a command and return its outcome. A missing command ID is generated."""
        problems = [
            *identifier_problems(order_id, "order_id"),
            *identifier_problems(command.command_id, "command_id"),
            *command_problems(command),
        ]
        if problems:
            return InvalidInput.of(problems)
        if not await self.reader.is_visible(order_id):
            return OrderNotFound.of(order_id)
        repeatable = command.command_id is not None
        command_id = command.command_id or str(uuid4())
        named = replace(command, command_id=command_id, nonce=uuid4().hex, actor=self.actor)
        row = await self._row_for_check(order_id)
        refused = row and await self._lasting_refusal(row, command_id, named, repeatable=repeatable)
        return refused or await self._signal(order_id, command_id, named)

    async def _signal(self, order_id: str, command_id: str, named: Command) -> Answer:
        try:
            answer = await self.orders.send(order_id, named)
        except TemporalUnavailable:
            self.reader.unavailable.add(UnavailableSource.TEMPORAL)
            return await self._recorded(order_id, command_id, named) or _unavailable(command_id)
        match answer:
            case CommandStored():
                self.reader.unavailable.add(UnavailableSource.WORKER)
                return CommandPending(
                    order_id=strawberry.ID(order_id),
                    command_id=strawberry.ID(command_id),
                    command=named.name,
                )
            case WorkflowClosed(status=status):
                return await self._closed(order_id, command_id, named, status)
            case None:
                return await self._gone(order_id, command_id, named)
            case verdict:
                return _outcome(order_id, verdict, named)

    async def find(self, order_id: str, command_id: str) -> Answer | None:
        """Return the verdict on a command sent earlier. None if the order never received it."""
        if not (IDENTIFIER.fullmatch(order_id) and IDENTIFIER.fullmatch(command_id)):
            return None
        if not await self.reader.is_visible(order_id):
            return OrderNotFound.of(order_id)
        recorded = await self._recorded(order_id, command_id)
        if recorded is not None:
            return recorded
        status = await self.reader.status(order_id, StatusQuery(command_ids=[command_id]))
        if status is not None:
            return next((_outcome(order_id, verdict) for verdict in status.verdicts), None)
        if self.reader.unavailable & {UnavailableSource.WORKER, UnavailableSource.TEMPORAL}:
            raise RequestError(
                ErrorCode.SERVICE_UNAVAILABLE,
                f"The outcome of command {command_id} is not available because the order's"
                " workflow did not respond. Retry.",
            )
        known = await self.reads.order(order_id)
        return None if known else OrderNotFound.of(order_id)

    async def _row_for_check(self, order_id: str) -> StoredOrder | None:
        try:
            async with asyncio.timeout(_ROW_TIMEOUT):
                return await self.reads.order(order_id)
        except (TimeoutError, RecordUnavailable):
            return None

    async def _lasting_refusal(
        self,
        row: StoredOrder,
        command_id: str,
        command: Command,
        *,
        repeatable: bool,
    ) -> Answer | None:
        """Answer a command that the order can never apply, according to its row.

        Such commands cost no signal, because Temporal limits the signals per workflow. Returns None
        if the command has to be sent: it may be applied, or its first verdict cannot be read.
        """
        order_id, state = row.order.id, row.snapshot.state
        lasting = lasting_refusal(command.name, row.snapshot, row.order.policy)
        if lasting is None:
            return None
        refusal = _refused(order_id, command_id, command.name, state, lasting)
        if not repeatable:
            return refusal
        recorded = await self._recorded(order_id, command_id, command)
        if recorded is not None:
            return recorded
        status = await self.reader.status(order_id, StatusQuery(command_ids=[command_id]))
        if status is None:
            return None
        verdicts = [_outcome(order_id, verdict, command) for verdict in status.verdicts]
        return next(iter(verdicts), refusal)

    async def _closed(
        self, order_id: str, command_id: str, command: Command, status: str
    ) -> Answer:
        recorded = await self._recorded(order_id, command_id, command)
        if recorded is not None:
            return recorded
        question = StatusQuery(command_ids=[command_id])
        closed = await self.reader.status(order_id, question)
        for verdict in closed.verdicts if closed else ():
            return _outcome(order_id, verdict, command)
        # The row has the final state, whatever closed the workflow.
        merged = await self.reader.order(order_id)
        if merged is None:
            return OrderNotFound.of(order_id)
        state = merged.snapshot.state
        message = f"the order's workflow is closed ({status}); the order is {state}"
        refusal = Refusal(RefusalReason.WORKFLOW_CLOSED, message)
        return _refused(order_id, command_id, command.name, state, refusal)

    async def _gone(self, order_id: str, command_id: str, command: Command) -> Answer:
        row = await self.reads.order(order_id)
        if row is None:
            return OrderNotFound.of(order_id)
        recorded = await self._recorded(order_id, command_id, command)
        if recorded is not None:
            return recorded
        state = row.snapshot.state
        message = f"the order's workflow no longer exists; the order is {state}"
        refusal = Refusal(RefusalReason.WORKFLOW_CLOSED, message)
        return _refused(order_id, command_id, command.name, state, refusal)

    async def _recorded(
        self, order_id: str, command_id: str, command: Command | None = None
    ) -> Answer | None:
        """Find an applied command by its recorded event. Refused commands leave no event."""
        try:
            event = await self.reads.command_event(order_id, command_id)
        except RecordUnavailable:
            self.reader.unavailable.add(UnavailableSource.RECORD)
            return None
        stored = stored_command(event.event) if event else None
        if stored is None:
            return None
        if command is not None and not stored.matches(command):
            return _conflict(order_id, command_id, command.name)
        return _applied(order_id, command_id, stored.name, replayed=True)


def _outcome(order_id: str, verdict: Verdict, sent: Command | None = None) -> Answer:
    if sent is not None and (verdict.command, verdict.content) != (sent.name, sent.content):
        return _conflict(order_id, verdict.command_id, sent.name)
    if verdict.applied:
        replayed = sent is None or verdict.nonce != sent.nonce
        return _applied(order_id, verdict.command_id, verdict.command, replayed=replayed)
    return _refused(order_id, verdict.command_id, verdict.command, verdict.state, verdict.refusal)


def _applied(
    order_id: str, command_id: str, command: CommandName, *, replayed: bool
) -> CommandApplied:
    return CommandApplied(
        order_id=strawberry.ID(order_id),
        command_id=strawberry.ID(command_id),
        command=command,
        replayed=replayed,
    )


def _refused(
    order_id: str, command_id: str, command: CommandName, state: OrderState, refusal: Refusal
) -> CommandRefused:
    return CommandRefused(
        message=refusal.message,
        reason=refusal.reason,
        order_id=strawberry.ID(order_id),
        command_id=strawberry.ID(command_id),
        command=command,
        state=state,
    )


def _conflict(order_id: str, command_id: str, command: CommandName) -> CommandConflict:
    return CommandConflict(
        message=f"Command ID {command_id} was already used with another command or content.",
        order_id=strawberry.ID(order_id),
        command_id=strawberry.ID(command_id),
        command=command,
    )


def _unavailable(command_id: str) -> Answer:
    raise RequestError(
        ErrorCode.SERVICE_UNAVAILABLE,
        f"Temporal did not respond, so command {command_id} may not have been stored."
        " Retry with the same commandId; it is applied at most once.",
    )

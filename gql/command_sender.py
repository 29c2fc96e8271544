"""What becomes of a command, whoever can still tell.

=====================================  ======================================================
what happens                           the answer
=====================================  ======================================================
the workflow gives its verdict         CommandApplied or CommandRefused
no worker answers in time              CommandPending: the signal is stored
the signal is refused: closed          by the command id in the record's events; else the closed
                                       workflow's verdict; else CommandRefused with the row's state
no such workflow                       the same from the record; else OrderNotFound
the same command id and content        the first verdict, ``replayed`` (told by the nonce)
the same command id, anything else     CommandConflict
=====================================  ======================================================
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import strawberry

from gql.errors import ErrorCode, RequestError
from gql.order_reader import Missing, OrderReader
from gql.stored_command import stored_command
from gql.types.results import (
    CommandApplied,
    CommandConflict,
    CommandPending,
    CommandRefused,
    InvalidInput,
    OrderNotFound,
)
from orchestration.client import CommandStored, OrderClient, TemporalUnavailable, WorkflowClosed
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.judgement import command_problems
from orchestration.domain.order import IDENTIFIER
from orchestration.domain.validation import identifier_problems
from orchestration.messages import StatusQuery
from persistence.reads import Reads

if TYPE_CHECKING:
    from gql.context import Context
    from gql.stored_command import StoredCommand
    from orchestration.domain.commands import Command, Verdict

Answer = (
    CommandApplied
    | CommandPending
    | CommandRefused
    | CommandConflict
    | OrderNotFound
    | InvalidInput
)


@dataclass(frozen=True)
class CommandSender:
    """Sends commands, and finds the verdicts on those sent before."""

    reads: Reads
    orders: OrderClient
    reader: OrderReader

    @classmethod
    def of(cls, context: Context) -> Self:
        """Send for one operation."""
        services = context.services
        return cls(services.reads, services.orders, context.order_reader)

    async def send(self, order_id: str, command: Command) -> Answer:
        """Send a command, under an id made here where it has none, and say what became of it."""
        problems = [
            *identifier_problems(order_id, "order_id"),
            *identifier_problems(command.command_id, "command_id"),
            *command_problems(command),
        ]
        if problems:
            return InvalidInput.of(problems)
        command_id = command.command_id or str(uuid4())
        named = replace(command, command_id=command_id, nonce=uuid4().hex)
        try:
            answer = await self.orders.send(order_id, named)
        except TemporalUnavailable:
            self.reader.missing.add(Missing.TEMPORAL)
            return await self._recorded(order_id, command_id, named) or _unavailable(command_id)
        match answer:
            case CommandStored():
                self.reader.missing.add(Missing.WORKER)
                return CommandPending(
                    order_id=strawberry.ID(order_id),
                    command_id=strawberry.ID(command_id),
                    command=command.name,
                )
            case WorkflowClosed(status=status):
                return await self._after_the_end(order_id, command_id, named, status)
            case None:
                return await self._after_retention(order_id, command_id, named)
            case verdict:
                return _judged(order_id, verdict, named)

    async def find(self, order_id: str, command_id: str) -> Answer | None:
        """Return the verdict on a command sent earlier; None where the order never saw it."""
        if not (IDENTIFIER.fullmatch(order_id) and IDENTIFIER.fullmatch(command_id)):
            return None
        recorded = await self._recorded(order_id, command_id)
        if recorded is not None:
            return recorded
        status = await self.reader.status(order_id, StatusQuery(command_ids=[command_id]))
        if status is not None:
            return next((_judged(order_id, verdict) for verdict in status.verdicts), None)
        if self.reader.missing & {Missing.WORKER, Missing.TEMPORAL}:
            raise RequestError(
                ErrorCode.SERVICE_UNAVAILABLE,
                f"What became of command {command_id} cannot be read now:"
                " the order's workflow did not answer. Try again.",
            )
        known = await self.reads.order(order_id)
        return None if known else OrderNotFound.of(order_id)

    async def _after_the_end(
        self, order_id: str, command_id: str, command: Command, status: str
    ) -> Answer:
        recorded = await self._recorded(order_id, command_id, command)
        if recorded is not None:
            return recorded
        asked = StatusQuery(command_ids=[command_id])
        closed = await self.reader.status(order_id, asked)
        for verdict in closed.verdicts if closed else ():
            return _judged(order_id, verdict, command)
        # The row has the last word on the state: whatever closed the workflow, its end is there.
        merged = await self.reader.order(order_id)
        if merged is None:
            return OrderNotFound.of(order_id)
        state = merged.snapshot.state
        return CommandRefused(
            message=f"the order's workflow is closed ({status}): it is {state}",
            order_id=strawberry.ID(order_id),
            command_id=strawberry.ID(command_id),
            command=command.name,
            state=state,
        )

    async def _after_retention(self, order_id: str, command_id: str, command: Command) -> Answer:
        row = await self.reads.order(order_id)
        if row is None:
            return OrderNotFound.of(order_id)
        recorded = await self._recorded(order_id, command_id, command)
        if recorded is not None:
            return recorded
        return CommandRefused(
            message=f"the order's workflow is gone: it is {row.snapshot.state}",
            order_id=strawberry.ID(order_id),
            command_id=strawberry.ID(command_id),
            command=command.name,
            state=row.snapshot.state,
        )

    async def _recorded(
        self, order_id: str, command_id: str, command: Command | None = None
    ) -> Answer | None:
        """Find the event that an applied command left; refusals leave none."""
        try:
            event = await self.reads.command_event(order_id, command_id)
        except RecordUnavailable:
            self.reader.missing.add(Missing.RECORD)
            return None
        stored = stored_command(event.event) if event else None
        if stored is None:
            return None
        if command is not None and not stored.is_that(command):
            return _conflict(order_id, command_id)
        return _applied_before(order_id, command_id, stored)


def _judged(order_id: str, verdict: Verdict, sent: Command | None = None) -> Answer:
    if sent is not None and (verdict.command, verdict.content) != (sent.name, sent.content):
        return _conflict(order_id, verdict.command_id)
    if verdict.applied:
        return CommandApplied(
            order_id=strawberry.ID(order_id),
            command_id=strawberry.ID(verdict.command_id),
            command=verdict.command,
            replayed=sent is None or verdict.nonce != sent.nonce,
        )
    return CommandRefused(
        message=verdict.message,
        order_id=strawberry.ID(order_id),
        command_id=strawberry.ID(verdict.command_id),
        command=verdict.command,
        state=verdict.state,
    )


def _applied_before(order_id: str, command_id: str, stored: StoredCommand) -> CommandApplied:
    return CommandApplied(
        order_id=strawberry.ID(order_id),
        command_id=strawberry.ID(command_id),
        command=stored.name,
        replayed=True,
    )


def _conflict(order_id: str, command_id: str) -> CommandConflict:
    return CommandConflict(
        message=f"Command {command_id} was sent before with another command or content.",
        order_id=strawberry.ID(order_id),
        command_id=strawberry.ID(command_id),
    )


def _unavailable(command_id: str) -> Answer:
    raise RequestError(
        ErrorCode.SERVICE_UNAVAILABLE,
        f"Temporal did not answer, so command {command_id} may or may not have been stored."
        " Send it again with this commandId: it will be done once.",
    )

"""How the rest of the project talks to an order's workflow: start, command, status, describe."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest,
)
from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from orchestration import search_attributes
from orchestration.domain.order import Order
from orchestration.execution import (
    MEMO,
    Execution,
    PendingActivity,
    PlacedOrder,
    execution,
    pending_activities,
    placed_order,
    status_name,
)
from orchestration.messages import OrderStart, OrderStatus, StatusQuestion
from orchestration.order_workflow import OrderWorkflow
from orchestration.payloads import DATA_CONVERTER
from orchestration.status_reader import StatusReader
from orchestration.visibility import FoundPage, WorkflowFilter, find

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from orchestration.domain.commands import Command, Verdict
    from orchestration.settings import OrchestrationSettings

__all__ = [
    "CommandStored",
    "Execution",
    "OrderClient",
    "PendingActivity",
    "Started",
    "TemporalUnavailable",
    "WorkflowClosed",
    "connect",
]

_CONNECT_WITHIN = timedelta(seconds=10)
_ANSWER_WITHIN = timedelta(seconds=2)
_BACKSTOP = timedelta(days=1)
"""How far Temporal's own run timeout is behind the order's deadline: it undoes nothing."""


class TemporalUnavailable(Exception):
    """Temporal, or a worker where one is needed, gave no answer in the time set."""


@dataclass(frozen=True)
class Started:
    """An order's workflow, started now or (``created`` False) before.

    ``order`` and ``placed_at`` are those of that first time.
    """

    order: Order
    run_id: str
    placed_at: datetime
    created: bool


@dataclass(frozen=True)
class CommandStored:
    """Temporal has the signal; no worker has judged it yet."""


@dataclass(frozen=True)
class WorkflowClosed:
    """The signal was refused: the workflow has ended, with this status."""

    status: str


async def connect(settings: OrchestrationSettings) -> Client:
    """Connect once, or raise TemporalUnavailable."""
    key = settings.temporal_api_key
    try:
        async with _answers_within(_CONNECT_WITHIN):
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                api_key=None if key is None else key.get_secret_value(),
                tls=_tls(settings),
                data_converter=DATA_CONVERTER,
            )
    except RuntimeError as error:
        # The SDK's text is a debugging dump of its transport: the reason is the last thing quoted.
        quoted = re.findall(r'(?:message|error): "([^"]+)"', str(error))
        raise TemporalUnavailable(quoted[-1] if quoted else str(error)) from error


class OrderClient:
    """Orders, by their ids, over one Temporal client.

    Every method answers within about ``answer_within`` and raises TemporalUnavailable otherwise.
    """

    def __init__(
        self,
        client: Client,
        *,
        order_task_queue: str,
        shipping_task_queue: str,
        ui_url: str | None = None,
        answer_within: timedelta = _ANSWER_WITHIN,
    ) -> None:
        """``ui_url`` is where Temporal's own page shows this namespace, for links to it."""
        self._client = client
        self._order_task_queue = order_task_queue
        self._shipping_task_queue = shipping_task_queue
        self._ui_url = ui_url
        self._answer_within = answer_within
        self._statuses = StatusReader(self._query)

    async def start(self, order: Order) -> Started:
        """Start an order, or find the one that its id was given to before."""
        seconds = order.policy.deadline
        timeout = None if seconds is None else timedelta(seconds=seconds) + _BACKSTOP
        placed_at = datetime.now(UTC)
        try:
            async with _answers_within(self._answer_within):
                handle = await self._client.start_workflow(
                    OrderWorkflow.run,
                    OrderStart(order, self._shipping_task_queue, placed_at),
                    id=order.id,
                    task_queue=self._order_task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    run_timeout=timeout,
                    memo={MEMO: PlacedOrder(order, placed_at)},
                    search_attributes=search_attributes.of_order(order),
                )
        except WorkflowAlreadyStartedError:
            found = await self.describe(order.id)
            if found is None:
                raise TemporalUnavailable(f"order {order.id} exists and cannot be read") from None
            return Started(found.order, found.run_id, found.placed_at, created=False)
        return Started(order, handle.result_run_id or "", placed_at, created=True)

    async def send(
        self, order_id: str, command: Command
    ) -> Verdict | CommandStored | WorkflowClosed | None:
        """Send a command and return what became of it; None where there is no such workflow.

        The command needs a command id. Raises TemporalUnavailable only where the signal may not
        have been stored: sent again under the same id it is safe.
        """
        handle = self._client.get_workflow_handle(order_id)
        try:
            async with _answers_within(self._answer_within):
                await handle.signal(command.signal, command)
        except RPCError:
            # A workflow that was never there and one that has closed are refused alike.
            found = await self._description(order_id)
            if found is None:
                return None
            return WorkflowClosed(status_name(found.workflow_execution_info.status))
        question = StatusQuestion(command_ids=[command.command_id] if command.command_id else [])
        try:
            status = await self.status(order_id, question)
        except TemporalUnavailable:
            return CommandStored()
        return next(iter(status.verdicts), CommandStored()) if status else CommandStored()

    async def status(self, order_id: str, question: StatusQuestion) -> OrderStatus | None:
        """Ask the workflow itself; None where there is no such workflow."""
        status = await self._statuses.read(order_id, question)
        if status is None:
            return None
        # Others may have asked for more in the same query.
        after = question.after_sequence
        return replace(
            status,
            events=[] if after is None else [e for e in status.events if e.sequence > after],
            verdicts=[v for v in status.verdicts if v.command_id in question.command_ids],
        )

    async def describe(self, order_id: str) -> Execution | None:
        """Describe the order's execution and its running children; None where there is none."""
        description = await self._description(order_id)
        if description is None:
            return None
        children = await asyncio.gather(
            *(self._description(child.workflow_id) for child in description.pending_children)
        )
        pending = pending_activities(description)
        for child in children:
            pending += pending_activities(child) if child else []
        return execution(description, await self._placed(description), pending, self._ui_url)

    async def search(self, wanted: WorkflowFilter, first: int, after: str | None) -> FoundPage:
        """Find orders' workflows by their search attributes. Raises visibility.BadPageToken."""
        async with _answers_within(self._answer_within):
            return await find(self._client, wanted, first, after)

    async def ping(self) -> None:
        """Return when Temporal answers, or raise TemporalUnavailable."""
        async with _answers_within(self._answer_within):
            await self._client.service_client.check_health()

    async def _query(self, order_id: str, question: StatusQuestion) -> OrderStatus | None:
        handle = self._client.get_workflow_handle(order_id)
        try:
            async with _answers_within(self._answer_within):
                return await handle.query(
                    OrderWorkflow.status, question, rpc_timeout=self._answer_within
                )
        except RPCError:
            return None
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
            raise TemporalUnavailable(str(error)) from error

    async def _description(self, workflow_id: str) -> DescribeWorkflowExecutionResponse | None:
        request = DescribeWorkflowExecutionRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=workflow_id),
        )
        try:
            async with _answers_within(self._answer_within):
                return await self._client.workflow_service.describe_workflow_execution(request)
        except RPCError:
            return None

    async def _placed(self, description: DescribeWorkflowExecutionResponse) -> PlacedOrder:
        info = description.workflow_execution_info
        converter = self._client.data_converter
        placed = await placed_order(converter, info.memo)
        if placed is not None:
            return placed
        # Started from Temporal's own tools, without a memo: its input says what it is.
        request = GetWorkflowExecutionHistoryRequest(
            namespace=self._client.namespace, execution=info.execution, maximum_page_size=1
        )
        async with _answers_within(self._answer_within):
            page = await self._client.workflow_service.get_workflow_execution_history(request)
        started = page.history.events[0].workflow_execution_started_event_attributes
        [start] = await converter.decode(started.input.payloads, [OrderStart])
        return PlacedOrder(start.order, start.placed_at)


@asynccontextmanager
async def _answers_within(limit: timedelta) -> AsyncGenerator[None]:
    """Turn a refusal, or no answer in time, into TemporalUnavailable; NOT_FOUND passes.

    The time is kept here: a query without a worker, for one, would just hang.
    """
    try:
        async with asyncio.timeout(limit.total_seconds()):
            yield
    except TimeoutError:
        raise TemporalUnavailable(f"no answer within {limit.total_seconds():g} s") from None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise
        raise TemporalUnavailable(str(error)) from error


def _tls(settings: OrchestrationSettings) -> bool | TLSConfig:
    parts = (
        settings.temporal_tls_server_root_ca_cert,
        settings.temporal_tls_client_cert,
        settings.temporal_tls_client_key,
    )
    if not any(parts):
        return settings.temporal_tls
    authority, certificate, key = (None if part is None else part.read_bytes() for part in parts)
    return TLSConfig(server_root_ca_cert=authority, client_cert=certificate, client_private_key=key)

"""The client of order workflows: start, send commands, query, describe, search."""

from __future__ import annotations

import asyncio
import re
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
from temporalio.service import RPCError, TLSConfig

from orchestration import search_attributes
from orchestration.command_signals import (
    CommandSignals,
    CommandStored,
    WorkflowClosed,
)
from orchestration.domain.order import Order
from orchestration.execution import (
    Execution,
    PendingActivity,
    execution,
    pending_activities,
)
from orchestration.messages import OrderStart, OrderStatus, StatusQuery
from orchestration.order_workflow import OrderWorkflow
from orchestration.payloads import DATA_CONVERTER
from orchestration.rpc import TemporalUnavailable, unavailable_after
from orchestration.status_reader import StatusReader
from orchestration.visibility import (
    CUSTOMER_NAME_MEMO,
    CustomerNamesNotIndexed,
    FoundPage,
    WorkflowSearch,
    find_workflows,
)
from orchestration.workflow_status import WorkflowStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from temporalio.api.common.v1 import Payload

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
    "WorkflowStatus",
    "connect",
]

_CONNECT_TIMEOUT = timedelta(seconds=10)
_RPC_TIMEOUT = timedelta(seconds=2)


@dataclass(frozen=True)
class Started:
    """A started order. ``created`` is False if this order ID was already in use.

    ``order`` and ``placed_at`` are those of the first start.
    """

    order: Order
    run_id: str
    placed_at: datetime
    created: bool


async def connect(settings: OrchestrationSettings) -> Client:
    """Connect without retrying. Raises TemporalUnavailable."""
    key = settings.temporal_api_key
    try:
        async with unavailable_after(_CONNECT_TIMEOUT):
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                api_key=None if key is None else key.get_secret_value(),
                tls=_tls(settings),
                data_converter=DATA_CONVERTER,
            )
    except RuntimeError as error:
        # The SDK's message is a debug dump of its transport. Its last quoted text is the reason.
        quoted = re.findall(r'(?:message|error): "([^"]+)"', str(error))
        raise TemporalUnavailable(quoted[-1] if quoted else str(error)) from error


class OrderClient:
    """Starts, commands and reads order workflows by order ID.

    Each RPC has ``rpc_timeout``, and methods make at most a few. They raise TemporalUnavailable.
    """

    def __init__(  # ruff: ignore[too-many-arguments]
        self,
        client: Client,
        *,
        order_task_queue: str,
        shipping_task_queue: str,
        ui_url: str | None = None,
        index_customer_names: bool = True,
        rpc_timeout: timedelta = _RPC_TIMEOUT,
    ) -> None:
        """``ui_url`` is the Temporal UI's address of this namespace, used for links.

        Unless ``index_customer_names``, the search attributes of new orders lack the name.
        """
        self._client = client
        self._order_task_queue = order_task_queue
        self._shipping_task_queue = shipping_task_queue
        self._ui_url = ui_url
        self._index_customer_names = index_customer_names
        self._answer_within = rpc_timeout
        self._statuses = StatusReader(self._query)
        self._commands = CommandSignals(self._signal, self.status)

    async def start(self, order: Order) -> Started:
        """Start an order, or return the existing order with this ID.

        The workflow has no run timeout: Temporal would end it without undoing the order. The
        deadline is a timer inside the workflow.
        """
        placed_at = datetime.now(UTC)
        try:
            async with unavailable_after(self._answer_within):
                handle = await self._client.start_workflow(
                    OrderWorkflow.run,
                    OrderStart(order, self._shipping_task_queue, placed_at),
                    id=order.id,
                    task_queue=self._order_task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    memo={CUSTOMER_NAME_MEMO: order.customer_name},
                    search_attributes=search_attributes.initial_attributes(
                        order, with_name=self._index_customer_names
                    ),
                )
        except WorkflowAlreadyStartedError:
            existing = await self.find_started(order.id)
            if existing is None:
                message = f"order {order.id} exists but cannot be read; retry in a moment"
                raise TemporalUnavailable(message) from None
            return existing
        return Started(order, handle.result_run_id or "", placed_at, created=True)

    async def find_started(self, order_id: str) -> Started | None:
        """Return an order that was started earlier, or None if there is no workflow of an order.

        Reads the input of the workflow, which needs no worker. ``run_id`` is the workflow's first
        run, as in the record.
        """
        request = GetWorkflowExecutionHistoryRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=order_id),
            maximum_page_size=1,
        )
        try:
            async with unavailable_after(self._answer_within):
                page = await self._client.workflow_service.get_workflow_execution_history(request)
        except RPCError:
            return None
        first = page.history.events[0]
        started = first.workflow_execution_started_event_attributes
        start = await self._read_input(started.input.payloads)
        if start is None:
            return None
        return Started(
            order=start.order,
            run_id=started.first_execution_run_id,
            placed_at=start.placement_time(first.event_time.ToDatetime(tzinfo=UTC)),
            created=False,
        )

    async def _read_input(self, payloads: Sequence[Payload]) -> OrderStart | None:
        """Return None for another workflow, or one that was started by hand with another input."""
        if len(payloads) != 1:
            return None
        try:
            [start] = await self._client.data_converter.decode(payloads, [OrderStart])
        except (ValueError, LookupError):
            return None
        return start if isinstance(start, OrderStart) else None  # null and bytes are not checked

    async def send(
        self, order_id: str, command: Command
    ) -> Verdict | CommandStored | WorkflowClosed | None:
        """Send a command and return its result, or None if the workflow does not exist.

        The command needs a command ID. Raises TemporalUnavailable only if the signal may not have
        been stored. Retrying with the same command ID is safe.
        """
        return await self._commands.send(order_id, command)

    async def status(self, order_id: str, query: StatusQuery) -> OrderStatus | None:
        """Query the workflow. None if it does not exist."""
        status = await self._statuses.read(order_id, query)
        if status is None:
            return None
        # The query may have been shared with readers that requested more.
        after = query.after_sequence
        return replace(
            status,
            events=[] if after is None else [e for e in status.events if e.sequence > after],
            verdicts=[v for v in status.verdicts if v.command_id in query.command_ids],
        )

    async def describe(self, order_id: str) -> Execution | None:
        """Describe the order's workflow and its running children. None if it does not exist."""
        description = await self._description(order_id)
        if description is None:
            return None
        children = await asyncio.gather(
            *(self._description(child.workflow_id) for child in description.pending_children)
        )
        pending = pending_activities(description)
        for child in children:
            pending += pending_activities(child) if child else []
        return execution(description, pending, self._ui_url)

    async def search(self, search: WorkflowSearch, first: int, after: str | None) -> FoundPage:
        """Search workflows by their search attributes.

        Raises visibility.BadPageToken or visibility.CustomerNamesNotIndexed.
        """
        if search.customer_name is not None and not self._index_customer_names:
            raise CustomerNamesNotIndexed
        async with unavailable_after(self._answer_within):
            return await find_workflows(self._client, search, first, after)

    async def count_found(self, query: str) -> int:
        """Count the workflows that match the visibility query of a page."""
        async with unavailable_after(self._answer_within):
            return (await self._client.count_workflows(query)).count

    async def ping(self) -> None:
        """Check that Temporal responds. Raises TemporalUnavailable."""
        async with unavailable_after(self._answer_within):
            await self._client.service_client.check_health()

    async def _signal(
        self, order_id: str, command: Command
    ) -> CommandStored | WorkflowClosed | None:
        """Store a command's signal. Returns None if the workflow does not exist."""
        handle = self._client.get_workflow_handle(order_id)
        try:
            async with unavailable_after(self._answer_within):
                await handle.signal(command.signal, command)
        except RPCError:
            # NOT_FOUND means that the workflow does not exist or that it has closed.
            description = await self._description(order_id)
            if description is None:
                return None
            status = description.workflow_execution_info.status
            return WorkflowClosed(WorkflowStatus.from_proto(status))
        return CommandStored()

    async def _query(self, order_id: str, query: StatusQuery) -> OrderStatus | None:
        handle = self._client.get_workflow_handle(order_id)
        try:
            async with unavailable_after(self._answer_within):
                return await handle.query(
                    OrderWorkflow.status, query, rpc_timeout=self._answer_within
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
            async with unavailable_after(self._answer_within):
                return await self._client.workflow_service.describe_workflow_execution(request)
        except RPCError:
            return None


def _tls(settings: OrchestrationSettings) -> bool | TLSConfig:
    paths = (
        settings.temporal_tls_server_root_ca_cert,
        settings.temporal_tls_client_cert,
        settings.temporal_tls_client_key,
    )
    if not any(paths):
        return settings.temporal_tls
    authority, certificate, key = (None if path is None else path.read_bytes() for path in paths)
    return TLSConfig(server_root_ca_cert=authority, client_cert=certificate, client_private_key=key)

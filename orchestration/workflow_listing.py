"""Lists order workflows for reconciliation.

The visibility store lags the workflows by about a second. Before anything is repaired, the workflow
itself must be described.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from temporalio.api.workflowservice.v1 import ListWorkflowExecutionsRequest
from temporalio.common import SearchAttributeKey
from temporalio.converter import decode_typed_search_attributes
from temporalio.service import RPCError

from orchestration.client import TemporalUnavailable
from orchestration.domain.order import IDENTIFIER

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from temporalio.api.workflow.v1 import WorkflowExecutionInfo
    from temporalio.client import Client

_PAGE_SIZE: Final = 100
_RPC_TIMEOUT: Final = timedelta(seconds=10)

_PROBLEMS: Final = SearchAttributeKey.for_keyword_list("TemporalReportedProblems")
"""Set by the server after five consecutive failures of a workflow task, removed by a success."""
_PROBLEM_CATEGORIES: Final = "'category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut'"


@dataclass(frozen=True)
class StuckWorkflow:
    """A running workflow whose task fails again and again, of an order or of its children.

    ``problems`` names the kind of the last failure as Temporal does, for example
    ``cause=WorkflowTaskFailedCauseNonDeterministicError``.
    """

    workflow_id: str
    problems: list[str]

    @property
    def order_id(self) -> str:
        # The ID of a child or of a repair is the order's, a slash and a name.
        return self.workflow_id.partition("/")[0]


class WorkflowListing:
    """Methods raise TemporalUnavailable."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def running(self, order_ids: Sequence[str]) -> set[str]:
        """Return those of the orders whose workflow is listed as running."""
        # An ID with a quote, from an order that Temporal's own tools started, cannot be in a query.
        listed = ", ".join(f"'{name}'" for name in order_ids if IDENTIFIER.fullmatch(name))
        if not listed:
            return set()
        condition = f"ExecutionStatus = 'Running' AND WorkflowId IN ({listed})"
        return {name async for page in self._orders(condition) for name in page}

    async def stuck(self) -> list[StuckWorkflow]:
        """Return the workflows whose task fails again and again. Temporal has them as running."""
        query = (
            "WorkflowType IN ('OrderWorkflow', 'ShippingWorkflow', 'RepairWorkflow')"
            f" AND ExecutionStatus = 'Running' AND {_PROBLEMS.name} IN ({_PROBLEM_CATEGORIES})"
        )
        return [_stuck(info) async for page in self._pages(query) for info in page]

    async def started_before(
        self, started_before: datetime, closed_after: datetime
    ) -> AsyncGenerator[list[str]]:
        """Yield pages of the IDs of orders whose workflow may lack a row.

        These are the workflows that started before a time and are running, were closed from
        outside, or have closed after a time. An ID can occur twice.
        """
        condition = (
            f"StartTime < '{_timestamp(started_before)}'"
            " AND (ExecutionStatus IN ('Running', 'Terminated', 'TimedOut')"
            f" OR CloseTime > '{_timestamp(closed_after)}')"
        )
        async for page in self._orders(condition):
            yield page

    async def _orders(self, condition: str) -> AsyncGenerator[list[str]]:
        async for page in self._pages(f"WorkflowType = 'OrderWorkflow' AND {condition}"):
            yield [info.execution.workflow_id for info in page]

    async def _pages(self, query: str) -> AsyncGenerator[Sequence[WorkflowExecutionInfo]]:
        request = ListWorkflowExecutionsRequest(
            namespace=self._client.namespace, query=query, page_size=_PAGE_SIZE
        )
        while True:
            # Not the SDK's list_workflows: it raises ValueError for a paused workflow.
            try:
                page = await self._client.workflow_service.list_workflow_executions(
                    # A server limits visibility queries, by default to ten per second.
                    request,
                    retry=True,
                    timeout=_RPC_TIMEOUT,
                )
            except RPCError as error:
                raise TemporalUnavailable(str(error)) from error
            yield page.executions
            if not page.next_page_token:
                return
            request.next_page_token = page.next_page_token


def _stuck(info: WorkflowExecutionInfo) -> StuckWorkflow:
    attributes = decode_typed_search_attributes(info.search_attributes)
    return StuckWorkflow(info.execution.workflow_id, list(attributes.get(_PROBLEMS) or []))


def _timestamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

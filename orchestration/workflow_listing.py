"""Lists order workflows for reconciliation.

The visibility store lags the workflows by about a second. Before anything is repaired, the workflow
itself must be described.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from temporalio.api.workflowservice.v1 import ListWorkflowExecutionsRequest
from temporalio.service import RPCError

from orchestration.client import TemporalUnavailable
from orchestration.domain.order import IDENTIFIER

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from temporalio.client import Client

_PAGE_SIZE: Final = 100
_RPC_TIMEOUT: Final = timedelta(seconds=10)


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
        return {name async for page in self._pages(condition) for name in page}

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
        async for page in self._pages(condition):
            yield page

    async def _pages(self, condition: str) -> AsyncGenerator[list[str]]:
        request = ListWorkflowExecutionsRequest(
            namespace=self._client.namespace,
            query=f"WorkflowType = 'OrderWorkflow' AND {condition}",
            page_size=_PAGE_SIZE,
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
            yield [info.execution.workflow_id for info in page.executions]
            if not page.next_page_token:
                return
            request.next_page_token = page.next_page_token


def _timestamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""Pages of executions from Temporal's visibility store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gql.reading.paging import bad_cursor
from orchestration.visibility import BadPageToken

if TYPE_CHECKING:
    from gql.reading.paging import PageArguments
    from orchestration.client import OrderClient
    from orchestration.visibility import FoundPage, WorkflowSearch


async def read_workflows(
    orders: OrderClient, search: WorkflowSearch, arguments: PageArguments
) -> FoundPage:
    """Read one page. Raises BAD_USER_INPUT for a cursor of another search."""
    try:
        return await orders.search(search, arguments.limit, arguments.cursor or None)
    except BadPageToken:
        raise bad_cursor() from None

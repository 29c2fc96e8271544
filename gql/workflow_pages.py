"""Pages of executions out of Temporal's visibility store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gql.paging import bad_cursor
from gql.types.found_workflow import WorkflowConnection
from orchestration.visibility import BadPageToken

if TYPE_CHECKING:
    from gql.context import Context
    from gql.paging import PageArguments
    from orchestration.visibility import WorkflowSearch


async def read_workflows(
    context: Context, wanted: WorkflowSearch, arguments: PageArguments
) -> WorkflowConnection:
    """Read one page; raise BAD_USER_INPUT for a cursor of another search."""
    after = arguments.cursor or None
    try:
        page = await context.services.orders.search(wanted, arguments.limit, after)
    except BadPageToken:
        raise bad_cursor() from None
    return WorkflowConnection.of(page, after=after)

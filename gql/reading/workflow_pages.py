"""Pages of executions from Temporal's visibility store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gql.errors import bad_input
from gql.reading.paging import bad_cursor
from orchestration.visibility import BadPageToken, CustomerNamesNotIndexed

if TYPE_CHECKING:
    from gql.reading.paging import PageArguments
    from orchestration.client import OrderClient
    from orchestration.visibility import FoundPage, WorkflowSearch


async def read_workflows(
    orders: OrderClient, search: WorkflowSearch, arguments: PageArguments
) -> FoundPage:
    """Read one page. Raises BAD_USER_INPUT for a cursor of another search, or for a name."""
    try:
        return await orders.search(search, arguments.limit, arguments.cursor or None)
    except BadPageToken:
        raise bad_cursor() from None
    except CustomerNamesNotIndexed:
        raise bad_input(
            "filter.customerName is not available: this server does not store customer names in"
            " Temporal's search attributes. Use orders(filter: {customerName: …})."
        ) from None

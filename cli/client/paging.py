"""Reads and writes lists of any length, page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.client.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.client.session import Session

MAX_PAGE_SIZE = 100  # the API's limit

_Node = dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """A query for a connection, and how to show its nodes as a table."""

    document: str
    headings: tuple[str, ...]
    row: Callable[[_Node], tuple[str, ...]]


async def show_list(
    session: Session, listing: Listing, limit: int | None, variables: Mapping[str, Any]
) -> None:
    """Write up to ``limit`` nodes as one table or JSON array.

    Without a limit, each page is written as soon as it is read. Raises RequestFailed.
    """
    nodes: list[_Node] = []
    after, more = None, True
    while more and (limit is None or len(nodes) < limit):
        first = MAX_PAGE_SIZE if limit is None else min(MAX_PAGE_SIZE, limit - len(nodes))
        page = await session.query(listing.document, first=first, after=after, **variables)
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        if silent := page.get("unanswered"):
            session.out.warn(
                f"These are shown as recorded, as their workflow is silent: {', '.join(silent)}."
            )
        if limit is None:
            session.out.rows(listing.headings, page["nodes"], listing.row)
        else:
            nodes += page["nodes"]
    if limit is not None:
        session.out.show(
            nodes, lambda: session.out.table(listing.headings, map(listing.row, nodes))
        )
        if more:
            session.out.warn("There are more results. Use --limit or --all to see them.")


async def show_count(session: Session, document: str, variables: Mapping[str, Any]) -> ExitCode:
    """Write the ``totalCount`` of a connection. Raises RequestFailed."""
    found = await session.query(document, **variables)
    session.out.show(found, lambda: session.out.write(str(found["totalCount"])))
    return ExitCode.SUCCESS

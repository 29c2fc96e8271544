"""Lists of the API, which come a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.client.session import Session

_LARGEST = 100  # what the API gives at once

_Node = dict[str, Any]


@dataclass(frozen=True)
class Listed:
    """A connection of the API, and how a node of it is a row of a table."""

    document: str
    headings: tuple[str, ...]
    row: Callable[[_Node], tuple[str, ...]]


async def show_list(
    session: Session, listed: Listed, limit: int | None, asked: Mapping[str, Any]
) -> None:
    """Write up to ``limit`` nodes as one list, or page by page where there is no limit.

    Without a limit it is as long as it is, so nothing waits for its end. Raises RequestFailed.
    """
    nodes: list[_Node] = []
    after, more = None, True
    while more and (limit is None or len(nodes) < limit):
        first = _LARGEST if limit is None else min(_LARGEST, limit - len(nodes))
        page = await session.ask(listed.document, first=first, after=after, **asked)
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        if limit is None:
            session.out.rows(listed.headings, page["nodes"], listed.row)
        else:
            nodes += page["nodes"]
    if limit is not None:
        session.out.show(nodes, lambda: session.out.table(listed.headings, map(listed.row, nodes)))
        if more:
            session.out.warn("There are more: see --limit and --all.")

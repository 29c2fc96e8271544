"""Reads all pages of a list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from persistence.reads import Keyset, Page, Slice

_Query = TypeVar("_Query", bound="Slice")
_Node = TypeVar("_Node")


async def all_pages(
    read: Callable[[_Query], Awaitable[Page[_Node]]],
    query: _Query,
    keyset_of: Callable[[_Node], Keyset],
) -> list[Page[_Node]]:
    """Return the pages from one end of the list to the other, in the order of the sort.

    All but the last page that is read are full, and each knows whether others surround it.
    """
    pages = [await read(query)]
    while pages[-1].has_previous if query.backward else pages[-1].has_next:
        assert len(pages[-1].nodes) == query.limit
        edge = pages[-1].nodes[0 if query.backward else -1]
        query = replace(query, cursor=keyset_of(edge))
        pages.append(await read(query))
    if query.backward:
        pages.reverse()
    others = len(pages) - 1
    assert [page.has_previous for page in pages] == [False, *[True] * others]
    assert [page.has_next for page in pages] == [*[True] * others, False]
    return pages

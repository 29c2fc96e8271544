"""Page information, as in the Relay cursor connections specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self, TypeAlias, TypeVar

import strawberry

from gql.reading.paging import MAX_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from persistence.reads import Page


_Row = TypeVar("_Row")

First: TypeAlias = Annotated[
    int | None,
    strawberry.argument(description=f"Number of entries to read forward, from 1 to {MAX_PAGE}."),
]
After: TypeAlias = Annotated[
    str | None,
    strawberry.argument(description="Cursor to read forward from. Default: the start of the list."),
]
Last: TypeAlias = Annotated[
    int | None,
    strawberry.argument(
        description=f"Number of entries to read backward, from 1 to {MAX_PAGE}. Cannot be sent with"
        " `first` or `after`."
    ),
]
Before: TypeAlias = Annotated[
    str | None,
    strawberry.argument(
        description="Cursor to read backward from. Default: the end of the list, if `last` is sent."
        " Cannot be sent with `first` or `after`."
    ),
]
"""Arguments of every connection. ``page_arguments`` checks them."""


@strawberry.type(description="The position of a page in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether entries follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether entries precede this page.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first entry. Null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last entry. Null on an empty page."
    )

    @classmethod
    def of(cls, page: Page[_Row], cursor_of: Callable[[_Row], str]) -> Self:
        return cls(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=cursor_of(page.nodes[0]) if page.nodes else None,
            end_cursor=cursor_of(page.nodes[-1]) if page.nodes else None,
        )

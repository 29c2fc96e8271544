"""Page information, as in the Relay cursor connections specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

import strawberry

if TYPE_CHECKING:
    from collections.abc import Callable

    from persistence.reads import Page


_Row = TypeVar("_Row")


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
    def of(cls, page: Page[_Row], cursor_of: Callable[[_Row], str], *, backward: bool) -> Self:
        """``backward`` is the direction in which the page was read."""
        more, before = page.has_more, page.has_before
        return cls(
            has_next_page=before if backward else more,
            has_previous_page=more if backward else before,
            start_cursor=cursor_of(page.nodes[0]) if page.nodes else None,
            end_cursor=cursor_of(page.nodes[-1]) if page.nodes else None,
        )

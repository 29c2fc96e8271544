"""What every page has beside its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

import strawberry

if TYPE_CHECKING:
    from collections.abc import Callable

    from persistence.reads import Page


_Row = TypeVar("_Row")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """As the Relay cursor connections specification has it."""

    has_next_page: bool = strawberry.field(description="Whether more comes after this page.")
    has_previous_page: bool = strawberry.field(description="Whether anything comes before it.")
    start_cursor: str | None = strawberry.field(description="Of the first on this page.")
    end_cursor: str | None = strawberry.field(description="Of the last on this page.")

    @classmethod
    def of(cls, page: Page[_Row], cursor_of: Callable[[_Row], str], *, backward: bool) -> Self:
        """Say where a page of rows stands that was read in this direction."""
        more, before = page.has_more, page.has_before
        return cls(
            has_next_page=before if backward else more,
            has_previous_page=more if backward else before,
            start_cursor=cursor_of(page.nodes[0]) if page.nodes else None,
            end_cursor=cursor_of(page.nodes[-1]) if page.nodes else None,
        )

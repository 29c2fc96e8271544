"""What every page has beside its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import strawberry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from persistence.reads import Page


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """As the Relay cursor connections specification has it."""

    has_next_page: bool = strawberry.field(description="Whether more comes after this page.")
    has_previous_page: bool = strawberry.field(description="Whether anything comes before it.")
    start_cursor: str | None = strawberry.field(description="Of the first on this page.")
    end_cursor: str | None = strawberry.field(description="Of the last on this page.")

    @classmethod
    def of(cls, page: Page[Any], cursors: Sequence[str], *, backward: bool) -> Self:
        """Say where a page of rows stands that was read in this direction."""
        more, before = page.has_more, page.has_before
        return cls(
            has_next_page=before if backward else more,
            has_previous_page=more if backward else before,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )

"""What every page has beside its rows."""

from __future__ import annotations

import strawberry


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """As the Relay cursor connections specification has it."""

    has_next_page: bool = strawberry.field(description="Whether more comes after this page.")
    has_previous_page: bool = strawberry.field(description="Whether anything comes before it.")
    start_cursor: str | None = strawberry.field(description="Of the first on this page.")
    end_cursor: str | None = strawberry.field(description="Of the last on this page.")

"""Limits for every document, and the error if one is exceeded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gql.errors import ErrorCode, RequestError

if TYPE_CHECKING:
    from gql.documents.complexity import Complexity


@dataclass(frozen=True)
class QueryLimits:
    depth: int
    aliases: int
    directives: int
    cost: int

    def check_size(self, complexity: Complexity) -> None:
        """Raise QUERY_LIMIT_EXCEEDED for the first limit exceeded. The cost is checked apart."""
        check_limit("depth", complexity.depth, self.depth)
        check_limit("aliases", complexity.aliases, self.aliases)
        check_limit("directives", complexity.directives, self.directives)


def check_limit(name: str, actual: int, maximum: int) -> None:
    """Raise QUERY_LIMIT_EXCEEDED if the actual value is over the maximum."""
    if actual > maximum:
        raise limit_exceeded(name, actual, maximum)


def limit_exceeded(name: str, actual: int | None, maximum: int) -> RequestError:
    """Make the error for a limit. ``actual`` is None if counting stopped at the maximum."""
    # Nested fragments can make the number hundreds of digits long.
    found = f"{actual}, " if actual is not None and actual < 10 * maximum else ""
    error = RequestError(
        ErrorCode.QUERY_LIMIT_EXCEEDED,
        f"The document exceeds the {name} limit ({found}maximum {maximum})."
        " Split it into smaller requests.",
    )
    error.extensions = {**(error.extensions or {}), "limit": name, "maximum": maximum}
    return error

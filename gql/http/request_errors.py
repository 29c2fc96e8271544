"""Distinguishes request errors, in the GraphQL specification's sense, from field errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strawberry.types.execution import PreExecutionError

if TYPE_CHECKING:
    from strawberry.types import ExecutionResult


def is_request_error(result: ExecutionResult) -> bool:
    """Return whether execution never began, for example because a variable has the wrong type.

    For such a variable graphql-core returns ordinary errors with null data. They can be recognized
    because they have no path. An error of a field that nulled the data has one.
    """
    if result.data is not None:
        return False
    errors = result.errors or []
    return isinstance(result, PreExecutionError) or (
        bool(errors) and not any(error.path for error in errors)
    )

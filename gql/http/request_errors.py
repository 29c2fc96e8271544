"""Whether anything of an operation was executed: every transport tells it in a way of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strawberry.types.execution import PreExecutionError

if TYPE_CHECKING:
    from strawberry.types import ExecutionResult


def is_request_error(result: ExecutionResult) -> bool:
    """Tell whether execution never began, be it for a variable that has not its type.

    graphql-core tells of such a variable as of data that is null: but an error that a field left
    has the field's path.
    """
    if result.data is not None:
        return False
    errors = result.errors or []
    return isinstance(result, PreExecutionError) or (
        bool(errors) and not any(error.path for error in errors)
    )

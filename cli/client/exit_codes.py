"""Exit codes of the commands that call the API; docs/command-line.md explains them."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from orchestration.domain.states import OrderState

if TYPE_CHECKING:
    from cli.client.failures import RequestFailed


class ExitCode(IntEnum):
    """typer adds 2 for a usage error, and 130 for Ctrl-C."""

    SUCCESS = 0
    FAILURE = 1
    REFUSED = 3
    NOT_FOUND = 4
    INVALID = 5
    TIMED_OUT = 6
    DENIED = 7
    ORDER_CANCELLED = 10
    ORDER_NOT_APPROVED = 11
    ORDER_FAILED = 12


SUMMARY: Final = (
    "Exit codes: 0 success; 1 the API failed or is unavailable; 2 usage error; 3 refused;"
    " 4 not found; 5 invalid or conflicting; 6 timed out; 7 no valid token or missing scope."
    " `orders wait` exits with 0 if the order is COMPLETED, 10 if CANCELLED, 11 if"
    " APPROVAL_TIMEOUT, 12 if FAILED."
)

BY_FINAL_STATE: Final = {
    OrderState.COMPLETED.value: ExitCode.SUCCESS,
    OrderState.CANCELLED.value: ExitCode.ORDER_CANCELLED,
    OrderState.APPROVAL_TIMEOUT.value: ExitCode.ORDER_NOT_APPROVED,
    OrderState.FAILED.value: ExitCode.ORDER_FAILED,
}

_BY_USER_ERROR = {
    "CommandRefused": ExitCode.REFUSED,
    "CustomerHasOrders": ExitCode.REFUSED,
    "OrderNotFound": ExitCode.NOT_FOUND,
    "CustomerNotFound": ExitCode.NOT_FOUND,
}
_BY_ERROR_CODE = {
    "ORDER_NOT_FOUND": ExitCode.NOT_FOUND,
    "UNAUTHENTICATED": ExitCode.DENIED,
    "FORBIDDEN": ExitCode.DENIED,
    "BAD_USER_INPUT": ExitCode.INVALID,
    "GRAPHQL_VALIDATION_FAILED": ExitCode.INVALID,
}


def exit_code_of_result(result: dict[str, Any]) -> ExitCode:
    if "message" not in result:  # every UserError has one, and no other result
        return ExitCode.SUCCESS
    return _BY_USER_ERROR.get(result["__typename"], ExitCode.INVALID)


def exit_code_of_failure(failure: RequestFailed) -> ExitCode:
    return _BY_ERROR_CODE.get(failure.code or "", ExitCode.FAILURE)

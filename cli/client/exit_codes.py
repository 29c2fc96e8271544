"""How a command ends: its exit code says what a script has to know.

====  =========================================================================================
code  means
====  =========================================================================================
0     done; or stored and pending; ``wait``: the order is COMPLETED
1     the API failed or is out of reach
2     the command line, a setting or a file is wrong; nothing was sent
3     refused: the order would not take the command, the customer has orders, lines of an import
4     there is no such order or customer
5     the content is invalid, or contradicts what is on record
6     the time given with --for or --wait was up
10    ``wait``: the order is CANCELLED
11    ``wait``: the order is in APPROVAL_TIMEOUT
12    ``wait``: the order is FAILED
130   interrupted with Ctrl-C
====  =========================================================================================
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from orchestration.domain.states import OrderState

if TYPE_CHECKING:
    from cli.client.failures import RequestFailed


class Exit(IntEnum):
    """The exit codes. 2 and 130 are typer's."""

    DONE = 0
    FAILED = 1
    REFUSED = 3
    NOT_FOUND = 4
    INVALID = 5
    TIME_UP = 6
    ORDER_CANCELLED = 10
    ORDER_NOT_APPROVED = 11
    ORDER_FAILED = 12


SUMMARY: Final = (
    "Exit codes: 0 done; 1 the API failed or is out of reach; 2 wrong usage; 3 refused;"
    " 4 not found; 5 invalid or in conflict; 6 time was up; of wait: 0 COMPLETED, 10 CANCELLED,"
    " 11 APPROVAL_TIMEOUT, 12 FAILED."
)

OF_END: Final = {
    OrderState.COMPLETED.value: Exit.DONE,
    OrderState.CANCELLED.value: Exit.ORDER_CANCELLED,
    OrderState.APPROVAL_TIMEOUT.value: Exit.ORDER_NOT_APPROVED,
    OrderState.FAILED.value: Exit.ORDER_FAILED,
}
"""What ``wait`` ends with, by the order's own end."""

_OF_USER_ERROR = {
    "CommandRefused": Exit.REFUSED,
    "CustomerHasOrders": Exit.REFUSED,
    "OrderNotFound": Exit.NOT_FOUND,
    "CustomerNotFound": Exit.NOT_FOUND,
}
_OF_ERROR_CODE = {
    "ORDER_NOT_FOUND": Exit.NOT_FOUND,
    "BAD_USER_INPUT": Exit.INVALID,
    "GRAPHQL_VALIDATION_FAILED": Exit.INVALID,
}


def exit_of_result(result: dict[str, Any]) -> Exit:
    """Return the code for what a mutation answered; every business failure has a message."""
    if "message" not in result:
        return Exit.DONE
    return _OF_USER_ERROR.get(result["__typename"], Exit.INVALID)


def exit_of_failure(failure: RequestFailed) -> Exit:
    """Return the code for a request that got errors, or no answer."""
    return _OF_ERROR_CODE.get(failure.code or "", Exit.FAILED)

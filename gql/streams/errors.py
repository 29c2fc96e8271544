"""Why a stream does not start, or ends before its order does."""

from __future__ import annotations

from gql.errors import ErrorCode, RequestError

# Close codes of the WebSocket protocol. Clients of graphql-transport-ws reconnect after them, and
# treat most codes from 4400 on as final.
SERVICE_RESTART = 1012
TRY_AGAIN_LATER = 1013


class UnknownOrder(Exception):
    """Neither Postgres nor Temporal knows the order."""

    def __init__(self, order_id: str) -> None:
        super().__init__(f"There is no order {order_id}.")
        self.order_id = order_id


class UnknownPosition(Exception):
    """The position is of another epoch or ahead of the feed, because the database was restored."""


class StreamInterrupted(RequestError):
    """Ends a stream that the client should resume.

    A WebSocket is closed with ``close_code``. A stream over HTTP ends without ``complete``.
    """

    def __init__(self, close_code: int, message: str) -> None:
        super().__init__(ErrorCode.SERVICE_UNAVAILABLE, message)
        self.close_code = close_code


class ServerStopping(StreamInterrupted):
    def __init__(self) -> None:
        super().__init__(SERVICE_RESTART, "The server is restarting. Reconnect and resume.")


class FeedRestarted(StreamInterrupted):
    """The database was restored, or a standby was promoted, while the client followed the feed."""

    def __init__(self) -> None:
        super().__init__(
            TRY_AGAIN_LATER,
            "The database was restored or has failed over. Reconnect, read a page of orders and"
            " continue from its feedCursor.",
        )


class SlowClient(StreamInterrupted):
    """The client reads a feed so slowly that its next event is no longer in memory."""

    def __init__(self) -> None:
        super().__init__(
            TRY_AGAIN_LATER,
            "The client read the stream too slowly. Resume after the last event received.",
        )


def interruption(result: object) -> StreamInterrupted | None:
    """Return the error in an execution result that interrupts its stream, if there is one."""
    for error in getattr(result, "errors", None) or ():
        cause = error if isinstance(error, StreamInterrupted) else error.original_error
        if isinstance(cause, StreamInterrupted):
            return cause
    return None

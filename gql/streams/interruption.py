"""A stream that ends before its order does. Its client is to resume it."""

from __future__ import annotations

from gql.errors import ErrorCode, RequestError

GOING_DOWN = 1012
TRY_AGAIN_LATER = 1013


class StreamInterrupted(RequestError):
    """Closes a WebSocket with this code; a stream over HTTP ends without ``complete``.

    Clients of graphql-transport-ws reconnect after these codes; 44xx they take for final.
    """

    def __init__(self, close_code: int, message: str) -> None:
        """Say why, for people."""
        super().__init__(ErrorCode.SERVICE_UNAVAILABLE, message)
        self.close_code = close_code


class ServerGoesDown(StreamInterrupted):
    """The process is about to stop."""

    def __init__(self) -> None:
        """Invite to another process, or to the next one."""
        super().__init__(GOING_DOWN, "The server is restarting. Resume the stream.")


class SlowClient(StreamInterrupted):
    """The client takes events more slowly than they happen."""

    def __init__(self) -> None:
        """Invite to resume, from the record."""
        super().__init__(TRY_AGAIN_LATER, "Too slow. Resume after the last event that came.")


def interruption(result: object) -> StreamInterrupted | None:
    """Return what interrupted a stream, where this result of it says so."""
    for error in getattr(result, "errors", None) or ():
        cause = error if isinstance(error, StreamInterrupted) else error.original_error
        if isinstance(cause, StreamInterrupted):
            return cause
    return None

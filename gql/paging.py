"""How clients walk through lists: so many at a time, from one opaque cursor to the next."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from gql.errors import bad_input
from orchestration.domain.order import IDENTIFIER
from persistence.reads import FeedPosition

if TYPE_CHECKING:
    from gql.errors import RequestError

MAX_PAGE = 100
DEFAULT_PAGE = 20
_MAX_SEQUENCE = 2**31
_MAX_XID = 2**63
_MAX_CURSOR = 400


@dataclass(frozen=True)
class PageArguments:
    """So many, from there, in that direction."""

    limit: int
    cursor: str | None
    backward: bool


def page_arguments(
    first: int | None, after: str | None, last: int | None = None, before: str | None = None
) -> PageArguments:
    """Check what a client gave, or raise BAD_USER_INPUT. Without first and last it is 20."""
    backward = last is not None or before is not None
    if backward and (first is not None or after is not None):
        raise bad_input("Walk forward with first and after, or backward with last and before.")
    name, limit = ("last", last) if backward else ("first", first)
    if limit is None:
        limit = DEFAULT_PAGE
    if not 1 <= limit <= MAX_PAGE:
        raise bad_input(f"{name} must be from 1 to {MAX_PAGE}.")
    return PageArguments(limit, before if backward else after, backward)


def encode_cursor(*parts: object) -> str:
    """Make a cursor that clients hand back as it is."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode_cursor(cursor: str) -> Any:  # ruff: ignore[any-type] - whatever a client sent
    """Read what a client handed back; its parts are still to be checked."""
    if len(cursor) > _MAX_CURSOR:
        raise bad_cursor()
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
        raise bad_cursor() from None


def time_in_cursor(text: str) -> datetime:
    """Read a cursor's part that is an instant, or raise BAD_USER_INPUT."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_cursor() from None
    if moment.tzinfo is None:
        raise bad_cursor()
    return moment


def bad_cursor() -> RequestError:
    """Refuse a cursor without saying what is in one."""
    return bad_input("This cursor is not of this list and sort. Use one that it gave.")


def event_cursor(sequence: int) -> str:
    """Point at an event of its order."""
    return encode_cursor("event", sequence)


def sequence_of(cursor: str | None) -> int:
    """Read an event's cursor, or raise BAD_USER_INPUT; without one it is before the first."""
    if cursor is None:
        return 0
    match decode_cursor(cursor):
        case ["event", int(sequence)] if 0 <= sequence < _MAX_SEQUENCE:
            return sequence
    raise bad_cursor()


def feed_cursor(position: FeedPosition) -> str:
    """Point between two events of the feed."""
    return encode_cursor("feed", *position)


def feed_position(cursor: str) -> FeedPosition:
    """Read such a cursor, or raise BAD_USER_INPUT."""
    match decode_cursor(cursor):
        case ["feed", int(xid), str(order_id), int(sequence)] if (
            0 <= xid < _MAX_XID
            and 0 <= sequence < _MAX_SEQUENCE
            and (not order_id or IDENTIFIER.fullmatch(order_id))
        ):
            return FeedPosition(xid, order_id, sequence)
    raise bad_input("This cursor is not of the feed. Use a feedCursor, of an event or a page.")

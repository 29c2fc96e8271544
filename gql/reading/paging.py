"""Page arguments and opaque cursors, checked."""

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
    limit: int
    cursor: str | None
    backward: bool


def page_arguments(
    first: int | None, after: str | None, last: int | None = None, before: str | None = None
) -> PageArguments:
    """Check a client's arguments, or raise BAD_USER_INPUT. The default limit is 20."""
    backward = last is not None or before is not None
    if backward and (first is not None or after is not None):
        raise bad_input("Use first and after to page forward, or last and before to page backward.")
    name, limit = ("last", last) if backward else ("first", first)
    if limit is None:
        limit = DEFAULT_PAGE
    if not 1 <= limit <= MAX_PAGE:
        raise bad_input(f"{name} must be from 1 to {MAX_PAGE}.")
    return PageArguments(limit, before if backward else after, backward)


def encode_cursor(*parts: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode_cursor(cursor: str) -> Any:  # ruff: ignore[any-type] - JSON sent by a client
    """Decode a client's cursor, or raise BAD_USER_INPUT. The caller checks its parts."""
    if len(cursor) > _MAX_CURSOR:
        raise bad_cursor()
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
        raise bad_cursor() from None


def time_in_cursor(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_cursor() from None
    if moment.tzinfo is None:
        raise bad_cursor()
    return moment


def bad_cursor() -> RequestError:
    return bad_input(
        "The cursor does not belong to this list and sort order. Use one that this list returned."
    )


def event_cursor(sequence: int) -> str:
    return encode_cursor("event", sequence)


def sequence_of(cursor: str | None) -> int:
    """Return the sequence in an event's cursor, 0 without one, or raise BAD_USER_INPUT."""
    if cursor is None:
        return 0
    match decode_cursor(cursor):
        case ["event", int(sequence)] if 0 <= sequence < _MAX_SEQUENCE:
            return sequence
    raise bad_cursor()


def feed_cursor(position: FeedPosition) -> str:
    return encode_cursor("feed", position.epoch, *position[:3])


def feed_position(cursor: str) -> FeedPosition:
    """Return the position in a feed cursor, or raise BAD_USER_INPUT."""
    match decode_cursor(cursor):
        case ["feed", str(epoch), int(xid), str(order_id), int(sequence)] if (
            0 <= xid < _MAX_XID
            and 0 <= sequence < _MAX_SEQUENCE
            and (not order_id or IDENTIFIER.fullmatch(order_id))
        ):
            return FeedPosition(xid, order_id, sequence, epoch)
    raise bad_input(
        "The cursor does not belong to the feed. Use the feedCursor of an event or a page."
    )

"""JSON on its way to Postgres."""

from __future__ import annotations

import json
import re
from dataclasses import is_dataclass
from datetime import datetime
from math import isfinite

import orjson

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def storable_text(text: str) -> str:
    """Replace what Postgres' text cannot hold (NUL, half a surrogate pair) by U+FFFD.

    The API lets none of it in. An order started from Temporal's own tools can have a NUL, and has
    to get on record too, to end there as INVALID.
    """
    return _UNSTORABLE.sub("\ufffd", text)


def dumps(value: object) -> str:
    """Write dataclasses, enums and times too, leaving out what Postgres cannot hold."""
    try:
        text = orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # half a surrogate pair, or an integer beyond 64 bits
        return json.dumps(_storable(value))
    return json.dumps(_storable(value)) if "\\u0000" in text else text


def _storable(value: object) -> object:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    fields = vars(value) if is_dataclass(value) else value
    if isinstance(fields, dict):
        return {storable_text(str(key)): _storable(item) for key, item in fields.items()}
    return value

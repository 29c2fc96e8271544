"""Encoding of JSON values for Postgres."""

from __future__ import annotations

import json
import re
from dataclasses import is_dataclass
from datetime import datetime
from math import isfinite

import orjson

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def storable_text(text: str) -> str:
    """Replace what Postgres cannot store in text (NUL, unpaired surrogates) with U+FFFD.

    The API rejects such text. An order started with Temporal's own tools may contain it, and must
    still be recorded so that it can end as INVALID.
    """
    return _UNSTORABLE.sub("\ufffd", text)


def dumps(value: object) -> str:
    """Encode JSON values, dataclasses, enums and times.

    Text is made storable, and infinite numbers and NaN become null.
    """
    try:
        text = orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # an unpaired surrogate, or an integer of more than 64 bits
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

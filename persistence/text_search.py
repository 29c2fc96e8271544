"""Substring search that ignores letter case, in columns that contain case-folded text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam

from persistence.rows import folded

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement

_ESCAPE = "/"


def contains(column: Column[Any], parameter: str) -> ColumnElement[bool]:
    """Return the condition that the column matches a parameter: a pattern from ``containing``."""
    return column.like(bindparam(parameter, type_=Text), escape=_ESCAPE)


def containing(text: str) -> str:
    """Return a LIKE pattern for all that contains the text. Wildcards in the text are escaped."""
    part = folded(text)
    for special in (_ESCAPE, "%", "_"):
        part = part.replace(special, _ESCAPE + special)
    return f"%{part}%"

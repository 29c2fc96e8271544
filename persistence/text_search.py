"""Looking for a part of a text, letter case aside, in a column that has it folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam

from persistence.rows import folded

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement

_ESCAPE = "/"


def has_part(column: Column[Any], parameter: str) -> ColumnElement[bool]:
    """Compare with the pattern that will be given under this parameter's name."""
    return column.like(bindparam(parameter, type_=Text), escape=_ESCAPE)


def any_part(text: str) -> str:
    """Return the pattern of what has this text in it, each character meaning itself alone."""
    part = folded(text)
    for special in (_ESCAPE, "%", "_"):
        part = part.replace(special, _ESCAPE + special)
    return f"%{part}%"

"""Workflow code takes time, chance and ids from Temporal alone, so that a replay decides the same.

Nothing looks after this at run time: docs/decisions/0008. The recorded histories do so for the ways
that they went; this does for all of them.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

_ORCHESTRATION = Path(__file__).parents[2] / "orchestration"

_WORKFLOW_CODE = sorted([
    *_ORCHESTRATION.glob("*_workflow.py"),
    *(_ORCHESTRATION / name for name in ("journal.py", "signal_guard.py", "undoing.py")),
    *(_ORCHESTRATION / "domain").glob("*.py"),
])

_REPEATABLE_MODULES = {
    *("__future__", "asyncio", "collections", "dataclasses", "datetime", "decimal", "enum", "re"),
    *("types", "typing", "unicodedata"),
    *("orchestration", "temporalio"),
}
_NOT_REPEATABLE = {
    # The clock of the machine: workflow.now() is the workflow's own.
    *("date.today", "datetime.now", "datetime.today", "datetime.utcnow"),
    # In the order of a set, or of threads: the SDK has its own of the first two.
    *("asyncio.as_completed", "asyncio.wait", "asyncio.to_thread"),
}


@pytest.mark.parametrize("path", _WORKFLOW_CODE, ids=lambda path: path.name)
def test_workflow_code_would_decide_the_same_again(path: Path) -> None:
    assert _offences(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "offence"),
    [
        ("import random", "random"),
        ("from uuid import uuid4", "uuid"),
        ("import os.path", "os.path"),
        ("at = datetime.now(UTC)", "datetime.now"),
        ("at = datetime.datetime.now(UTC)", "datetime.now"),
        ("await asyncio.wait(tasks)", "asyncio.wait"),
    ],
)
def test_code_that_might_decide_otherwise_is_found(source: str, offence: str) -> None:
    assert _offences(source) == [offence]


def _offences(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                found += [name for one in node.names if _is_foreign(name := one.name)]
            case ast.ImportFrom(module=str(name)) if _is_foreign(name):
                found.append(name)
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
                found += [called] if (called := f"{owner}.{name}") in _NOT_REPEATABLE else []
    return found


def _is_foreign(module: str) -> bool:
    return module.partition(".")[0] not in _REPEATABLE_MODULES

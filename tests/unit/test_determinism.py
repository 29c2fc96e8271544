"""Workflow code gets time, randomness and IDs only from Temporal, so replays are deterministic.

Workflows run without Temporal's sandbox (docs/decisions/0008). Recorded histories check the code
paths that they took. These tests check all workflow code.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

_ORCHESTRATION = Path(__file__).parents[2] / "orchestration"

_WORKFLOW_CODE = sorted([
    *_ORCHESTRATION.glob("*_workflow.py"),
    *(
        _ORCHESTRATION / name
        for name in (
            "compensations.py",
            "fulfillment.py",
            "journal.py",
            "retries.py",
            "signal_guard.py",
            "task_queues.py",
        )
    ),
    *(_ORCHESTRATION / "domain").glob("*.py"),
])

_DETERMINISTIC_MODULES = {
    *("__future__", "asyncio", "collections", "dataclasses", "datetime", "decimal", "enum", "re"),
    *("types", "typing", "unicodedata"),
    *("orchestration", "temporalio"),
}
_NONDETERMINISTIC_CALLS = {
    # The machine's clock. Workflows use workflow.now().
    *("date.today", "datetime.now", "datetime.today", "datetime.utcnow"),
    # The order of sets or threads. The SDK has its own versions of the first two.
    *("asyncio.as_completed", "asyncio.wait", "asyncio.to_thread"),
}


@pytest.mark.parametrize("path", _WORKFLOW_CODE, ids=lambda path: path.name)
def test_workflow_code_uses_only_deterministic_modules_and_calls(path: Path) -> None:
    assert _violations(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "violation"),
    [
        ("import random", "random"),
        ("from uuid import uuid4", "uuid"),
        ("import os.path", "os.path"),
        ("at = datetime.now(UTC)", "datetime.now"),
        ("at = datetime.datetime.now(UTC)", "datetime.now"),
        ("await asyncio.wait(tasks)", "asyncio.wait"),
    ],
)
def test_a_nondeterministic_import_or_call_is_found(source: str, violation: str) -> None:
    assert _violations(source) == [violation]


def _violations(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                found += [name for alias in node.names if _is_nondeterministic(name := alias.name)]
            case ast.ImportFrom(module=str(name)) if _is_nondeterministic(name):
                found.append(name)
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
                found += (
                    [called] if (called := f"{owner}.{name}") in _NONDETERMINISTIC_CALLS else []
                )
    return found


def _is_nondeterministic(module: str) -> bool:
    return module.partition(".")[0] not in _DETERMINISTIC_MODULES

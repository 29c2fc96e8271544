"""Resolvers cannot read the orders of all customers: only the context chooses the reads."""

from __future__ import annotations

import re
from pathlib import Path

import gql

MAY_USE_UNLIMITED_READS = {"context.py"}


def test_only_the_context_uses_the_unlimited_reads() -> None:
    root = Path(gql.__file__).parent
    users = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if re.search(r"\bservices\.reads\b", path.read_text())
    }
    assert users == MAY_USE_UNLIMITED_READS

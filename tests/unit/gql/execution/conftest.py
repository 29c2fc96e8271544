"""Puts short lists on the fast path, so that tests need few objects to compare the executors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(
    scope="package",  # Hypothesis refuses fixtures of a single test
    autouse=True,  # ruff: ignore[pytest-fixture-autouse] - a test without it would compare nothing
)
def short_lists_are_planned() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gql.execution.executor._MIN_ENTRIES", 1)
        yield

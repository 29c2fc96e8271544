from __future__ import annotations

from tests.support.api_fixtures import engine, orchestration, workers

__all__ = ["engine", "orchestration", "workers"]

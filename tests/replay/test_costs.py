from __future__ import annotations

from pathlib import Path

from benchmarks.costs import KINDS, Recorded, recorded
from benchmarks.histories import counts
from tests.replay.recording import recorded_histories

_COST_SHEET = Path(__file__).parents[2] / "docs" / "costs.md"


def test_the_cost_sheet_quotes_the_recorded_histories() -> None:
    """After recording again, copy the output of ``python -m benchmarks.costs``."""
    histories = recorded_histories()
    columns = [_column(recorded(histories, name)) for name in KINDS.values()]
    rows = [line.split(" | ")[1:] for line in _COST_SHEET.read_text().splitlines()[8:15]]
    assert [[cell.removesuffix(" |") for cell in row] for row in rows] == [
        list(row) for row in zip(*columns, strict=True)
    ]


def _column(order: Recorded) -> list[str]:
    counted = counts(order.events)
    return [
        *(str(counted[name]) for name in ("actions", "activities", "workflow tasks", "events")),
        f"{order.history_bytes / 1000:.1f}",
        str(len(order.batches)),
        f"{order.batch_bytes / 1000:.1f}",
    ]

"""What an order costs by the way it goes: Temporal actions, history, and writes to Postgres.

``python -m benchmarks.costs`` counts in the histories that tests have recorded. It starts no
server, and its figures do not depend on how busy the machine is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from rich.console import Console
from rich.table import Table
from temporalio.api.history.v1 import HistoryEvent

from benchmarks.histories import counts
from orchestration.payloads import DATA_CONVERTER
from orchestration.ports import Charge, RecordBatch
from persistence.rows import event_columns, placed_columns, snapshot_columns
from tests.replay.recording import recorded_histories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from temporalio.client import WorkflowHistory

_CHARGE_ARGUMENTS: Final[list[Any]] = [Charge, RecordBatch | None]

KINDS = {
    "approved automatically": "fulfillment.an_order_without_review_is_charged_immediately",
    "approved by a person": "manual_review.an_order_approved_in_time_completes",
    "delivery confirmed": "delivery_confirmed.a_confirmed_delivery_completes_the_order",
    "cancelled in review": "manual_review.an_order_cancelled_during_the_review_is_never_charged",
    "three failed shipments": (
        "shipping_fails.an_order_is_refunded_and_failed_after_three_shipping_attempts"
    ),
}


@dataclass(frozen=True)
class Recorded:
    """An order's history with those of its shipping workflows, and the batches in it."""

    events: list[HistoryEvent]
    batches: list[RecordBatch]

    @property
    def history_bytes(self) -> int:
        """The size of the events as Temporal stores them, without compression."""
        return sum(event.ByteSize() for event in self.events)

    @property
    def batch_bytes(self) -> int:
        """The size of the values that the ledger's statements send, as JSON."""
        return sum(len(orjson.dumps(values)) for batch in self.batches for values in _sent(batch))


def _sent(batch: RecordBatch) -> Iterator[object]:
    if batch.order is not None:
        yield placed_columns(batch.order, batch.placed_at)
    yield snapshot_columns(batch.snapshot)
    yield [event_columns(event) for event in batch.events]


def recorded(histories: dict[str, WorkflowHistory], name: str) -> Recorded:
    own = histories[name]
    children = [
        history for key, history in histories.items() if key.startswith(f"{name}.shipping-")
    ]
    return Recorded(
        events=[event for history in (own, *children) for event in history.events],
        batches=list(_batches(own)),
    )


def _batches(history: WorkflowHistory) -> Iterator[RecordBatch]:
    decode = DATA_CONVERTER.payload_converter.from_payloads
    for event in history.events:
        scheduled = event.activity_task_scheduled_event_attributes
        match scheduled.activity_type.name:
            case "record_events":
                yield from decode(scheduled.input.payloads, [RecordBatch])
            case "charge_payment":
                _, unwritten = decode(scheduled.input.payloads, _CHARGE_ARGUMENTS)
                if unwritten is not None:
                    yield unwritten


def measure() -> None:
    histories = recorded_histories()
    _report({kind: recorded(histories, name) for kind, name in KINDS.items()})


def _report(orders: dict[str, Recorded]) -> None:
    table = Table("per order", *orders)
    counted = {kind: counts(order.events) for kind, order in orders.items()}
    for name in next(iter(counted.values())):
        table.add_row(name, *(str(found[name]) for found in counted.values()))
    table.add_row("history, kB", *(f"{o.history_bytes / 1000:.1f}" for o in orders.values()))
    table.add_row("SQL statements", *(str(len(order.batches)) for order in orders.values()))
    table.add_row("sent to Postgres, kB", *(f"{o.batch_bytes / 1000:.1f}" for o in orders.values()))
    Console(width=120).print(table)


if __name__ == "__main__":
    measure()

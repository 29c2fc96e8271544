"""The write side of the record: one statement stores a whole batch of events, or nothing of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Text, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import PGDialect

from orchestration.domain.errors import RecordDiverged, RecordUnavailable
from orchestration.ports import RecordBatch, Recorded
from persistence.engine import connected
from persistence.json_codec import storable_text
from persistence.rows import event_columns, placed_columns, snapshot_columns
from persistence.tables import PLACED_COLUMNS, SNAPSHOT_COLUMNS, events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Column
    from sqlalchemy.ext.asyncio import AsyncEngine

# All parts of a statement read one database snapshot, taken when the statement began. If another
# writer commits meanwhile, the statement notices only by waiting for that writer's locks. It may
# then see the new row but not the new events. In that case it writes nothing that is uncertain and
# reports that it is unsettled. A second statement sees everything that was committed.
_MAX_STATEMENTS_PER_BATCH = 2

_DIALECT = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
_SENT_COLUMNS = [column for column in events.c if column.key not in {"order_id", "xid"}]


def _column_lists(name: str, columns: Iterable[Column[Any]]) -> dict[str, str]:
    """Return the lists that ``ledger.sql`` needs of the columns of its subquery ``name``."""
    types = {column.name: column.type.compile(_DIALECT) for column in columns}
    return {
        f"{name}_definition": ", ".join(f"{column} {type_}" for column, type_ in types.items()),
        f"{name}_columns": ", ".join(types),
        f"{name}_values": ", ".join(f"{name}.{column}" for column in types),
    }


_RECORD = text(
    Path(__file__)
    .with_suffix(".sql")
    .read_text("utf-8")
    .format(
        **_column_lists("placed", PLACED_COLUMNS),
        **_column_lists("snapshot", SNAPSHOT_COLUMNS),
        **_column_lists("sent", _SENT_COLUMNS),
    )
).bindparams(
    bindparam("order_id", type_=Text),
    bindparam("run_id", type_=Text),
    bindparam("first", type_=Integer),
    bindparam("last", type_=Integer),
    bindparam("order", type_=JSONB(none_as_null=True)),
    bindparam("snapshot", type_=JSONB),
    bindparam("events", type_=JSONB),
)


class PostgresLedger:
    """Stores orders, payments and events. Each order has one writer: its workflow."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(self, batch: RecordBatch) -> Recorded:
        """Store a batch whole or not at all. A repeated or late batch changes nothing.

        Raises RecordDiverged if the record has another run, another event under one of these
        sequences, or a gap before them. Raises RecordUnavailable if Postgres did not respond.
        """
        parameters = _parameters(batch)
        for _ in range(_MAX_STATEMENTS_PER_BATCH):
            async with connected(self._engine) as connection:
                row = (await connection.execute(_RECORD, parameters)).one()
            if row.divergence is not None:
                raise RecordDiverged(batch.order_id, row.divergence)
            if not row.unsettled:
                return Recorded(row.customer_exists, row.payment_owner)
        raise RecordUnavailable(f"concurrent writes to order {batch.order_id}")


def _parameters(batch: RecordBatch) -> dict[str, Any]:
    last = batch.snapshot.sequence
    first = last - len(batch.events) + 1
    if [event.sequence for event in batch.events] != list(range(first, last + 1)):
        raise RecordDiverged(
            batch.order_id, f"the batch's events are not consecutive up to event {last}"
        )
    order = batch.order
    return {
        "order_id": storable_text(batch.order_id),
        "run_id": batch.run_id,
        "first": first,
        "last": last,
        "order": None if order is None else placed_columns(order, batch.placed_at),
        "snapshot": snapshot_columns(batch.snapshot),
        "events": [event_columns(event) for event in batch.events],
    }

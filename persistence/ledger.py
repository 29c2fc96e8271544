"""The write side of the record: one statement stores a whole batch of events, or nothing of it."""

from __future__ import annotations

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

_RECORD_SQL = """
-- the record, when the statement begins            what the statement does
-- no row, and the batch has the order              inserts order, payment and events
-- a row, and the batch continues its events        updates the row, appends the events it lacks
-- a row with all events of the batch               nothing: the batch is repeated or late
-- events before the batch are missing              nothing; resend_after is the last one it has
-- another run, another event, or the order's end   nothing; divergence says which
-- another writer commits during the statement      nothing uncertain; unsettled: run it again

WITH placed AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_record(:order) AS placed ({placed_definition}, claims_payment boolean)
),
snapshot AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_record(:snapshot) AS snapshot ({snapshot_definition})
),
sent AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(:events) AS sent ({sent_definition})
),
-- The lock makes other copies of this batch wait, and returns the latest version of the row.
stored AS MATERIALIZED (
    SELECT run_id, sequence, ended_at, customer_id, payment_id
    FROM orders
    WHERE id = :order_id
    FOR NO KEY UPDATE
),
recognized AS MATERIALIZED (
    SELECT sent.sequence, sent.key AS sent_key, events.key AS stored_key
    FROM sent JOIN events ON events.order_id = :order_id AND events.sequence = sent.sequence
),
judged AS MATERIALIZED (
    SELECT
        stored.sequence,
        stored.customer_id,
        stored.payment_id,
        CASE
            WHEN stored.run_id <> :run_id
            THEN format('run %s is recorded, but run %s was sent', stored.run_id, :run_id)
            WHEN stored.run_id IS NULL AND :first = 1 AND CAST(:order AS jsonb) IS NULL
            THEN 'the order has no row, and the batch does not contain the order'
            -- A run that was reset must not repeat the steps of an order that has ended.
            WHEN stored.ended_at IS NOT NULL AND stored.sequence > :last
            THEN format('the order has ended with event %s, but event %s was sent as the last one',
                        stored.sequence, :last)
            ELSE (
                SELECT format('event %s is recorded as %s, but %s was sent',
                              sequence, stored_key, sent_key)
                FROM recognized
                WHERE stored_key <> sent_key
                ORDER BY sequence
                LIMIT 1
            )
        END AS divergence,
        -- The record lacks events before this batch: it was restored from an older backup.
        coalesce(stored.sequence, 0) < :first - 1 AS behind,
        -- The row counts events of this batch that this statement's snapshot cannot see yet.
        stored.sequence IS NOT NULL
            AND (SELECT count(*) FROM recognized) < least(stored.sequence, :last) - :first + 1
            AS unsettled
    FROM (VALUES (1)) AS always LEFT JOIN stored ON true
),
-- The lock makes a concurrent deletion of the customer wait. The foreign key then rejects it.
customer AS MATERIALIZED (
    SELECT customers.id
    FROM customers JOIN placed ON customers.id = placed.requested_customer_id
    FOR KEY SHARE OF customers
),
inserted AS (
    INSERT INTO orders (id, run_id, customer_id, {placed_columns}, {snapshot_columns})
    SELECT :order_id, :run_id, (SELECT id FROM customer), {placed_values}, {snapshot_values}
    FROM placed, snapshot, judged
    WHERE judged.sequence IS NULL AND judged.divergence IS NULL AND NOT judged.behind
    ON CONFLICT (id) DO NOTHING
    RETURNING id, customer_id, payment_id, created_at
),
updated AS (
    UPDATE orders
    SET ({snapshot_columns}) = ROW ({snapshot_values})
    FROM snapshot, judged
    WHERE orders.id = :order_id
        AND orders.sequence < snapshot.sequence
        AND judged.divergence IS NULL
        AND NOT judged.behind
        AND NOT judged.unsettled
    RETURNING orders.id
),
claimed AS (
    INSERT INTO payments (id, order_id, status, amount_minor, currency, created_at, updated_at)
    SELECT placed.payment_id, inserted.id, snapshot.payment_status, placed.total_minor,
           placed.currency, placed.created_at, snapshot.updated_at
    FROM inserted, placed, snapshot
    WHERE placed.claims_payment
    ON CONFLICT DO NOTHING
    RETURNING id
),
settled AS (
    UPDATE payments
    SET status = snapshot.payment_status, updated_at = snapshot.updated_at
    FROM updated, snapshot
    WHERE payments.order_id = updated.id AND payments.status <> snapshot.payment_status
),
appended AS (
    INSERT INTO events (order_id, {sent_columns})
    SELECT :order_id, {sent_values}
    FROM sent, judged, (SELECT id FROM inserted UNION ALL SELECT id FROM updated) AS written
    WHERE sent.sequence > coalesce(judged.sequence, 0)
)
SELECT
    judged.divergence,
    judged.unsettled
        -- Another copy of the batch has inserted the row since this statement began.
        OR (judged.sequence IS NULL AND inserted.id IS NULL AND NOT judged.behind)
        -- Another order has claimed the payment ID since this statement began.
        OR (inserted.id IS NOT NULL AND placed.claims_payment
            AND claimed.id IS NULL AND owner.id IS NULL) AS unsettled,
    CASE WHEN judged.behind THEN coalesce(judged.sequence, 0) END AS resend_after,
    coalesce(inserted.customer_id, judged.customer_id) IS NOT NULL AS customer_exists,
    nullif(owner.order_id, :order_id) AS payment_owner
FROM judged
    LEFT JOIN inserted ON true
    LEFT JOIN claimed ON true
    LEFT JOIN placed ON true
    LEFT JOIN payments AS owner ON owner.id = coalesce(inserted.payment_id, judged.payment_id)
"""
"""Stores one batch of an order's events. The column lists are filled in below."""

# All parts of a statement read one database snapshot, taken when the statement began. If another
# writer commits meanwhile, the statement notices only by waiting for that writer's locks. It may
# then see the new row but not the new events. In that case it writes nothing that is uncertain and
# reports that it is unsettled. A second statement sees everything that was committed.
_MAX_STATEMENTS_PER_BATCH = 2

_DIALECT = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
_SENT_COLUMNS = [column for column in events.c if column.key not in {"order_id", "xid"}]


def _column_lists(name: str, columns: Iterable[Column[Any]]) -> dict[str, str]:
    """Return the lists that ``_RECORD_SQL`` needs of the columns of its subquery ``name``."""
    types = {column.name: column.type.compile(_DIALECT) for column in columns}
    return {
        f"{name}_definition": ", ".join(f"{column} {type_}" for column, type_ in types.items()),
        f"{name}_columns": ", ".join(types),
        f"{name}_values": ", ".join(f"{name}.{column}" for column in types),
    }


_RECORD = text(
    _RECORD_SQL.format(
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
        sequences, or the order's end after them. Raises RecordUnavailable if Postgres did not
        respond.
        """
        parameters = _parameters(batch)
        for _ in range(_MAX_STATEMENTS_PER_BATCH):
            async with connected(self._engine) as connection:
                row = (await connection.execute(_RECORD, parameters)).one()
            if row.divergence is not None:
                raise RecordDiverged(batch.order_id, row.divergence)
            if not row.unsettled:
                return Recorded(row.customer_exists, row.payment_owner, row.resend_after)
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

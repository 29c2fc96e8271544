"""The write side of the record: a batch is one statement, written whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Text, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from orchestration.domain.errors import RecordDiverged, RecordUnavailable
from orchestration.ports import RecordBatch, Recorded
from persistence.engine import connected
from persistence.json_codec import storable_text
from persistence.rows import event_columns, order_columns, snapshot_columns

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

# All parts of a statement see the database as it was when the statement began. What another writer
# commits meanwhile is known by waiting for its locks only, and then not always readable: the row is
# there, its events are not. Such a statement writes nothing of which it is not certain, says that
# it is unsettled, and the next one sees it all.
_STATEMENTS_A_BATCH = 2

_RECORD = text("""
WITH sent AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(:events) AS event (
        sequence integer, key text, type text, from_state text, state text, message text,
        command_id text, attempt integer, payload jsonb, at timestamptz
    )
),
snapshot AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_record(:snapshot) AS stands (
        sequence integer, state text, shipping_address jsonb, payment_status text,
        undoing boolean, failure_code text, failure_message text, deadline timestamptz,
        review_deadline timestamptz, ended_at timestamptz, updated_at timestamptz
    )
),
placed AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_record(:order) AS placed (
        requested_customer_id text, customer_name text, folded_customer_name text,
        payment_id text, claims_payment boolean, priority text, currency text, total numeric,
        total_minor numeric, request jsonb, policy jsonb, created_at timestamptz
    )
),
-- The lock keeps other copies of this batch waiting, and shows the row as it is now.
stored AS MATERIALIZED (
    SELECT run_id, sequence, customer_id, payment_id
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
            THEN format('run %s is on record, and run %s was sent', stored.run_id, :run_id)
            WHEN coalesce(stored.sequence, 0) < :first - 1
            THEN format('its last event is %s, and the batch begins with %s',
                        coalesce(stored.sequence, 0), :first)
            WHEN stored.run_id IS NULL AND CAST(:order AS jsonb) IS NULL
            THEN 'it has no row, and the batch brings no order'
            ELSE (
                SELECT format('event %s is %s on record, and %s was sent',
                              sequence, stored_key, sent_key)
                FROM recognized
                WHERE stored_key <> sent_key
                ORDER BY sequence
                LIMIT 1
            )
        END AS divergence,
        -- The row counts events of this batch that this statement cannot read yet.
        stored.sequence IS NOT NULL
            AND (SELECT count(*) FROM recognized) < least(stored.sequence, :last) - :first + 1
            AS unsettled
    FROM (VALUES (1)) AS always LEFT JOIN stored ON true
),
-- The lock makes a deletion of the customer wait, and be refused.
customer AS MATERIALIZED (
    SELECT customers.id
    FROM customers JOIN placed ON customers.id = placed.requested_customer_id
    FOR KEY SHARE OF customers
),
inserted AS (
    INSERT INTO orders (
        id, run_id, customer_id, requested_customer_id, customer_name, folded_customer_name,
        payment_id, priority, currency, total, total_minor, request, policy, created_at,
        sequence, state, shipping_address, payment_status, undoing, failure_code, failure_message,
        deadline, review_deadline, ended_at, updated_at
    )
    SELECT
        :order_id, :run_id, (SELECT id FROM customer), requested_customer_id, customer_name,
        folded_customer_name, placed.payment_id, priority, currency, total, total_minor, request,
        policy, created_at, snapshot.sequence, state, shipping_address, payment_status, undoing,
        failure_code, failure_message, deadline, review_deadline, ended_at, updated_at
    FROM placed, snapshot, judged
    WHERE judged.sequence IS NULL AND judged.divergence IS NULL
    ON CONFLICT (id) DO NOTHING
    RETURNING id, customer_id, payment_id, created_at
),
updated AS (
    UPDATE orders
    SET sequence = snapshot.sequence,
        state = snapshot.state,
        shipping_address = snapshot.shipping_address,
        payment_status = snapshot.payment_status,
        undoing = snapshot.undoing,
        failure_code = snapshot.failure_code,
        failure_message = snapshot.failure_message,
        deadline = snapshot.deadline,
        review_deadline = snapshot.review_deadline,
        ended_at = snapshot.ended_at,
        updated_at = snapshot.updated_at
    FROM snapshot, judged
    WHERE orders.id = :order_id
        AND orders.sequence < snapshot.sequence
        AND judged.divergence IS NULL
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
    INSERT INTO events (
        order_id, sequence, key, type, from_state, state, message, command_id, attempt, payload, at
    )
    SELECT :order_id, sent.sequence, key, type, from_state, state, message, command_id, attempt,
           payload, at
    FROM sent, judged, (SELECT id FROM inserted UNION ALL SELECT id FROM updated) AS written
    WHERE sent.sequence > coalesce(judged.sequence, 0)
)
SELECT
    judged.divergence,
    judged.unsettled
        -- Another copy has inserted the row since this statement began.
        OR (judged.sequence IS NULL AND inserted.id IS NULL)
        -- Another order has taken the payment id since then.
        OR (inserted.id IS NOT NULL AND placed.claims_payment
            AND claimed.id IS NULL AND owner.id IS NULL) AS unsettled,
    coalesce(inserted.customer_id, judged.customer_id) IS NOT NULL AS customer_exists,
    nullif(owner.order_id, :order_id) AS payment_owner
FROM judged
    LEFT JOIN inserted ON true
    LEFT JOIN claimed ON true
    LEFT JOIN placed ON true
    LEFT JOIN payments AS owner ON owner.id = coalesce(inserted.payment_id, judged.payment_id)
""").bindparams(
    bindparam("order_id", type_=Text),
    bindparam("run_id", type_=Text),
    bindparam("first", type_=Integer),
    bindparam("last", type_=Integer),
    bindparam("order", type_=JSONB(none_as_null=True)),
    bindparam("snapshot", type_=JSONB),
    bindparam("events", type_=JSONB),
)


class PostgresLedger:
    """Keeps orders, payments and events; the workflow's one writer calls it."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Write through this engine, which stays the caller's."""
        self._engine = engine

    async def record(self, batch: RecordBatch) -> Recorded:
        """Store a batch whole or not at all; once more, or late, changes nothing.

        Raises RecordDiverged where the record has another run, another event under one of these
        sequences, or a gap before them; RecordUnavailable where Postgres did not answer.
        """
        parameters = _parameters(batch)
        for _ in range(_STATEMENTS_A_BATCH):
            async with connected(self._engine) as connection:
                row = (await connection.execute(_RECORD, parameters)).one()
            if row.divergence is not None:
                raise RecordDiverged(batch.order_id, row.divergence)
            if not row.unsettled:
                return Recorded(row.customer_exists, row.payment_owner)
        raise RecordUnavailable(f"others keep writing order {batch.order_id} at the same time")


def _parameters(batch: RecordBatch) -> dict[str, Any]:
    last = batch.snapshot.sequence
    first = last - len(batch.events) + 1
    if [event.sequence for event in batch.events] != list(range(first, last + 1)):
        raise RecordDiverged(batch.order_id, f"the events sent do not lead up to {last} one by one")
    order = batch.order
    return {
        "order_id": storable_text(batch.order_id),
        "run_id": batch.run_id,
        "first": first,
        "last": last,
        "order": None if order is None else order_columns(order, batch.placed_at),
        "snapshot": snapshot_columns(batch.snapshot),
        "events": [event_columns(event) for event in batch.events],
    }

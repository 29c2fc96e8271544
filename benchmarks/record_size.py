"""What an order's record costs Postgres, by the way the order goes: WAL, tables and indexes.

``python -m benchmarks.record_size`` writes the batches of recorded histories for many orders at a
time, through the ledger. The figures are bytes, and do not depend on the speed of the machine.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks.costs import KINDS, recorded
from cli.service.configuration import load_configuration
from cli.service.connections import postgres
from cli.service.startup import STARTUP_TIMEOUT
from cli.stack.embedded_stack import running_servers, temporary_folder
from cli.stack.plan import temporary_plan
from persistence.ledger import PostgresLedger
from persistence.tables import events, orders, payments
from tests.replay.recording import recorded_histories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import TextClause
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.ports import RecordBatch

ORDERS = 1_000
CONCURRENCY = 10

_TABLES = ", ".join(table.name for table in (events, payments, orders))
_CUSTOMER = text(
    "INSERT INTO customers (id, name, email, folded_name, folded_email)"
    " VALUES (:id, 'Ada Lovelace', :id, 'ada lovelace', :id) ON CONFLICT DO NOTHING"
)
_WAL = text("SELECT pg_current_wal_insert_lsn() - '0/0'")
_SIZES = text(
    "SELECT sum(pg_table_size(name)), sum(pg_indexes_size(name))"
    " FROM unnest(string_to_array(:names, ', ')::regclass[]) AS name"
)


@dataclass(frozen=True)
class Size:
    """Bytes per order. WAL is without page images. ``reusable`` is room of earlier row versions."""

    wal: float
    tables: float
    indexes: float
    reusable: float


async def _run(engine: AsyncEngine, statement: TextClause, **values: str) -> Sequence[int]:
    async with engine.connect() as connection:
        result = await connection.execute(statement, values)
        return [int(value) for value in result.one()] if result.returns_rows else []


async def _size(engine: AsyncEngine, batches: Sequence[RecordBatch]) -> Size:
    """Write the batches for ORDERS orders."""
    for batch in batches:
        if batch.order is not None:
            await _run(engine, _CUSTOMER, id=batch.order.request.customer_id)
    ledger, limit = PostgresLedger(engine), asyncio.Semaphore(CONCURRENCY)

    async def write() -> None:
        order_id, run_id, payment_id = (str(uuid4()) for _ in range(3))
        async with limit:
            for batch in batches:
                order = batch.order and replace(batch.order, id=order_id, payment_id=payment_id)
                await ledger.record(replace(batch, order_id=order_id, run_id=run_id, order=order))

    rewrite = text(f"VACUUM FULL {_TABLES}")
    await _run(engine, rewrite)
    before = await _run(engine, _SIZES, names=_TABLES)
    [wal_before] = await _run(engine, _WAL)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(ORDERS):
            tasks.create_task(write())
    [wal] = await _run(engine, _WAL)
    grown = await _run(engine, _SIZES, names=_TABLES)
    await _run(engine, rewrite)
    after = await _run(engine, _SIZES, names=_TABLES)
    tables, indexes = (new - old for new, old in zip(after, before, strict=True))
    totals = (wal - wal_before, tables, indexes, sum(grown) - sum(after))
    return Size(*(total / ORDERS for total in totals))


async def measure() -> None:
    histories = recorded_histories()
    with temporary_folder() as folder:
        plan = temporary_plan(load_configuration(file=None), os.environ, folder)
        async with (
            running_servers(plan) as stack,
            postgres(stack.configuration.persistence, STARTUP_TIMEOUT) as engine,
        ):
            _report({
                kind: await _size(engine, recorded(histories, name).batches)
                for kind, name in KINDS.items()
            })


def _report(sizes: dict[str, Size]) -> None:
    table = Table("kB per order", *sizes)
    for name in (column.name for column in fields(Size)):
        table.add_row(name, *(f"{getattr(size, name) / 1000:.1f}" for size in sizes.values()))
    Console(width=120).print(table)


if __name__ == "__main__":
    asyncio.run(measure())

"""Inserts thousands of orders by COPY, each with its payment and seven events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import orjson

from persistence.tables import customers, events, orders, payments

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

    import asyncpg  # type: ignore[import-untyped] # untyped library
    from sqlalchemy import Table

ORDERS_PER_CUSTOMER = 200
_FIRST_ORDER_AT = datetime(2026, 1, 1, tzinfo=UTC)
_INTERVAL = timedelta(seconds=1)
_ROWS_PER_CHUNK = 5_000
_EVENTS = (
    ("ORDER_RECEIVED", "PLACED", "RECEIVED"),
    ("ORDER_VALIDATED", "RECEIVED", "VALIDATED"),
    ("REVIEW_STARTED", "VALIDATED", "AWAITING_APPROVAL"),
    ("ORDER_APPROVED", "AWAITING_APPROVAL", "APPROVED"),
    ("PAYMENT_CHARGED", "APPROVED", "PAID"),
    ("SHIPPING_STARTED", "PAID", "SHIPPING"),
    ("PACKAGE_PREPARED", "SHIPPING", "PACKAGE_PREPARED"),
)
_SYLLABLES = [f"{one}{two}" for one in "bcdfghjklmnprstvwxyz" for two in "aeiou"]
_SPREAD = 7_919  # a prime, so that names of consecutive customers differ in every syllable
_ADDRESS = {"street": "1 Main St", "city": "Springfield", "region": "IL", "postal_code": "62701"}
_ADDRESS["country"] = "US"
_POLICY = {
    "review_mode": "MANUAL",
    "review_timeout": 300.0,
    "deadline": None,
    "activity_timeout": 10.0,
    "activity_attempts": None,
    "activity_retry_delay": 1.0,
    "activity_retry_backoff": 2.0,
    "shipping_attempts": 3,
    "shipping_retry_delay": 2.0,
    "shipping_retry_backoff": 1.0,
    "delivery_timeout": None,
}


class OrderSeed(NamedTuple):
    """The values from which all rows of one order are generated."""

    number: int
    customer: str
    name: str
    placed_at: datetime
    minor: int

    @property
    def id(self) -> str:
        return f"order-{self.number:07d}"

    @property
    def state(self) -> str:
        """1 % of the orders are FAILED and 20 % PACKAGE_PREPARED, the rest COMPLETED."""
        if self.number % 100 == 1:
            return "FAILED"
        return "PACKAGE_PREPARED" if self.number % 5 == 0 else "COMPLETED"


async def insert_orders(connection: asyncpg.Connection, count: int) -> None:
    """Insert ``count`` orders into empty tables."""
    customer_count = count // ORDERS_PER_CUSTOMER
    # The rows are consistent: skip the foreign key checks.
    await connection.execute("SET session_replication_role = replica")
    await _copy(connection, customers, map(_customer, range(customer_count)))
    for table, rows in ((orders, _orders), (payments, _payments), (events, _events)):
        await _copy(connection, table, _rows_of_all(rows, count, customer_count))
    # Statistics and visibility map as in a database that has run for a while.
    await connection.execute("VACUUM ANALYZE")


def customer_name(number: int) -> str:
    """Return a unique name made of syllables."""
    part, syllables = number * _SPREAD % len(_SYLLABLES) ** 3, []
    for _ in range(3):
        part, place = divmod(part, len(_SYLLABLES))
        syllables.append(_SYLLABLES[place])
    return f"Ada {''.join(syllables).title()}"


def _rows_of_all(
    rows: Callable[[OrderSeed], Iterable[list[object]]], count: int, customer_count: int
) -> Iterator[list[object]]:
    for number in range(count):
        customer = number % customer_count
        seed = OrderSeed(
            number,
            f"customer-{customer:05d}",
            customer_name(customer),
            _FIRST_ORDER_AT + number * _INTERVAL,
            1_000 + number * 7_919 % 99_991,
        )
        yield from rows(seed)


def _customer(number: int) -> list[object]:
    name = customer_name(number)
    email = f"{number:05d}@example.org"
    return [
        *(f"customer-{number:05d}", name, email, "+1 555 0100"),
        *(_FIRST_ORDER_AT, _FIRST_ORDER_AT, name.casefold(), email),
    ]


def _orders(seed: OrderSeed) -> Iterator[list[object]]:
    request = {
        "customer_id": seed.customer,
        "items": [{"sku": "TEAPOT", "quantity": 1, "unit_price": seed.minor, "name": None}],
        "currency": "USD",
        "shipping_address": _ADDRESS,
        "priority": "NORMAL",
        "payment_id": None,
        "policy": {},
    }
    yield [
        *(seed.id, f"run-{seed.number}", seed.customer, seed.customer, seed.name),
        *(seed.name.casefold(), f"pay-{seed.id}", "NORMAL", "USD", seed.minor / 100, seed.minor),
        *(_json(request), _json(_POLICY), seed.placed_at, len(_EVENTS), seed.state),
        *(_json(_ADDRESS), "CHARGED", "false", None, None, None, None, None),
        seed.placed_at + len(_EVENTS) * _INTERVAL,
    ]


def _payments(seed: OrderSeed) -> Iterator[list[object]]:
    at = seed.placed_at
    yield [f"pay-{seed.id}", seed.id, "CHARGED", seed.minor, "USD", at, at + 5 * _INTERVAL]


def _events(seed: OrderSeed) -> Iterator[list[object]]:
    for sequence, (kind, before, after) in enumerate(_EVENTS, start=1):
        at = seed.placed_at + sequence * _INTERVAL
        message = f"The order is {after.lower()}."
        yield [seed.id, sequence, kind, kind, before, after, message, None, None, "{}", at]


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


async def _copy(connection: asyncpg.Connection, table: Table, rows: Iterator[list[object]]) -> None:
    async def text() -> AsyncGenerator[bytes]:  # ruff: ignore[unused-async] - asyncpg needs an asynchronous iterable
        while chunk := "".join(map(_line, islice(rows, _ROWS_PER_CHUNK))):
            yield chunk.encode()

    # The database sets xid, the transaction that writes the event.
    columns = [column.name for column in table.columns if column.name != "xid"]
    await connection.copy_to_table(table.name, source=text(), columns=columns)


def _line(row: list[object]) -> str:
    return "\t".join(r"\N" if value is None else str(value) for value in row) + "\n"

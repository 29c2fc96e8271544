"""Orders on record by the thousand, each with its payment and seven events, brought in by COPY."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import orjson

from persistence.tables import customers, events, orders, payments

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

    import asyncpg  # type: ignore[import-untyped] # it has no types
    from sqlalchemy import Table

ORDERS_A_CUSTOMER = 200
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_APART = timedelta(seconds=1)
_A_CHUNK = 5_000  # rows that are sent together
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
_SPREAD = 7_919  # a prime, so that neighbours differ in every syllable
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


class Made(NamedTuple):
    """What the rows of one order are made from."""

    number: int
    customer: str
    name: str
    placed_at: datetime
    minor: int

    @property
    def id(self) -> str:
        """The order's id."""
        return f"order-{self.number:07d}"

    @property
    def state(self) -> str:
        """Some waits, some failed, most are done: in the proportions of a shop that runs."""
        if self.number % 100 == 1:
            return "FAILED"
        return "PACKAGE_PREPARED" if self.number % 5 == 0 else "COMPLETED"


async def fill(connection: asyncpg.Connection, count: int) -> None:
    """Put this many orders on record, where there are none."""
    of_customers = count // ORDERS_A_CUSTOMER
    # What is brought in fits together: nothing has to be looked up for each row to see that.
    await connection.execute("SET session_replication_role = replica")
    await _copy(connection, customers, map(_customer, range(of_customers)))
    for table, rows in ((orders, _orders), (payments, _payments), (events, _events)):
        await _copy(connection, table, _of_all(rows, count, of_customers))
    # As a database is that has run for a while: counted, and its pages known to be visible to all.
    await connection.execute("VACUUM ANALYZE")


def customer_name(number: int) -> str:
    """Return a name of syllables, which no other customer has."""
    part, syllables = number * _SPREAD % len(_SYLLABLES) ** 3, []
    for _ in range(3):
        part, place = divmod(part, len(_SYLLABLES))
        syllables.append(_SYLLABLES[place])
    return f"Ada {''.join(syllables).title()}"


def _of_all(
    rows: Callable[[Made], Iterable[list[object]]], count: int, of_customers: int
) -> Iterator[list[object]]:
    for number in range(count):
        customer = number % of_customers
        made = Made(
            number,
            f"customer-{customer:05d}",
            customer_name(customer),
            _FIRST + number * _APART,
            1_000 + number * 7_919 % 99_991,
        )
        yield from rows(made)


def _customer(number: int) -> list[object]:
    name = customer_name(number)
    email = f"{number:05d}@example.org"
    return [
        *(f"customer-{number:05d}", name, email, "+1 555 0100"),
        *(_FIRST, _FIRST, name.casefold(), email),
    ]


def _orders(made: Made) -> Iterator[list[object]]:
    request = {
        "customer_id": made.customer,
        "items": [{"sku": "TEAPOT", "quantity": 1, "unit_price": made.minor, "name": None}],
        "currency": "USD",
        "shipping_address": _ADDRESS,
        "priority": "NORMAL",
        "payment_id": None,
        "policy": {},
    }
    yield [
        *(made.id, f"run-{made.number}", made.customer, made.customer, made.name),
        *(made.name.casefold(), f"pay-{made.id}", "NORMAL", "USD", made.minor / 100, made.minor),
        *(_json(request), _json(_POLICY), made.placed_at, len(_EVENTS), made.state),
        *(_json(_ADDRESS), "CHARGED", "false", None, None, None, None, None),
        made.placed_at + len(_EVENTS) * _APART,
    ]


def _payments(made: Made) -> Iterator[list[object]]:
    at = made.placed_at
    yield [f"pay-{made.id}", made.id, "CHARGED", made.minor, "USD", at, at + 5 * _APART]


def _events(made: Made) -> Iterator[list[object]]:
    for sequence, (kind, before, after) in enumerate(_EVENTS, start=1):
        at = made.placed_at + sequence * _APART
        message = f"The order is {after.lower()}."
        yield [made.id, sequence, kind, kind, before, after, message, None, None, "{}", at]


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


async def _copy(connection: asyncpg.Connection, table: Table, rows: Iterator[list[object]]) -> None:
    async def text() -> AsyncGenerator[bytes]:  # ruff: ignore[unused-async] - as the driver takes it
        while some := "".join(map(_line, islice(rows, _A_CHUNK))):
            yield some.encode()

    # The transaction that writes an event is the database's to say.
    columns = [column.name for column in table.columns if column.name != "xid"]
    await connection.copy_to_table(table.name, source=text(), columns=columns)


def _line(row: list[object]) -> str:
    return "\t".join(r"\N" if value is None else str(value) for value in row) + "\n"

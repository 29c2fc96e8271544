"""What the record knows about an order that is about to start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, Text, bindparam, func, literal_column, select

from persistence.rows import ORDER_COLUMNS, StoredOrder, stored_order
from persistence.tables import customers, orders, payments

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row


class NamedCustomer(NamedTuple):
    id: str
    name: str


@dataclass(frozen=True)
class StartFacts:
    """The order's row, its customer, and who owns its payment ID, read in one snapshot.

    ``stored`` is the order if its ID is already taken. ``customer`` is None if the customer does
    not exist. ``payment_owner`` is the ID of another order that has the payment ID.
    """

    stored: StoredOrder | None
    customer: NamedCustomer | None
    payment_owner: str | None


def _statement(is_customer: ColumnElement[bool]) -> Select[Any]:
    payment_owner = (
        select(payments.c.order_id)
        .where(
            payments.c.id == bindparam("payment_id"),
            payments.c.order_id != bindparam("order_id"),
        )
        .scalar_subquery()
    )
    return select(
        customers.c.id.label("found_customer_id"),
        customers.c.name.label("found_customer_name"),
        payment_owner.label("payment_owner"),
        *ORDER_COLUMNS,
    ).select_from(
        select(literal_column("1"))
        .subquery("always")
        .outerjoin(orders, orders.c.id == bindparam("order_id"))
        .outerjoin(customers, is_customer)
    )


FACTS_BY_CUSTOMER_ID = _statement(customers.c.id == bindparam("customer"))
FACTS_BY_EMAIL = _statement(
    func.lower(customers.c.email) == func.lower(bindparam("customer", type_=Text))
)


def start_facts(row: Row[Any]) -> StartFacts:
    """Read the row of one of these statements. There is always one."""
    customer_id, customer_name = row.found_customer_id, row.found_customer_name
    return StartFacts(
        stored=None if row.id is None else stored_order(row),
        customer=None if customer_id is None else NamedCustomer(customer_id, customer_name),
        payment_owner=row.payment_owner,
    )

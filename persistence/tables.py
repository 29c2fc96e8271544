"""The tables, as SQLAlchemy Core. ``migrations/`` makes them; a test holds the two together.

Where a column is text without limit, or a number without bounds, that is on purpose: an order that
was started past the API's checks has to get on record too, to end there as INVALID.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType


class TransactionId(UserDefinedType[str]):
    """Postgres' xid8, which counts transactions and never wraps."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:  # ruff: ignore[no-self-use]  # SQLAlchemy calls it on the instance
        """Return the type's name in SQL."""
        return "xid8"


metadata = MetaData()

_TIME = DateTime(timezone=True)

customers = Table(
    "customers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text),
    Column("created_at", _TIME, nullable=False, server_default=func.now()),
    Column("updated_at", _TIME, nullable=False, server_default=func.now()),
    # Each beside its own, so that a change of the one needs to know nothing of the other.
    Column("folded_name", Text, nullable=False, comment="to search, letter case aside"),
    Column("folded_email", Text, nullable=False, comment="to search, letter case aside"),
)
Index("customers_email_key", func.lower(customers.c.email), unique=True)
Index("customers_created_at_idx", customers.c.created_at, customers.c.id)
Index(
    "customers_search_idx",
    customers.c.folded_name,
    customers.c.folded_email,
    postgresql_using="gin",
    postgresql_ops={"folded_name": "gin_trgm_ops", "folded_email": "gin_trgm_ops"},
)

orders = Table(
    "orders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run_id", Text, nullable=False),
    # What never changes. customer_id is null where no such customer was there at the start.
    Column("customer_id", Text, ForeignKey("customers.id", name="orders_customer_id_fkey")),
    Column("requested_customer_id", Text, nullable=False),
    Column("customer_name", Text, nullable=False),
    Column("folded_customer_name", Text, nullable=False, comment="to search, letter case aside"),
    Column("payment_id", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Numeric, nullable=False, comment="in major units, to sort and filter by"),
    Column("total_minor", Numeric, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("policy", JSONB, nullable=False),
    Column("created_at", _TIME, nullable=False, comment="when the order was placed"),
    # Where it stands after the event of that sequence.
    Column("sequence", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("shipping_address", JSONB, nullable=False),
    Column("payment_status", Text, nullable=False),
    Column("undoing", Boolean, nullable=False),
    Column("failure_code", Text),
    Column("failure_message", Text),
    Column("deadline", _TIME),
    Column("review_deadline", _TIME),
    Column("ended_at", _TIME),
    Column("updated_at", _TIME, nullable=False),
)
Index("orders_created_at_idx", orders.c.created_at, orders.c.id)
Index("orders_updated_at_idx", orders.c.updated_at, orders.c.id)
Index("orders_total_idx", orders.c.total, orders.c.id)
Index("orders_state_idx", orders.c.state, orders.c.created_at, orders.c.id)
Index("orders_customer_idx", orders.c.customer_id, orders.c.created_at, orders.c.id)
Index("orders_priority_idx", orders.c.priority, orders.c.created_at, orders.c.id)
Index(
    "orders_customer_name_idx",
    orders.c.folded_customer_name,
    postgresql_using="gin",
    postgresql_ops={"folded_customer_name": "gin_trgm_ops"},
)

payments = Table(
    "payments",
    metadata,
    Column("id", Text, primary_key=True),
    Column(
        "order_id", Text, ForeignKey("orders.id", name="payments_order_id_fkey"), nullable=False
    ),
    Column("status", Text, nullable=False),
    Column("amount_minor", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME, nullable=False),
    UniqueConstraint("order_id", name="payments_order_id_key"),
)

# A command's event is found by the primary key's first column: an order has few events, and an
# index over the command's id could refuse an id that somebody sent by hand for its length.
events = Table(
    "events",
    metadata,
    Column(
        "order_id", Text, ForeignKey("orders.id", name="events_order_id_fkey"), primary_key=True
    ),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False, comment="type, with command id or attempt"),
    Column("type", Text, nullable=False),
    Column("from_state", Text),
    Column("state", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("command_id", Text),
    Column("attempt", Integer),
    Column("payload", JSONB, nullable=False),
    Column("at", _TIME, nullable=False),
    Column("xid", TransactionId, nullable=False, server_default=func.pg_current_xact_id()),
    CheckConstraint("sequence >= 1", name="events_sequence_check"),
)
Index("events_xid_idx", events.c.xid)

gateway_charges = Table(
    "gateway_charges",
    metadata,
    Column("payment_id", Text, primary_key=True),
    Column("order_id", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("created_at", _TIME, nullable=False, server_default=func.now()),
    Column("updated_at", _TIME, nullable=False, server_default=func.now()),
)

carrier_parcels = Table(
    "carrier_parcels",
    metadata,
    Column("order_id", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    # Null where the attempt was recalled before anything was heard of it.
    Column("items", JSONB(none_as_null=True)),
    Column("address", JSONB(none_as_null=True)),
    Column("created_at", _TIME, nullable=False, server_default=func.now()),
    Column("updated_at", _TIME, nullable=False, server_default=func.now()),
)

"""The tables, as SQLAlchemy Core. ``migrations/`` creates them; a test compares the two.

Text columns have no length limit and numbers no bounds on purpose. An order started without the
API's checks must still be recorded, so that it can end as INVALID.

A column of ``orders`` has the name of a field of ``Order`` or ``OrderSnapshot``; the statements and
the row mapping derive their column lists from that. A column with another value, for example a
part of the request, also needs a line in ``rows.py``. CONTRIBUTING.md has the steps.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import UserDefinedType


class TransactionId(UserDefinedType[str]):
    """The Postgres type xid8, a 64-bit transaction ID that does not wrap around."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:  # ruff: ignore[no-self-use]  # SQLAlchemy calls it on the instance
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
    # One column per searched field, so that an update of one field need not read the other.
    Column("folded_name", Text, nullable=False, comment="for case-insensitive search"),
    Column("folded_email", Text, nullable=False, comment="for case-insensitive search"),
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

schema_compatibility = Table(
    "schema_compatibility", metadata, Column("compatible_from", Text, nullable=False)
)
"""One row. See ``persistence.migrations.compatibility``."""

PLACED_COLUMNS: tuple[Column[Any], ...] = (
    Column("requested_customer_id", Text, nullable=False),
    Column("customer_name", Text, nullable=False),
    Column("folded_customer_name", Text, nullable=False, comment="for case-insensitive search"),
    Column("payment_id", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Numeric, nullable=False, comment="in major units, to sort and filter by"),
    Column("total_minor", Numeric, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("policy", JSONB, nullable=False),
    Column("created_at", _TIME, nullable=False, comment="when the order was placed"),
)
"""Columns of an order that are written with its first event and never change."""

SNAPSHOT_COLUMNS: tuple[Column[Any], ...] = (
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
"""Columns of an order that every batch of events replaces: the order after event ``sequence``."""

orders = Table(
    "orders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run_id", Text, nullable=False),
    # Null if the customer did not exist when the order was first recorded.
    Column("customer_id", Text, ForeignKey("customers.id", name="orders_customer_id_fkey")),
    *PLACED_COLUMNS,
    *SNAPSHOT_COLUMNS,
)
Index("orders_created_at_idx", orders.c.created_at, orders.c.id)
Index("orders_updated_at_idx", orders.c.updated_at, orders.c.id)
Index("orders_total_idx", orders.c.currency, orders.c.total, orders.c.id)
Index("orders_state_idx", orders.c.state, orders.c.created_at, orders.c.id)
Index("orders_customer_idx", orders.c.customer_id, orders.c.created_at, orders.c.id)
Index("orders_priority_idx", orders.c.priority, orders.c.created_at, orders.c.id)
Index(
    "orders_customer_name_idx",
    orders.c.folded_customer_name,
    postgresql_using="gin",
    postgresql_ops={"folded_customer_name": "gin_trgm_ops"},
)

ORDERED_SKUS = func.jsonb_path_query_array(
    orders.c.request, literal_column("'$.items[*].sku'::jsonpath"), type_=JSONB
)
"""The SKUs of an order as a JSON array. The literal makes the expression equal to the index's."""
Index("orders_sku_idx", ORDERED_SKUS, postgresql_using="gin")
Index(
    "orders_failure_idx",
    orders.c.failure_code,
    orders.c.created_at,
    orders.c.id,
    postgresql_where=orders.c.failure_code.is_not(None),
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

# command_id has no index. A command's event is found among the few events of its order, and an
# index would reject an overlong command ID that was sent with Temporal's own tools.
events = Table(
    "events",
    metadata,
    Column(
        "order_id", Text, ForeignKey("orders.id", name="events_order_id_fkey"), primary_key=True
    ),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False, comment="type, with command ID or attempt"),
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
# Events of the same time are sorted in memory, so the primary key is not part of these.
Index("events_at_idx", events.c.at)
Index("events_type_idx", events.c.type, events.c.at)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 of the key"),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", _TIME, nullable=False, server_default=func.now()),
    Column("expires_at", _TIME),
    Column("last_used_at", _TIME),
    Column("revoked_at", _TIME),
    UniqueConstraint("hash", name="api_keys_hash_key"),
)

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
    # Null if the recall arrived before the parcel.
    Column("items", JSONB(none_as_null=True)),
    Column("address", JSONB(none_as_null=True)),
    Column("created_at", _TIME, nullable=False, server_default=func.now()),
    Column("updated_at", _TIME, nullable=False, server_default=func.now()),
)

"""Create the tables: customers, orders, payments, events, and those of the simulation.

There is no downgrade, because it would delete the record.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from persistence.tables import TransactionId

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)

_REFUSAL = """
CREATE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$
"""
# A trigger per statement, not per row, so that a statement that matches no row is rejected too.
_APPEND_ONLY = """
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events()
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    _create_customers()
    _create_orders()
    _create_payments()
    _create_events()
    _create_simulation_books()


def _create_customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.Column("created_at", _TIME, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", _TIME, nullable=False, server_default=sa.func.now()),
    )
    op.create_index("customers_email_key", "customers", [sa.text("lower(email)")], unique=True)


def _create_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column(
            "customer_id", sa.Text, sa.ForeignKey("customers.id", name="orders_customer_id_fkey")
        ),
        sa.Column("requested_customer_id", sa.Text, nullable=False),
        sa.Column("customer_name", sa.Text, nullable=False),
        sa.Column(
            "folded_customer_name",
            sa.Text,
            nullable=False,
            comment="to search, letter case aside",
        ),
        sa.Column("payment_id", sa.Text, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column(
            "total", sa.Numeric, nullable=False, comment="in major units, to sort and filter by"
        ),
        sa.Column("total_minor", sa.Numeric, nullable=False),
        sa.Column("request", JSONB, nullable=False),
        sa.Column("policy", JSONB, nullable=False),
        sa.Column("created_at", _TIME, nullable=False, comment="when the order was placed"),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("shipping_address", JSONB, nullable=False),
        sa.Column("payment_status", sa.Text, nullable=False),
        sa.Column("undoing", sa.Boolean, nullable=False),
        sa.Column("failure_code", sa.Text),
        sa.Column("failure_message", sa.Text),
        sa.Column("deadline", _TIME),
        sa.Column("review_deadline", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("updated_at", _TIME, nullable=False),
    )
    for name, *columns in (
        ("orders_created_at_idx", "created_at", "id"),
        ("orders_updated_at_idx", "updated_at", "id"),
        ("orders_total_idx", "total", "id"),
        ("orders_state_idx", "state", "created_at", "id"),
        ("orders_customer_idx", "customer_id", "created_at", "id"),
        ("orders_priority_idx", "priority", "created_at", "id"),
    ):
        op.create_index(name, "orders", columns)
    op.create_index(
        "orders_customer_name_idx",
        "orders",
        ["folded_customer_name"],
        postgresql_using="gin",
        postgresql_ops={"folded_customer_name": "gin_trgm_ops"},
    )


def _create_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column(
            "order_id",
            sa.Text,
            sa.ForeignKey("orders.id", name="payments_order_id_fkey"),
            nullable=False,
        ),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("amount_minor", sa.Numeric, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.UniqueConstraint("order_id", name="payments_order_id_key"),
    )


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column(
            "order_id",
            sa.Text,
            sa.ForeignKey("orders.id", name="events_order_id_fkey"),
            primary_key=True,
        ),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Text, nullable=False, comment="type, with command id or attempt"),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("from_state", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("command_id", sa.Text),
        sa.Column("attempt", sa.Integer),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column(
            "xid", TransactionId, nullable=False, server_default=sa.func.pg_current_xact_id()
        ),
        sa.CheckConstraint("sequence >= 1", name="events_sequence_check"),
    )
    op.create_index("events_xid_idx", "events", ["xid"])
    op.execute(_REFUSAL)
    op.execute(_APPEND_ONLY)


def _create_simulation_books() -> None:
    op.create_table(
        "gateway_charges",
        sa.Column("payment_id", sa.Text, primary_key=True),
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("created_at", _TIME, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", _TIME, nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "carrier_parcels",
        sa.Column("order_id", sa.Text, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("items", JSONB),
        sa.Column("address", JSONB),
        sa.Column("created_at", _TIME, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", _TIME, nullable=False, server_default=sa.func.now()),
    )

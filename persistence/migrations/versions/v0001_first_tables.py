"""Create the tables: customers, orders, payments, events, and those of the simulation.

There is no downgrade, because it would delete the record.
"""

from __future__ import annotations

from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from persistence.tables import TransactionId

revision = "0001"
down_revision = None
compatible_from = "0001"

_TIME = sa.DateTime(timezone=True)
_FOLDED = ("folded_name", "folded_email")

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


_TABLE_ID = "('events'::regclass)::oid"
_SYSTEM_ID = "(SELECT system_identifier FROM pg_control_system())"
_TIMELINE = """
CASE WHEN pg_is_in_recovery()
    THEN (SELECT min_recovery_end_timeline FROM pg_control_recovery())
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
END
"""
# SQLSTATE: feature not supported, insufficient privilege, undefined function.
_REFUSED = {"0A000", "42501", "42883"}
# From the most to the least that a server offers. Some managed services refuse these functions.
_EPOCHS = (
    f"concat_ws('.', {_SYSTEM_ID}, {_TABLE_ID}, {_TIMELINE})",
    f"concat_ws('.', {_SYSTEM_ID}, {_TABLE_ID})",
    f"concat_ws('.', '{uuid4()}', {_TABLE_ID})",
)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    _create_compatibility()
    _create_customers()
    _create_orders()
    _create_payments()
    _create_events()
    _create_feed_epoch()
    _create_simulation_books()


def _create_compatibility() -> None:
    op.create_table("schema_compatibility", sa.Column("compatible_from", sa.Text, nullable=False))


def _create_customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.Column("created_at", _TIME, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", _TIME, nullable=False, server_default=sa.func.now()),
        *(
            sa.Column(name, sa.Text, nullable=False, comment="for case-insensitive search")
            for name in _FOLDED
        ),
    )
    op.create_index("customers_email_key", "customers", [sa.text("lower(email)")], unique=True)
    op.create_index("customers_created_at_idx", "customers", ["created_at", "id"])
    op.create_index(
        "customers_search_idx",
        "customers",
        list(_FOLDED),
        postgresql_using="gin",
        postgresql_ops=dict.fromkeys(_FOLDED, "gin_trgm_ops"),
    )


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
            comment="for case-insensitive search",
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
        ("orders_total_idx", "currency", "total", "id"),
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
    op.create_index(
        "orders_sku_idx",
        "orders",
        [sa.text("jsonb_path_query_array(request, '$.items[*].sku'::jsonpath)")],
        postgresql_using="gin",
    )
    op.create_index(
        "orders_failure_idx",
        "orders",
        ["failure_code", "created_at", "id"],
        postgresql_where=sa.text("failure_code IS NOT NULL"),
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
        sa.Column("key", sa.Text, nullable=False, comment="type, with command ID or attempt"),
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


def _create_feed_epoch() -> None:
    """Create the function that identifies the history of transactions that the feed follows.

    Its value differs after a promotion or a recovery to a point in time (another timeline), after a
    restore from a dump (another table) and on another server.
    """
    connection = op.get_bind()
    for epoch in _EPOCHS:
        try:
            with connection.begin_nested():
                connection.execute(sa.text(f"SELECT {epoch}"))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _REFUSED:
                raise
        else:
            # SECURITY DEFINER, so that only the owner of the tables needs the privileges. The body
            # is bound to its objects now, so the caller's search_path has no influence.
            op.execute(
                "CREATE FUNCTION feed_epoch() RETURNS text"
                f" LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER RETURN {epoch}"
            )
            return


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

"""Add case-insensitive search for any part of a customer's name or email, sorted by creation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_FOLDED = ("folded_name", "folded_email")


def upgrade() -> None:
    for name in _FOLDED:
        op.add_column("customers", sa.Column(name, sa.Text, comment="to search, letter case aside"))
    _fold()
    for name in _FOLDED:
        op.alter_column("customers", name, nullable=False)
    op.create_index("customers_created_at_idx", "customers", ["created_at", "id"])
    op.create_index(
        "customers_search_idx",
        "customers",
        list(_FOLDED),
        postgresql_using="gin",
        postgresql_ops=dict.fromkeys(_FOLDED, "gin_trgm_ops"),
    )


def _fold() -> None:
    """Fold in Python, as for new customers. The result of SQL's lower() depends on the locale."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, name, email FROM customers")).all()
    folded = [
        {"id": row.id, "name": row.name.casefold(), "email": row.email.casefold()} for row in rows
    ]
    if folded:
        connection.execute(
            sa.text(
                "UPDATE customers SET folded_name = :name, folded_email = :email WHERE id = :id"
            ),
            folded,
        )

"""An order's payment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

import strawberry

from gql.types.enums import PaymentStatus
from gql.types.values import Money

if TYPE_CHECKING:
    from gql.merged_order import MergedOrder
    from persistence.reads import StoredPayment


@strawberry.type(description="The one charge of an order.")
class Payment:
    """By its row; by the workflow where that is ahead."""

    id: strawberry.ID = strawberry.field(description="The charge's idempotency key.")
    status: PaymentStatus = strawberry.field(description="What the gateway last said of it.")
    amount: Money = strawberry.field(description="What is charged: the order's total.")
    created_at: datetime = strawberry.field(description="When it was first on record.")
    updated_at: datetime = strawberry.field(description="When its status last changed.")

    @classmethod
    def of(cls, stored: StoredPayment, merged: MergedOrder) -> Self:
        """Show a payment's row, with the status that the workflow knows where it is ahead."""
        snapshot = merged.snapshot
        newer = merged.workflow_is_ahead and snapshot.payment_status is not stored.status
        return cls(
            id=strawberry.ID(stored.id),
            status=snapshot.payment_status if newer else stored.status,
            amount=Money.of(stored.amount),
            created_at=stored.created_at,
            updated_at=snapshot.updated_at if newer else stored.updated_at,
        )

    @classmethod
    def of_workflow(cls, merged: MergedOrder) -> Self:
        """Show the payment of an order that has no row yet, or whose row is out of reach."""
        return cls(
            id=strawberry.ID(merged.order.payment_id),
            status=merged.snapshot.payment_status,
            amount=Money.of(merged.order.request.total),
            created_at=merged.created_at,
            updated_at=merged.snapshot.updated_at,
        )

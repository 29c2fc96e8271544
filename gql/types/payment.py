"""The payment of an order."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

import strawberry

from gql.types.enums import PaymentStatus
from gql.types.values import Money

if TYPE_CHECKING:
    from gql.reading.merged_order import MergedOrder
    from persistence.reads import StoredPayment


@strawberry.type(description="The payment of an order. It is charged at most once.")
class Payment:
    id: strawberry.ID = strawberry.field(description="Idempotency key of the charge.")
    status: PaymentStatus = strawberry.field(
        description="Last status that the payment gateway reported."
    )
    amount: Money = strawberry.field(description="Amount to charge: the order's total.")
    created_at: datetime = strawberry.field(description="When the payment was recorded.")
    updated_at: datetime = strawberry.field(description="When the status last changed.")

    @classmethod
    def of(cls, stored: StoredPayment, merged: MergedOrder) -> Self:
        """Return the recorded payment, with the workflow's status if that is newer."""
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
        """Return the payment of an order whose row is missing or unavailable."""
        return cls(
            id=strawberry.ID(merged.order.payment_id),
            status=merged.snapshot.payment_status,
            amount=Money.of(merged.order.request.total),
            created_at=merged.created_at,
            updated_at=merged.snapshot.updated_at,
        )

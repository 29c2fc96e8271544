"""Shipping attempts of an order."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

import strawberry

if TYPE_CHECKING:
    from gql.reading.shipments import ShippingAttempt


@strawberry.type(
    description="An attempt to ship an order. An attempt that was neither dispatched nor failed is"
    " in progress, or was recalled because the order was stopped."
)
class Shipment:
    id: strawberry.ID = strawberry.field(description="`<order ID>/<attempt>`.")
    attempt: int = strawberry.field(description="Number of the attempt, starting at 1.")
    package_id: strawberry.ID | None = strawberry.field(
        description="ID of the package. Null if it was not prepared."
    )
    tracking_number: str | None = strawberry.field(
        description="The carrier's tracking number. Null if the carrier does not have the package."
    )
    started_at: datetime = strawberry.field(description="When the attempt started.")
    package_prepared_at: datetime | None = strawberry.field(
        description="When the package was ready."
    )
    dispatched_at: datetime | None = strawberry.field(
        description="When the order recorded that the carrier took the package."
    )
    failed_at: datetime | None = strawberry.field(
        description="When the attempt failed. It can still be dispatched, if only the carrier's"
        " answer was lost."
    )
    failure_reason: str | None = strawberry.field(description="Why the attempt failed, for people.")
    recall_refused_at: datetime | None = strawberry.field(
        description="When the carrier refused to recall the package of a stopped order, and so"
        " delivers it."
    )

    @classmethod
    def of(cls, order_id: str, attempt: ShippingAttempt) -> Self:
        package_id = attempt.package_id
        return cls(
            id=strawberry.ID(f"{order_id}/{attempt.number}"),
            attempt=attempt.number,
            package_id=None if package_id is None else strawberry.ID(package_id),
            tracking_number=attempt.tracking_number,
            started_at=attempt.started_at,
            package_prepared_at=attempt.package_prepared_at,
            dispatched_at=attempt.dispatched_at,
            failed_at=attempt.failed_at,
            failure_reason=attempt.failure_reason,
            recall_refused_at=attempt.recall_refused_at,
        )

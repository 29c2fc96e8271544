"""The facts of an order's events, as types. They are read from an event's payload."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias

import strawberry

from gql.types.enums import EventType, FailureCode, PaymentStatus, ReviewMode
from gql.types.values import Address, Money
from orchestration.domain.order import PAYMENT_STATUS_AFTER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orchestration.domain.order import OrderEvent

# A plain class per member, without an interface: the fast path completes only such unions.


@strawberry.type(description="What was ordered: detail of ORDER_RECEIVED.")
class ReceiptDetail:
    total: Money = strawberry.field(description="Sum of the lines.")

    @classmethod
    def of(cls, event: OrderEvent) -> Self:
        return cls(total=_money(event.payload))


@strawberry.type(description="The review: detail of REVIEW_STARTED.")
class ReviewDetail:
    mode: ReviewMode = strawberry.field(description="Who decides.")
    deadline: datetime | None = strawberry.field(
        description="When the review ends. Null if it has no limit."
    )

    @classmethod
    def of(cls, event: OrderEvent) -> Self:
        deadline = event.payload["reviewDeadline"]
        return cls(
            mode=ReviewMode(event.payload["reviewMode"]),
            deadline=None if deadline is None else datetime.fromisoformat(deadline),
        )


@strawberry.type(description="The approval: detail of ORDER_APPROVED.")
class ApprovalDetail:
    automatic: bool = strawberry.field(
        description="Whether the policy approved the order, rather than `approveOrder`."
    )
    mode: ReviewMode = strawberry.field(description="Who decides, according to the policy.")
    note: str | None = strawberry.field(description="Note of `approveOrder`, if any.")

    @classmethod
    def of(cls, event: OrderEvent) -> Self:
        return cls(
            automatic=event.command_id is None,
            mode=ReviewMode(event.payload["reviewMode"]),
            note=event.payload.get("note"),
        )


@strawberry.type(
    description="The change of the shipping address: detail of ADDRESS_UPDATED. The order is"
    " shipped to the new address."
)
class AddressChangeDetail:
    old_address: Address = strawberry.field(description="Address before the change.")
    new_address: Address = strawberry.field(description="Address after the change.")

    @classmethod
    def of(cls, event: OrderEvent) -> Self:
        return cls(
            old_address=_address(event.payload["old"]), new_address=_address(event.payload["new"])
        )


@strawberry.type(
    description="The payment: detail of PAYMENT_CHARGED, PAYMENT_DECLINED, PAYMENT_VOIDED and"
    " PAYMENT_REFUNDED."
)
class PaymentDetail:
    payment_id: strawberry.ID = strawberry.field(description="Idempotency key of the charge.")
    status: PaymentStatus = strawberry.field(
        description="Status that the payment gateway reported."
    )
    previous_status: PaymentStatus | None = strawberry.field(
        description="Status before this event. Null if an earlier version recorded the event."
    )
    amount: Money = strawberry.field(
        description="Amount that was charged, declined, voided or refunded, depending on `status`."
    )
    reason: str | None = strawberry.field(
        description="Why the gateway declined the charge, for people. Null if it gave no reason."
    )
    recorded_status: PaymentStatus | None = strawberry.field(
        description="CHARGED if the gateway denies a charge that is on record. Otherwise null."
    )

    @classmethod
    def of(cls, event: OrderEvent) -> Self:
        payload = event.payload
        return cls(
            payment_id=strawberry.ID(payload["paymentId"]),
            status=PAYMENT_STATUS_AFTER[event.type],
            amount=_money(payload),
            reason=payload.get("reason"),
            previous_status=_status(payload, "previousStatus"),
            recorded_status=_status(payload, "recordedStatus"),
        )


@strawberry.type(
    description="A shipping attempt: detail of SHIPPING_STARTED, PACKAGE_PREPARED,"
    " CARRIER_DISPATCHED, SHIPPING_ATTEMPT_FAILED, RECALL_REFUSED and ORDER_SHIPPED."
)
class ShipmentDetail:
    attempt: int = strawberry.field(description="Number of the attempt, starting at 1.")
    package_id: strawberry.ID | None = strawberry.field(
        description="ID of the package. Null if it is not known at this event."
    )
    tracking_number: str | None = strawberry.field(
        description="The carrier's tracking number. Null before CARRIER_DISPATCHED."
    )
    reason: str | None = strawberry.field(
        description="Why the attempt failed, for people. Null on other events."
    )

    @classmethod
    def of(cls, event: OrderEvent) -> Self:
        payload = event.payload
        package_id = payload.get("packageId")
        return cls(
            attempt=payload["attempt"],
            package_id=None if package_id is None else strawberry.ID(package_id),
            tracking_number=payload.get("trackingNumber"),
            reason=payload.get("reason"),
        )


@strawberry.type(description="The delivery: detail of DELIVERY_CONFIRMED.")
class DeliveryDetail:
    tracking_number: str | None = strawberry.field(
        description="The carrier's tracking number of the delivered package, if known."
    )

    @classmethod
    def of(cls, event: OrderEvent) -> Self:
        return cls(tracking_number=event.payload.get("trackingNumber"))


@strawberry.type(
    description="Why an order was stopped or did not complete: detail of UNDO_STARTED,"
    " ORDER_CANCELLED, APPROVAL_TIMED_OUT and ORDER_FAILED."
)
class FailureDetail:
    code: FailureCode = strawberry.field(description="Reason, for programs.")
    message: str = strawberry.field(description="Reason, for people.")

    @classmethod
    def of(cls, event: OrderEvent) -> Self:
        return cls(code=FailureCode(event.payload["code"]), message=event.payload["message"])


OrderEventDetail: TypeAlias = Annotated[
    ReceiptDetail
    | ReviewDetail
    | ApprovalDetail
    | AddressChangeDetail
    | PaymentDetail
    | ShipmentDetail
    | DeliveryDetail
    | FailureDetail,
    strawberry.union(
        "OrderEventDetail",
        description="The facts of an event. Clients must expect members that a later version adds.",
    ),
]


def detail_of(event: OrderEvent) -> OrderEventDetail | None:
    """Return the event's detail, or None if its type has none or its payload lacks the facts.

    A repair writes events without the facts of earlier ones, such as a tracking number.
    """
    read = DETAILS.get(event.type)
    if read is None:
        return None
    try:
        return read(event)
    except KeyError:
        return None


def _money(payload: Mapping[str, Any]) -> Money:
    return Money(amount=Decimal(payload["amount"]), currency=payload["currency"])


def _status(payload: Mapping[str, Any], name: str) -> PaymentStatus | None:
    status = payload.get(name)
    return None if status is None else PaymentStatus(status)


def _address(payload: Mapping[str, Any]) -> Address:
    return Address(
        street=payload["street"],
        city=payload["city"],
        region=payload["region"],
        postal_code=payload["postalCode"],
        country=payload["country"],
    )


DETAILS: Mapping[EventType, Callable[[OrderEvent], OrderEventDetail]] = MappingProxyType({
    EventType.ORDER_RECEIVED: ReceiptDetail.of,
    EventType.REVIEW_STARTED: ReviewDetail.of,
    EventType.ORDER_APPROVED: ApprovalDetail.of,
    EventType.ADDRESS_UPDATED: AddressChangeDetail.of,
    **dict.fromkeys(PAYMENT_STATUS_AFTER, PaymentDetail.of),
    EventType.SHIPPING_STARTED: ShipmentDetail.of,
    EventType.PACKAGE_PREPARED: ShipmentDetail.of,
    EventType.CARRIER_DISPATCHED: ShipmentDetail.of,
    EventType.SHIPPING_ATTEMPT_FAILED: ShipmentDetail.of,
    EventType.RECALL_REFUSED: ShipmentDetail.of,
    EventType.ORDER_SHIPPED: ShipmentDetail.of,
    EventType.DELIVERY_CONFIRMED: DeliveryDetail.of,
    EventType.UNDO_STARTED: FailureDetail.of,
    EventType.ORDER_CANCELLED: FailureDetail.of,
    EventType.APPROVAL_TIMED_OUT: FailureDetail.of,
    EventType.ORDER_FAILED: FailureDetail.of,
})

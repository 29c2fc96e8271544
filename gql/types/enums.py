"""Descriptions of the domain's enums for the schema. The domain does not import Strawberry."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, cast

import strawberry

from orchestration.client import WorkflowStatus
from orchestration.domain.commands import CommandName, RefusalReason
from orchestration.domain.order import ActorKind, FailureCode, PaymentStatus, Priority, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.domain.validation import ProblemCode
from persistence.reads import SortField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strawberry.types.enum import StrawberryEnumDefinition

__all__ = [
    "ActorKind",
    "CommandName",
    "EventType",
    "FailureCode",
    "OrderState",
    "PaymentStatus",
    "Priority",
    "ProblemCode",
    "RefusalReason",
    "ReviewMode",
    "SortDirection",
    "SortField",
    "UserErrorCode",
    "WorkflowStatus",
]


class SortDirection(StrEnum):
    ASC = "ASC"
    DESC = "DESC"


class UserErrorCode(StrEnum):
    INVALID_INPUT = "INVALID_INPUT"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    ORDER_CONFLICT = "ORDER_CONFLICT"
    PAYMENT_CONFLICT = "PAYMENT_CONFLICT"
    COMMAND_REFUSED = "COMMAND_REFUSED"
    COMMAND_CONFLICT = "COMMAND_CONFLICT"
    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    CUSTOMER_CONFLICT = "CUSTOMER_CONFLICT"
    CUSTOMER_HAS_ORDERS = "CUSTOMER_HAS_ORDERS"
    EMAIL_TAKEN = "EMAIL_TAKEN"


def _describe(
    enum: type[Enum], description: str, values: Mapping[str, str], name: str | None = None
) -> None:
    strawberry.enum(enum, name=name, description=description)
    definition = cast("StrawberryEnumDefinition", vars(enum)["__strawberry_definition__"])
    for value in definition.values:
        if value.name not in values:
            raise LookupError(
                f"Describe {enum.__name__}.{value.name} in gql/types/enums.py, as clients see it."
            )
        value.description = values[value.name]


_describe(
    OrderState,
    "State of an order. COMPLETED, CANCELLED, APPROVAL_TIMEOUT and FAILED are final.",
    {
        "PLACED": "Stored in Temporal; its row is not written yet.",
        "RECEIVED": "Recorded; its content is being validated.",
        "VALIDATED": "Validated; the review comes next.",
        "AWAITING_APPROVAL": "In review until a person decides or the review's time ends.",
        "APPROVED": "Approved; the charge has begun.",
        "PAID": "The payment is charged.",
        "SHIPPING": "The shipping child workflow is running.",
        "PACKAGE_PREPARED": "Packed and waiting for the carrier.",
        "CARRIER_DISPATCHED": "The carrier has the package. The order cannot be undone anymore.",
        "SHIPPED": "On its way to the customer.",
        "DELIVERED": "Delivered to the customer.",
        "COMPLETED": "The order ended successfully.",
        "CANCELLED": "The order was cancelled or rejected, and undone.",
        "APPROVAL_TIMEOUT": "The order ended because no decision was made in time.",
        "FAILED": "The order could not be completed, and was undone.",
    },
)
_describe(
    Priority,
    "Priority of an order. Used for filtering only.",
    {
        "NORMAL": "The default.",
        "HIGH": "More urgent than NORMAL.",
        "URGENT": "More urgent than HIGH.",
    },
)
_describe(
    ActorKind,
    "How the sender of a command was authenticated.",
    {
        "USER": "By an access token, as a person or a service.",
        "API_KEY": "By an API key.",
        "DEVELOPER": "Not at all: access control is off, in development.",
    },
)
_describe(
    PaymentStatus,
    "Last status that the payment gateway reported.",
    {
        "PENDING": "Not charged yet.",
        "CHARGED": "Charged, once.",
        "DECLINED": "Declined. The decline is final.",
        "VOIDED": "Stopped before it was charged.",
        "REFUNDED": "Charged, then refunded.",
    },
)
_describe(
    CommandName,
    "A command to a running order.",
    {
        "APPROVE": "Approve the order in review: `approveOrder`.",
        "REJECT": "Reject the order in review: `rejectOrder`.",
        "CANCEL": "Cancel the order before its charge: `cancelOrder`.",
        "UPDATE_ADDRESS": "Change the shipping address before shipping starts: `updateAddress`.",
        "CANCEL_PAYMENT": "Void or refund the payment and cancel the order: `cancelPayment`.",
        "CONFIRM_DELIVERY": "Confirm that the order was delivered: `confirmDelivery`.",
    },
    name="OrderCommand",
)
_describe(
    RefusalReason,
    "Why an order refused a command.",
    {
        "ORDER_ENDED": "The order has ended.",
        "BEING_UNDONE": "The order was stopped, and its completed steps are being undone.",
        "WRONG_STATE": "The order does not accept the command in its state.",
        "REVIEW_NOT_MANUAL": "The order needs no decision: its review mode is not MANUAL.",
        "DELIVERY_NOT_AWAITED": "The order's policy does not wait for `confirmDelivery`.",
        "ALREADY_APPROVED": "The order is already approved and waits for its review.",
        "ADDRESS_CHANGE_LIMIT": "The address was already changed as often as is allowed.",
        "COMMAND_LIMIT": "The order has received too many commands and cannot apply this one now.",
        "INVALID_CONTENT": "The content of the command breaks a rule. Only for commands that were"
        " sent with Temporal's tools; the API answers `InvalidInput`.",
        "WORKFLOW_CLOSED": "The order's workflow was closed or deleted in Temporal.",
    },
    name="CommandRefusalReason",
)
_describe(
    UserErrorCode,
    "The kind of failure. Each value belongs to one type.",
    {
        "INVALID_INPUT": "`InvalidInput`.",
        "ORDER_NOT_FOUND": "`OrderNotFound`.",
        "ORDER_CONFLICT": "`OrderConflict`.",
        "PAYMENT_CONFLICT": "`PaymentConflict`.",
        "COMMAND_REFUSED": "`CommandRefused`. Its `reason` says why.",
        "COMMAND_CONFLICT": "`CommandConflict`.",
        "CUSTOMER_NOT_FOUND": "`CustomerNotFound`.",
        "CUSTOMER_CONFLICT": "`CustomerConflict`.",
        "CUSTOMER_HAS_ORDERS": "`CustomerHasOrders`.",
        "EMAIL_TAKEN": "`EmailTaken`.",
    },
)
_describe(
    WorkflowStatus,
    "Status of a workflow execution in Temporal.",
    {
        "UNKNOWN": "A status that this schema has no name for.",
        "PAUSED": "Paused in Temporal.",
        "RUNNING": "Open.",
        "COMPLETED": "The order completed, or was cancelled by a command.",
        "FAILED": "The order failed or was not approved in time. If the order has not ended, its"
        " workflow has a bug or was refused by the record; the order is undone later.",
        "CANCELED": "Cancelled in Temporal, and undone.",
        "TERMINATED": "Terminated in Temporal. Nothing was undone.",
        "TIMED_OUT": "Ended by Temporal's own timeout. Nothing was undone.",
        "CONTINUED_AS_NEW": "Continued in another run.",
    },
)
_describe(
    ReviewMode,
    "Who decides between validation and charge.",
    {
        "MANUAL": "Wait for `approveOrder` or `rejectOrder`. Without a decision in time the order"
        " ends in APPROVAL_TIMEOUT.",
        "TIMER": "Wait a fixed time, in which the order can be cancelled or its address changed."
        " Then continue.",
        "NONE": "No review: charge as soon as the order is validated.",
    },
)
_describe(
    FailureCode,
    "Why an order did not complete.",
    {
        "INVALID": "The content, the customer or the payment ID is not acceptable.",
        "CANCELLED": "Cancelled by `cancelOrder` or in Temporal.",
        "REJECTED": "Rejected in review by `rejectOrder`.",
        "APPROVAL_TIMEOUT": "Not approved in time.",
        "PAYMENT_DECLINED": "The payment gateway declined the charge.",
        "PAYMENT_CANCELLED": "Cancelled by `cancelPayment`.",
        "SHIPPING_FAILED": "Every shipping attempt failed.",
        "DEADLINE_PASSED": "The carrier did not have the package by the deadline.",
        "TERMINATED": "The workflow was terminated in Temporal.",
        "OTHER": "Another reason, given in the message.",
    },
    name="OrderFailureCode",
)
_describe(
    EventType,
    "What happened to an order.",
    {
        "ORDER_RECEIVED": "The order was recorded.",
        "ORDER_VALIDATED": "The order was found to be valid.",
        "REVIEW_STARTED": "The review started.",
        "ORDER_APPROVED": "The order was approved by a person or by its policy.",
        "ADDRESS_UPDATED": "The shipping address changed.",
        "PAYMENT_CHARGED": "The payment was charged.",
        "PAYMENT_DECLINED": "The payment was declined.",
        "PAYMENT_VOIDED": "The payment gateway voided the payment, so it was not charged.",
        "PAYMENT_REFUNDED": "The payment was refunded.",
        "SHIPPING_STARTED": "A shipping attempt started.",
        "PACKAGE_PREPARED": "The package of this attempt is ready.",
        "CARRIER_DISPATCHED": "The carrier took the package.",
        "SHIPPING_ATTEMPT_FAILED": "A shipping attempt failed. Another one may follow.",
        "RECALL_REFUSED": "The order was stopped too late: the carrier delivers the package.",
        "ORDER_SHIPPED": "The order is on its way to the customer.",
        "DELIVERY_CONFIRMED": "The delivery was confirmed.",
        "UNDO_STARTED": "The order was stopped, and its completed steps are being undone.",
        "ORDER_COMPLETED": "The order ended successfully.",
        "ORDER_CANCELLED": "The order ended because it was cancelled or rejected.",
        "APPROVAL_TIMED_OUT": "The order ended because it was not approved in time.",
        "ORDER_FAILED": "The order ended because of a failure.",
        "OTHER": "An event that this schema has no name for, recorded by a later version.",
    },
    name="OrderEventType",
)
_describe(
    ProblemCode,
    "The kind of rule that a value breaks.",
    {
        "REQUIRED": "A value is required.",
        "BLANK": "The value is blank.",
        "TOO_LONG": "The value is too long.",
        "OUT_OF_RANGE": "The value is too small or too large.",
        "MALFORMED": "The value has the wrong format.",
        "UNKNOWN": "Nothing with this name exists.",
        "DUPLICATE": "The value occurs twice.",
        "OTHER": "Another rule, given in the message.",
    },
    name="FieldErrorCode",
)
_describe(
    SortField,
    "The field to sort orders by.",
    {
        "CREATED_AT": "When the order was started.",
        "UPDATED_AT": "When the last event happened. An order that changes while a client pages"
        " through the list moves: with DESC the client may miss it, with ASC it appears again. Use"
        " ASC and keep the last copy of each order, or sort by CREATED_AT.",
        "TOTAL": "The total. Requires `filter.currency`.",
    },
    name="OrderSortField",
)
_describe(
    SortDirection,
    "Sort direction.",
    {"ASC": "Earliest or smallest first.", "DESC": "Latest or largest first."},
)

"""The domain's enums as the schema shows them. The domain does not know of it."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, cast

import strawberry
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition

from orchestration.client import WorkflowStatus
from orchestration.domain.commands import CommandName
from orchestration.domain.order import FailureCode, PaymentStatus, Priority, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.domain.validation import ProblemCode
from persistence.reads import SortField

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CommandName",
    "EventType",
    "FailureCode",
    "OrderState",
    "PaymentStatus",
    "Priority",
    "ProblemCode",
    "ReviewMode",
    "SortDirection",
    "SortField",
    "WorkflowStatus",
]


class SortDirection(StrEnum):
    """Which end comes first."""

    ASC = "ASC"
    DESC = "DESC"


def _describe(
    enum: type[Enum], description: str, values: Mapping[str, str], name: str | None = None
) -> None:
    strawberry.enum(enum, name=name, description=description)
    definition = cast("StrawberryEnumDefinition", vars(enum)["__strawberry_definition__"])
    for value in definition.values:
        value.description = values[value.name]


_describe(
    OrderState,
    "Where an order stands. COMPLETED, CANCELLED, APPROVAL_TIMEOUT and FAILED are ends.",
    {
        "PLACED": "Durable in Temporal; its row is not written yet.",
        "RECEIVED": "On record; its content is being checked.",
        "VALIDATED": "Found to be in order; the review comes next.",
        "AWAITING_APPROVAL": "In review: a person or the review's time decides.",
        "APPROVED": "Approved: the charge has begun.",
        "PAID": "The payment is charged.",
        "SHIPPING": "The shipping child workflow is running.",
        "PACKAGE_PREPARED": "Packed, and waiting for the carrier.",
        "CARRIER_DISPATCHED": "The carrier has it: nothing is undone from here on.",
        "SHIPPED": "Under way to the customer.",
        "DELIVERED": "The customer has it.",
        "COMPLETED": "Done.",
        "CANCELLED": "Stopped on request, and undone.",
        "APPROVAL_TIMEOUT": "Review ended with no decision in time.",
        "FAILED": "Could not be completed, and was undone.",
    },
)
_describe(
    Priority,
    "How urgent an order is: to find it by, nothing more.",
    {"NORMAL": "As usual.", "HIGH": "Before the usual.", "URGENT": "Before everything."},
)
_describe(
    PaymentStatus,
    "What the gateway last said of a payment.",
    {
        "PENDING": "Not charged yet.",
        "CHARGED": "Charged, once.",
        "DECLINED": "Turned down for good.",
        "VOIDED": "Stopped before it was charged.",
        "REFUNDED": "Charged, and given back.",
    },
)
_describe(
    CommandName,
    "What may be asked of a running order.",
    {
        "APPROVE": "Let it go on from review to its charge: approveOrder.",
        "CANCEL": "Stop it before its charge: cancelOrder.",
        "UPDATE_ADDRESS": "Send it elsewhere, until its shipping starts: updateAddress.",
        "CANCEL_PAYMENT": "Void or refund its payment, and stop it: cancelPayment.",
        "CONFIRM_DELIVERY": "Say that the customer has it: confirmDelivery.",
    },
    name="OrderCommand",
)
_describe(
    WorkflowStatus,
    "An execution's status as Temporal knows it.",
    {
        "UNKNOWN": "Temporal reported a status that this schema has no name for.",
        "PAUSED": "Held from Temporal's side.",
        "RUNNING": "Open.",
        "COMPLETED": "Closed with an outcome: the order ended by the business.",
        "FAILED": "Closed by an error.",
        "CANCELED": "Cancelled from Temporal's side, and undone.",
        "TERMINATED": "Ended from Temporal's side with nothing undone.",
        "TIMED_OUT": "Ended by Temporal's own time limit with nothing undone.",
        "CONTINUED_AS_NEW": "Went on in another run.",
    },
)
_describe(
    ReviewMode,
    "Who decides between validation and charge.",
    {
        "MANUAL": "Wait for approveOrder; with none in time the order ends APPROVAL_TIMEOUT.",
        "TIMER": "A window for cancelling and address changes; then the order goes on by itself.",
        "NONE": "No review: charge as soon as the order is found valid.",
    },
)
_describe(
    FailureCode,
    "Why an order ended as anything but COMPLETED.",
    {
        "INVALID": "Its content, its customer or its payment id cannot be accepted.",
        "CANCELLED": "cancelOrder, or a cancellation from Temporal's side.",
        "APPROVAL_TIMEOUT": "Nobody approved it in time.",
        "PAYMENT_DECLINED": "The gateway turned the charge down.",
        "PAYMENT_CANCELLED": "cancelPayment.",
        "SHIPPING_FAILED": "Every shipping attempt failed.",
        "DEADLINE_PASSED": "It was not with the carrier by its deadline.",
        "TERMINATED": "Its workflow was ended from Temporal's side.",
        "OTHER": "The message says it.",
    },
    name="OrderFailureCode",
)
_describe(
    EventType,
    "What happened to an order.",
    {
        "ORDER_RECEIVED": "The order went on record.",
        "ORDER_VALIDATED": "Nothing was found wrong with it.",
        "REVIEW_STARTED": "Its review was opened.",
        "ORDER_APPROVED": "It was approved, by a person or by its policy.",
        "ADDRESS_UPDATED": "It goes elsewhere: the payload has old and new.",
        "PAYMENT_CHARGED": "Its payment was charged.",
        "PAYMENT_DECLINED": "Its payment was turned down.",
        "PAYMENT_VOIDED": "Its payment was stopped before the charge.",
        "PAYMENT_REFUNDED": "Its payment was given back.",
        "SHIPPING_STARTED": "A shipping attempt began.",
        "PACKAGE_PREPARED": "The attempt has a package.",
        "CARRIER_DISPATCHED": "The carrier took the package.",
        "SHIPPING_ATTEMPT_FAILED": "The attempt will not get there; another may.",
        "ORDER_SHIPPED": "It is under way.",
        "DELIVERY_CONFIRMED": "The customer has it.",
        "UNDO_STARTED": "Something stopped it, and what was done is being undone.",
        "ORDER_COMPLETED": "It ended well.",
        "ORDER_CANCELLED": "It ended on request.",
        "APPROVAL_TIMED_OUT": "It ended for want of an approval.",
        "ORDER_FAILED": "It ended because something went wrong.",
    },
    name="OrderEventType",
)
# Clients are told now that a later version may know more: no event of this version is OTHER.
vars(EventType)["__strawberry_definition__"].values.append(
    EnumValue("OTHER", "OTHER", description="An event that this schema has no name for.")
)
_describe(
    ProblemCode,
    "What kind of rule a value broke.",
    {
        "REQUIRED": "It has to be given.",
        "BLANK": "It has nothing in it.",
        "TOO_LONG": "It has too much in it.",
        "OUT_OF_RANGE": "It is too small or too large.",
        "MALFORMED": "It is not written as it has to be.",
        "UNKNOWN": "Nothing goes by that name.",
        "DUPLICATE": "It is there twice.",
        "OTHER": "The message says it.",
    },
    name="FieldErrorCode",
)
_describe(
    SortField,
    "What orders may be sorted by.",
    {
        "CREATED_AT": "When it was started.",
        "UPDATED_AT": "When its last event happened. An order that changes while you page moves:"
        " by DESC you may miss it, by ASC it comes again. Walk by ASC and keep the last of each,"
        " or page by CREATED_AT.",
        "TOTAL": "Its total in its own currency; currencies are not converted.",
    },
    name="OrderSortField",
)
_describe(
    SortDirection,
    "Which end comes first.",
    {"ASC": "The earliest, or the smallest.", "DESC": "The latest, or the largest."},
)

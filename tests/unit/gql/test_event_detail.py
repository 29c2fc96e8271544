"""Every fact of an order's events is in the event's typed detail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from gql.types.event_detail import (
    DETAILS,
    AddressChangeDetail,
    ApprovalDetail,
    DeliveryDetail,
    FailureDetail,
    PaymentDetail,
    ReceiptDetail,
    ReviewDetail,
    ShipmentDetail,
    detail_of,
)
from gql.types.values import Address, Money
from orchestration.domain.commands import ApproveOrder, ConfirmDelivery, UpdateAddress
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import (
    FailureCode,
    OrderFailure,
    PaymentStatus,
    ReviewMode,
    initial_snapshot,
)
from orchestration.domain.states import EventType
from tests.support.orders import ADDRESS, make_order

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
API_DOC = Path(__file__).parents[3] / "docs" / "api.md"
ELSEWHERE = replace(ADDRESS, street="2 Side St")


def make_lifecycle() -> OrderLifecycle:
    order = make_order(review_mode=ReviewMode.MANUAL, review_timeout=60.0, delivery_timeout=60.0)
    return OrderLifecycle(order, initial_snapshot(order, START), lambda: START)


def in_shipping() -> OrderLifecycle:
    lifecycle = make_lifecycle()
    lifecycle.received()
    lifecycle.validated()
    lifecycle.review_started()
    lifecycle.address_updated(UpdateAddress(command_id="move-1", address=ELSEWHERE))
    lifecycle.approved(ApproveOrder(command_id="approve-1", note="fine"))
    lifecycle.charged()
    lifecycle.shipping_started(1)
    return lifecycle


def test_the_details_of_a_delivered_order_have_every_fact_of_its_events() -> None:
    lifecycle = in_shipping()
    lifecycle.shipping_attempt_failed(1, "no van")
    lifecycle.shipping_started(2)
    lifecycle.package_prepared(2, "PKG-2")
    lifecycle.carrier_dispatched(2, "TRK-2")
    lifecycle.shipped()
    lifecycle.delivered(ConfirmDelivery(command_id="confirm-1"))
    lifecycle.completed()
    total = Money.of(lifecycle.order.request.total)
    payment_id = lifecycle.order.payment_id

    def shipment(attempt: int, *facts: str | None) -> ShipmentDetail:
        package_id, tracking_number, reason = facts
        return ShipmentDetail(
            attempt=attempt,
            package_id=package_id,  # type: ignore[arg-type] # an ID is a string
            tracking_number=tracking_number,
            reason=reason,
        )

    assert [detail_of(event) for event in lifecycle.events] == [
        ReceiptDetail(total=total),
        None,
        ReviewDetail(mode=ReviewMode.MANUAL, deadline=START + timedelta(seconds=60)),
        AddressChangeDetail(old_address=Address.of(ADDRESS), new_address=Address.of(ELSEWHERE)),
        ApprovalDetail(automatic=False, mode=ReviewMode.MANUAL, note="fine"),
        PaymentDetail(
            payment_id=payment_id,  # type: ignore[arg-type] # as above
            status=PaymentStatus.CHARGED,
            amount=total,
            reason=None,
            previous_status=PaymentStatus.PENDING,
            recorded_status=None,
        ),
        shipment(1, None, None, None),
        shipment(1, None, None, "no van"),
        shipment(2, None, None, None),
        shipment(2, "PKG-2", None, None),
        shipment(2, "PKG-2", "TRK-2", None),
        shipment(2, "PKG-2", "TRK-2", None),
        DeliveryDetail(tracking_number="TRK-2"),
        None,
    ]


def test_the_details_of_an_undone_order_have_the_cause_and_the_refunded_amount() -> None:
    lifecycle = in_shipping()
    failure = OrderFailure(FailureCode.PAYMENT_CANCELLED, "changed my mind")
    lifecycle.stopped(EventType.ORDER_CANCELLED, failure)
    lifecycle.payment_reversed(PaymentStatus.REFUNDED)
    lifecycle.compensated()
    cause = FailureDetail(code=failure.code, message=failure.message)
    started, refunded, ended = map(detail_of, lifecycle.events[-3:])
    assert started == ended == cause
    assert isinstance(refunded, PaymentDetail)
    assert refunded.status is PaymentStatus.REFUNDED
    assert refunded.previous_status is PaymentStatus.CHARGED
    assert refunded.amount == Money.of(lifecycle.order.request.total)
    assert refunded.amount.amount > Decimal(0)


def test_an_event_without_the_facts_of_its_detail_has_none() -> None:
    lifecycle = make_lifecycle()
    lifecycle.received()
    assert detail_of(replace(lifecycle.events[0], payload={})) is None


def test_a_payment_event_of_an_earlier_version_has_no_previous_status() -> None:
    charged = next(e for e in in_shipping().events if e.type is EventType.PAYMENT_CHARGED)
    payload = {name: value for name, value in charged.payload.items() if name != "previousStatus"}
    detail = detail_of(replace(charged, payload=payload))
    assert isinstance(detail, PaymentDetail)
    assert detail.previous_status is None


def test_every_event_that_has_facts_has_a_detail() -> None:
    assert set(EventType) - set(DETAILS) == {
        EventType.ORDER_VALIDATED,
        EventType.ORDER_COMPLETED,
        EventType.OTHER,
    }


def test_the_documentation_lists_the_detail_of_each_event() -> None:
    section = API_DOC.read_text(encoding="utf-8").partition("### Reading an event\n")[2]
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \| `(\w+)` \|", section, re.MULTILINE)
    documented = {event: detail for events, detail in rows for event in re.findall(r"\w+", events)}

    assert documented == {
        event.value: read.__qualname__.removesuffix(".of") for event, read in DETAILS.items()
    }

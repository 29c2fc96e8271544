from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from orchestration.domain.money import Money
from orchestration.domain.order import Address, LineItem, PaymentStatus
from orchestration.ports import Charge, Parcel, SettledCharge
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook
from tests.support.timelines import unique_id

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

CHARGED, DECLINED = PaymentStatus.CHARGED, PaymentStatus.DECLINED
VOIDED, REFUNDED = PaymentStatus.VOIDED, PaymentStatus.REFUNDED


@pytest.fixture
def gateway(engine: AsyncEngine) -> PostgresGatewayBook:
    return PostgresGatewayBook(engine)


@pytest.fixture
def carrier(engine: AsyncEngine) -> PostgresCarrierBook:
    return PostgresCarrierBook(engine)


def new_charge() -> Charge:
    return Charge(unique_id("pay"), unique_id("order"), Money(24990, "USD"))


def new_parcel() -> Parcel:
    return Parcel(
        unique_id("order"), 1, [LineItem("sku-1", 1, 100)], Address("1 Main St", "X", "US")
    )


async def test_the_first_outcome_of_a_payment_id_is_kept_and_returned_again(
    gateway: PostgresGatewayBook,
) -> None:
    charge = new_charge()
    declined = SettledCharge(charge, DECLINED, "no money")

    assert await gateway.settle(charge, DECLINED, "no money") == declined
    assert await gateway.settle(charge, CHARGED, None) == declined


async def test_a_different_charge_under_a_used_payment_id_returns_the_stored_charge(
    gateway: PostgresGatewayBook,
) -> None:
    charge = new_charge()
    await gateway.settle(charge, CHARGED, None)

    other = Charge(charge.payment_id, charge.order_id, Money(1, "EUR"))

    assert await gateway.settle(other, CHARGED, None) == SettledCharge(charge, CHARGED, None)


async def test_concurrent_charges_agree_on_one_outcome(gateway: PostgresGatewayBook) -> None:
    charge = new_charge()
    outcomes = [(CHARGED, None), (DECLINED, "no money")] * 10

    settled = await asyncio.gather(*(gateway.settle(charge, *outcome) for outcome in outcomes))

    assert len(set(settled)) == 1


async def test_a_refunded_charge_stays_refunded(gateway: PostgresGatewayBook) -> None:
    charge = new_charge()
    await gateway.settle(charge, CHARGED, None)

    assert await gateway.reverse(charge) is REFUNDED
    assert await gateway.reverse(charge) is REFUNDED
    assert (await gateway.settle(charge, CHARGED, None)).status is REFUNDED


async def test_a_charge_after_its_reversal_is_voided(
    gateway: PostgresGatewayBook,
) -> None:
    charge = new_charge()

    assert await gateway.reverse(charge) is VOIDED
    assert await gateway.reverse(charge) is VOIDED
    assert await gateway.settle(charge, CHARGED, None) == SettledCharge(charge, VOIDED, None)


async def test_reversing_a_declined_charge_leaves_it_declined(
    gateway: PostgresGatewayBook,
) -> None:
    charge = new_charge()
    await gateway.settle(charge, DECLINED, "no money")

    assert await gateway.reverse(charge) is DECLINED
    assert await gateway.settle(charge, CHARGED, None) == SettledCharge(
        charge, DECLINED, "no money"
    )


async def test_a_charge_concurrent_with_its_reversal_never_stays_charged(
    gateway: PostgresGatewayBook,
) -> None:
    for _ in range(10):
        charge = new_charge()
        settled, reversed_to = await asyncio.gather(
            gateway.settle(charge, CHARGED, None), gateway.reverse(charge)
        )
        assert (settled.status, reversed_to) in {(CHARGED, REFUNDED), (VOIDED, VOIDED)}


async def test_an_order_cannot_reverse_the_charge_of_another_order(
    gateway: PostgresGatewayBook,
) -> None:
    charge = new_charge()
    await gateway.settle(charge, CHARGED, None)

    assert (
        await gateway.reverse(Charge(charge.payment_id, unique_id("other"), charge.amount))
        is VOIDED
    )
    assert (await gateway.settle(charge, CHARGED, None)).status is CHARGED


async def test_preparing_and_dispatching_an_attempt_can_be_repeated(
    carrier: PostgresCarrierBook,
) -> None:
    parcel = new_parcel()

    assert await carrier.prepare(parcel)
    assert await carrier.prepare(parcel)
    assert await carrier.dispatch(parcel)
    assert await carrier.dispatch(parcel)
    assert await carrier.prepare(parcel)


async def test_a_recalled_attempt_can_no_longer_be_prepared_or_dispatched(
    carrier: PostgresCarrierBook,
) -> None:
    parcel = new_parcel()
    await carrier.prepare(parcel)

    assert await carrier.recall(parcel.order_id, parcel.attempt, even_if_dispatched=False)
    assert await carrier.recall(parcel.order_id, parcel.attempt, even_if_dispatched=False)

    assert not await carrier.prepare(parcel)
    assert not await carrier.dispatch(parcel)


async def test_an_attempt_that_was_recalled_first_can_never_be_prepared_or_dispatched(
    carrier: PostgresCarrierBook,
) -> None:
    parcel = new_parcel()
    assert await carrier.recall(parcel.order_id, parcel.attempt, even_if_dispatched=False)

    assert not await carrier.prepare(parcel)
    assert not await carrier.dispatch(parcel)
    second = Parcel(parcel.order_id, 2, parcel.items, parcel.address)
    assert await carrier.dispatch(second)


@pytest.mark.parametrize("even_if_dispatched", [True, False])
async def test_a_dispatched_attempt_is_recalled_only_if_the_caller_asks_for_it(
    carrier: PostgresCarrierBook, even_if_dispatched: bool
) -> None:
    parcel = new_parcel()
    await carrier.dispatch(parcel)
    for _ in range(2):
        recalled = await carrier.recall(
            parcel.order_id, parcel.attempt, even_if_dispatched=even_if_dispatched
        )
        assert recalled is even_if_dispatched
    assert await carrier.dispatch(parcel) is not even_if_dispatched

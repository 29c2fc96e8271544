from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from orchestration.domain.money import Money
from orchestration.domain.order import Address, LineItem, PaymentStatus
from orchestration.ports import Charge, Parcel, Settled
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook
from tests.persistence.stories import fresh

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


def a_charge() -> Charge:
    return Charge(fresh("pay"), fresh("order"), Money(24990, "USD"))


def a_parcel() -> Parcel:
    return Parcel(fresh("order"), 1, [LineItem("sku-1", 1, 100)], Address("1 Main St", "X", "US"))


async def test_the_first_outcome_stands_and_is_replayed(gateway: PostgresGatewayBook) -> None:
    charge = a_charge()
    declined = Settled(charge, DECLINED, "no money")

    assert await gateway.settle(charge, DECLINED, "no money") == declined
    assert await gateway.settle(charge, CHARGED, None) == declined


async def test_another_charge_under_a_payment_id_is_answered_with_the_stored_one(
    gateway: PostgresGatewayBook,
) -> None:
    charge = a_charge()
    await gateway.settle(charge, CHARGED, None)

    other = Charge(charge.payment_id, charge.order_id, Money(1, "EUR"))

    assert await gateway.settle(other, CHARGED, None) == Settled(charge, CHARGED, None)


async def test_of_many_charges_at_once_one_outcome_stands(gateway: PostgresGatewayBook) -> None:
    charge = a_charge()
    outcomes = [(CHARGED, None), (DECLINED, "no money")] * 10

    settled = await asyncio.gather(*(gateway.settle(charge, *outcome) for outcome in outcomes))

    assert len(set(settled)) == 1


async def test_a_charge_is_refunded_once_and_stays_so(gateway: PostgresGatewayBook) -> None:
    charge = a_charge()
    await gateway.settle(charge, CHARGED, None)

    assert await gateway.reverse(charge) is REFUNDED
    assert await gateway.reverse(charge) is REFUNDED
    assert (await gateway.settle(charge, CHARGED, None)).status is REFUNDED


async def test_a_charge_that_comes_after_its_reversal_finds_it_voided(
    gateway: PostgresGatewayBook,
) -> None:
    charge = a_charge()

    assert await gateway.reverse(charge) is VOIDED
    assert await gateway.reverse(charge) is VOIDED
    assert await gateway.settle(charge, CHARGED, None) == Settled(charge, VOIDED, None)


async def test_a_declined_charge_stays_declined_when_reversed(
    gateway: PostgresGatewayBook,
) -> None:
    charge = a_charge()
    await gateway.settle(charge, DECLINED, "no money")

    assert await gateway.reverse(charge) is DECLINED
    assert await gateway.settle(charge, CHARGED, None) == Settled(charge, DECLINED, "no money")


async def test_a_charge_racing_its_reversal_never_stays_charged(
    gateway: PostgresGatewayBook,
) -> None:
    for _ in range(10):
        charge = a_charge()
        settled, reversed_to = await asyncio.gather(
            gateway.settle(charge, CHARGED, None), gateway.reverse(charge)
        )
        assert (settled.status, reversed_to) in {(CHARGED, REFUNDED), (VOIDED, VOIDED)}


async def test_an_order_cannot_reverse_what_another_was_charged(
    gateway: PostgresGatewayBook,
) -> None:
    charge = a_charge()
    await gateway.settle(charge, CHARGED, None)

    assert await gateway.reverse(Charge(charge.payment_id, fresh("other"), charge.amount)) is VOIDED
    assert (await gateway.settle(charge, CHARGED, None)).status is CHARGED


async def test_an_attempt_is_prepared_and_dispatched_however_often(
    carrier: PostgresCarrierBook,
) -> None:
    parcel = a_parcel()

    assert await carrier.prepare(parcel)
    assert await carrier.prepare(parcel)
    assert await carrier.dispatch(parcel)
    assert await carrier.dispatch(parcel)
    assert await carrier.prepare(parcel)


async def test_a_recalled_attempt_is_neither_prepared_nor_dispatched_any_more(
    carrier: PostgresCarrierBook,
) -> None:
    parcel = a_parcel()
    await carrier.prepare(parcel)

    await carrier.recall(parcel.order_id, parcel.attempt)
    await carrier.recall(parcel.order_id, parcel.attempt)

    assert not await carrier.prepare(parcel)
    assert not await carrier.dispatch(parcel)


async def test_a_recall_that_comes_first_stops_what_comes_late(
    carrier: PostgresCarrierBook,
) -> None:
    parcel = a_parcel()
    await carrier.recall(parcel.order_id, parcel.attempt)

    assert not await carrier.prepare(parcel)
    assert not await carrier.dispatch(parcel)
    second = Parcel(parcel.order_id, 2, parcel.items, parcel.address)
    assert await carrier.dispatch(second)

"""Values that several types contain: money and addresses."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Self

import strawberry

if TYPE_CHECKING:
    from orchestration.domain import money, order


@strawberry.type(description="An exact amount in a currency.")
class Money:
    amount: Decimal = strawberry.field(
        description="Amount in major units, with the currency's number of decimals."
    )
    currency: str = strawberry.field(description="ISO 4217 code, such as USD, JPY or KWD.")

    @classmethod
    def of(cls, value: money.Money) -> Self:
        return cls(amount=value.amount, currency=value.currency)


@strawberry.type(description="A postal address.")
class Address:
    street: str = strawberry.field(description="Street and number.")
    city: str = strawberry.field(description="City or town.")
    region: str | None = strawberry.field(description="State, province or county.")
    postal_code: str | None = strawberry.field(description="Postal code.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code, such as US.")

    @classmethod
    def of(cls, value: order.Address) -> Self:
        return cls(
            street=value.street,
            city=value.city,
            region=value.region,
            postal_code=value.postal_code,
            country=value.country,
        )

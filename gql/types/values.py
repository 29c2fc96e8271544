"""Money and addresses."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Self

import strawberry

if TYPE_CHECKING:
    from orchestration.domain import money, order


@strawberry.type(description="An amount in a currency.")
class Money:
    """Exact: made of minor units."""

    amount: Decimal = strawberry.field(
        description="In major units, with the currency's own number of decimals."
    )
    currency: str = strawberry.field(description="ISO 4217: USD, JPY, KWD.")

    @classmethod
    def of(cls, value: money.Money) -> Self:
        """Show the domain's money."""
        return cls(amount=value.amount, currency=value.currency)


@strawberry.type(description="Where an order goes.")
class Address:
    """A postal address."""

    street: str = strawberry.field(description="Street and number.")
    city: str = strawberry.field(description="City or town.")
    region: str | None = strawberry.field(description="State, province or county.")
    postal_code: str | None = strawberry.field(description="Postal code, as its country has it.")
    country: str = strawberry.field(description="ISO 3166 alpha-2: US.")

    @classmethod
    def of(cls, value: order.Address) -> Self:
        """Show the domain's address."""
        return cls(
            street=value.street,
            city=value.city,
            region=value.region,
            postal_code=value.postal_code,
            country=value.country,
        )

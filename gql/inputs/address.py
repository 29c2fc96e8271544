"""A postal address as clients send it."""

from __future__ import annotations

import strawberry

from orchestration.domain.order import Address


@strawberry.input(description="A postal address.")
class AddressInput:
    street: str = strawberry.field(description="Street and number. Up to 200 characters.")
    city: str = strawberry.field(description="City or town. Up to 100 characters.")
    region: str | None = strawberry.field(
        description="State, province or county. Up to 100 characters."
    )
    postal_code: str | None = strawberry.field(description="Postal code. Up to 20 characters.")
    country: str = strawberry.field(
        description="ISO 3166-1 alpha-2 code in capital letters, such as US."
    )

    def to_domain(self) -> Address:
        """Return the address without checking it; ``request_problems`` does."""
        return Address(
            street=self.street,
            city=self.city,
            country=self.country,
            region=self.region,
            postal_code=self.postal_code,
        )

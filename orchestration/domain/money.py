"""Money as integer minor units (for example cents) of an ISO 4217 currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_BY_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN"
        " BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS"
        " GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR"
        " LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD"
        " PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN"
        " SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR"
        " ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

CURRENCY_DECIMALS = {
    code: decimals for decimals, codes in _BY_DECIMALS.items() for code in codes.split()
}
"""Number of decimals per ISO 4217 currency: USD 2, JPY 0, KWD 3."""

MAX_MINOR_UNITS = 10**15
"""Exclusive limit for prices and totals. Below it, a double (as in search attributes) is exact."""


class NotRepresentable(ValueError):
    """The amount has more decimals than its currency, or is too large to be stored."""


@dataclass(frozen=True)
class Money:
    """An amount in minor units of a currency: ``Money(24990, "USD")`` is $249.90."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with the currency's number of decimals.

        An unknown currency counts as having no decimals: an order in it is INVALID, but is still
        recorded.
        """
        return Decimal(self.minor).scaleb(-CURRENCY_DECIMALS.get(self.currency, 0))


def to_minor_units(amount: Decimal, currency: str) -> int:
    """Convert an amount in major units without rounding, or raise NotRepresentable.

    The currency must be in CURRENCY_DECIMALS.
    """
    decimals = CURRENCY_DECIMALS[currency]
    if abs(amount) >= MAX_MINOR_UNITS:
        raise NotRepresentable("is too large")
    minor = amount.scaleb(decimals)
    if minor != minor.to_integral_value():
        raise NotRepresentable(f"has more decimals than {currency}, which has {decimals}")
    if abs(minor) >= MAX_MINOR_UNITS:
        raise NotRepresentable("is too large")
    return int(minor)

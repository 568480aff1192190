"""Money in integer minor units with ISO 4217 exponents; shares, and splits that always add up."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from microintern.domain.base import Frozen, Minor

BASIS_POINTS = 10_000

_EXPONENTS: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC "
        "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
        "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD "
        "NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
        "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
CURRENCY_EXPONENTS: dict[str, int] = {code: exponent for exponent, row in _EXPONENTS.items() for code in row.split()}
"""ISO 4217 alphabetic code to the number of decimal places of its minor unit."""


def _known(code: str) -> str:
    if code not in CURRENCY_EXPONENTS:
        raise ValueError(f"{code} is not an ISO 4217 currency in use; write a code such as USD, EUR or JPY")
    return code


Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_known), Field(examples=["USD"])]


class Money(Frozen):
    """An amount as a person posts it: minor units, so that 412.50 USD is 41250 and 5,000 JPY is 5000."""

    # A tenth of what any amount may be: the escrow, which is the pay and up to as much in fees, must fit as well.
    amount_minor: Annotated[Minor, Field(gt=0, le=10**11)]
    currency: Currency
    exponent: Annotated[int, Field(strict=True, ge=0, le=4)] | None = None
    """The decimal places the sender assumed; a wrong one is refused instead of paying a hundred times the sum."""

    @model_validator(mode="after")
    def _exponent_of_currency(self) -> Self:
        right = CURRENCY_EXPONENTS[self.currency]
        if self.exponent is not None and self.exponent != right:
            wrong = f"{self.currency} has {right} decimal places, not {self.exponent}"
            raise ValueError(f"{wrong}; amounts are in minor units")
        return self


def written(amount_minor: int, currency: str) -> str:
    """The amount as people read it: `412.50 USD`, `5000 JPY`."""
    return f"{Decimal(amount_minor).scaleb(-CURRENCY_EXPONENTS[currency])} {currency}"


def share(amount_minor: int, basis_points: int) -> int:
    """A share of an amount, rounded half up to the minor unit."""
    return (amount_minor * basis_points + BASIS_POINTS // 2) // BASIS_POINTS


def split(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount by weights, to the last unit: largest remainder, the earlier part first on a tie."""
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be zero or more and must not all be zero")
    parts = [amount_minor * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount_minor * weights[i] % total), i))
    for i in by_remainder[: amount_minor - sum(parts)]:
        parts[i] += 1
    return parts

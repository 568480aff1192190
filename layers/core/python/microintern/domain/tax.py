"""From which year total on a payer reports what it paid to somebody.

United States: Form 1099-NEC, from 2,000 USD for payments made after 31 December 2025, from 600 USD before (Internal
Revenue Code §6041(a) and §6041A(a), as amended by Public Law 119-21 §70433). It goes by all payments to one payee in
a calendar year; whether a payee is a US person is on their tax form, which the payment provider holds. From 2027 on
the threshold follows inflation: look it up each year.
"""

_US_THRESHOLDS_MINOR = {2026: 200_000, 0: 60_000}
"""From this year on, in US cents."""


def threshold_minor(currency: str, year: int) -> int | None:
    """The total from which a year's payments in this currency are reported; None when no rule here is about it."""
    if currency != "USD":
        return None
    return next(minor for first_year, minor in _US_THRESHOLDS_MINOR.items() if year >= first_year)

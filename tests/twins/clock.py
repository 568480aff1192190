"""The twin of the clock."""

from datetime import datetime, timedelta


class MemoryClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> datetime:
        """Move on by so many days, hours, minutes or seconds."""
        self.at += timedelta(**by)
        return self.at

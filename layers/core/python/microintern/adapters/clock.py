"""The time, from the server's clock."""

from datetime import UTC, datetime


class SystemClock:
    """The present, to the millisecond: what is computed with is then exactly what is kept."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1_000 * 1_000)

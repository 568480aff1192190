"""What a function remembers for a while, so that not everybody who asks has it made anew."""

from collections.abc import Callable
from datetime import datetime, timedelta

_MOST = 100


class Remembered:
    """Texts by name, each for so many seconds; a failure is not remembered."""

    def __init__(self, seconds: float) -> None:
        self._for = timedelta(seconds=seconds)
        self._known: dict[str, tuple[datetime, str]] = {}

    def get(self, name: str, now: datetime, make: Callable[[], str]) -> str:
        """What is remembered, or what is made now."""
        until, text = self._known.get(name, (now, ""))
        if now < until:
            return text
        text = make()
        if len(self._known) >= _MOST:
            self.forget()
        self._known[name] = (now + self._for, text)
        return text

    def forget(self) -> None:
        """Know nothing."""
        self._known.clear()

"""How far it is, for somebody who waits."""

import threading
from typing import Any, Protocol

from tqdm import tqdm


class Progress(Protocol):
    """Is told of bytes; from several threads at once."""

    def begin(self, what: str, total_bytes: int) -> None:
        """A stretch of work begins."""

    def advance(self, sent_bytes: int) -> None:
        """So many bytes more are done; fewer than none when something has to be sent again."""

    def end(self) -> None:
        """The stretch is over."""


class NoProgress:
    """Says nothing."""

    def begin(self, what: str, total_bytes: int) -> None:
        pass

    def advance(self, sent_bytes: int) -> None:
        pass

    def end(self) -> None:
        pass


class Bar:
    """One bar on standard error; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._lock = threading.Lock()

    def begin(self, what: str, total_bytes: int) -> None:
        self.end()
        self._bar = tqdm(desc=what, total=total_bytes, unit="B", unit_scale=True, unit_divisor=1024, disable=None)

    def advance(self, sent_bytes: int) -> None:
        with self._lock:
            if self._bar is not None:
                self._bar.update(sent_bytes)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

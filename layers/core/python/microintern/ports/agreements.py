"""The papers of agreements, as they are kept."""

from typing import Protocol

from microintern.domain.agreements import HexDigest
from microintern.domain.base import Frozen, Instant


class Edition(Frozen):
    """A paper that is kept. The newest of an award's editions holds."""

    edition: int
    """The brief's version that it was made at."""
    sha256: HexDigest
    size_bytes: int
    kept_at: Instant


class Papers(Protocol):
    """Where agreements are kept: as PDF, each edition once, and never changed."""

    def keep(self, brief_id: str, application_id: str, edition: int, pdf: bytes) -> bool:
        """Keep it unless this edition is there already, whatever it says; whether it was not."""

    def editions(self, brief_id: str, application_id: str) -> list[Edition]:
        """All of an award's, the first one first: those of another award are another student's."""

    def url(self, brief_id: str, application_id: str, edition: int, life_s: int) -> str:
        """A link to download one by, good for so many seconds."""

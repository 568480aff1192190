"""The table of who may do what, `expectations.txt`, as the matrix and its tests read it."""

from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("expectations.txt").read_text(encoding="utf-8")

_SHORT = {"role": "403:wrong_role", "none": "404:not_found"}


@dataclass(frozen=True)
class Row:
    """One operation: what it is tried on, and what each kind of person gets."""

    operation: str
    on: str
    wanted: dict[str, str]
    """By kind of person: `ok`, or a status and a code such as `404:not_found`."""
    hidden_from: frozenset[str]
    """For whom it must be as if there were nothing at all."""

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.operation.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path, with its parameters' names."""
        return self.operation.partition(" ")[2]

    @property
    def allowed(self) -> list[str]:
        """Whose requests succeed."""
        return [kind for kind, wanted in self.wanted.items() if wanted == "ok"]


def rows() -> list[Row]:
    """The table, read."""
    head, *lines = (line.split() for line in TABLE.splitlines() if line.strip() and not line.startswith("#"))
    kinds = head[2:]
    found = []
    for method, path, on, *cells in lines:
        by_kind = dict(zip(kinds, cells, strict=True))
        wanted = {kind: _SHORT.get(cell, cell) for kind, cell in by_kind.items()}
        hidden_from = frozenset(kind for kind, cell in by_kind.items() if cell == "none")
        found.append(Row(f"{method} {path}", on, wanted, hidden_from))
    return found


OF_TOKENS = {
    "anonymous": "401",
    "expired": "401",
    "forged": "401",
    "unsigned": "401",
    "tampered": "401",
    "other_pool": "401",
    "other_client": "401",
    "id_token": "403:not_an_access_token",
    "suspended": "403:account_suspended",
}
"""Who comes without a good token of a person who may act, and what they get on every route that needs one."""

OPEN_TO_SUSPENDED = {
    **dict.fromkeys(["GET /me", "GET /me/export", "POST /me/portfolio/link/revocation"], "ok"),
    "POST /me/cohorts/{cohort_id}/withdrawal": "404:not_found",
}
"""But for these: a suspended account can see what is kept of it and why it is suspended, and have no more of it seen.

Those of the scene are in no cohort.
"""

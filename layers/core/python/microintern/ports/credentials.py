"""Credentials and what they are signed with."""

from typing import Protocol

from microintern.domain.accounts import Profile
from microintern.domain.cohorts import Enrolment
from microintern.domain.credentials import Credential
from microintern.domain.manifest import PublicKey
from microintern.domain.status_lists import Place
from microintern.domain.trail import Entry
from microintern.ports.paging import Page, Position


class PlaceTaken(Exception):
    """Another credential has this place in the status list."""


class Signer(Protocol):
    """Signs with a key that nobody can have."""

    def public_key(self) -> PublicKey:
        """What signatures are verified with."""

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of up to 4,096 bytes."""

    def is_signature(self, message: bytes, signature: bytes) -> bool:
        """Whether these 64 bytes are the signature that this key makes of the message."""


class Credentials(Protocol):
    """Where credentials are kept, and which of their places in the status lists are revoked, for good."""

    def issue(self, credential: Credential, enrolment: Enrolment | None = None) -> Credential | None:
        """Write a new one and take its place, or nothing when there is one already; then the one that is there.

        PlaceTaken when another has the place; StudentErased when there is nobody left to issue it to. Of credit, with
        the enrolment over its version before, else StaleDocument.
        """

    def read(self, credential_id: str) -> Credential | None:
        """One credential, strongly consistent."""

    def read_with_profile(self, credential_id: str, account_id: str) -> tuple[Credential | None, Profile | None]:
        """A credential and somebody's profile, in one call; strongly consistent."""

    def replace(self, credential: Credential) -> None:
        """Write it over its version before; StaleDocument when that is no longer there."""

    def revoke(self, credential: Credential) -> None:
        """As `replace`, and from then on its place is revoked."""

    def of_student(self, student_id: str, limit: int, after: Position | None = None) -> Page:
        """A student's credentials, the newest first."""

    def of_cohort(self, cohort_id: str, limit: int, after: Position | None = None) -> Page:
        """The credentials of the credit that a cohort was granted, the newest first."""

    def is_revoked(self, place: Place) -> bool:
        """Whether a place is revoked, strongly consistent."""

    def revoked_in(self, number: int) -> list[int] | None:
        """The places of a status list that are revoked; None while nobody has a place in it."""

    def steps(self, scope: str) -> list[Entry]:
        """The step that a credential is at, by its id; strongly consistent."""

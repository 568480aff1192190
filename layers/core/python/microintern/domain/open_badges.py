"""A credential as Open Badges 3.0 writes it (1EdTech; an `AchievementCredential` on Verifiable Credentials 2.0).

The models are as narrow as what is issued here: what does not fit them was not, so nobody's nested or renamed JSON-LD
comes as far as the canonical form, where what no context knows would silently fall out of what is signed.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from microintern.domain.base import derived_id, iso
from microintern.domain.credentials import Choices, Work, credential_id_of
from microintern.domain.credits import Credit, number
from microintern.domain.data_integrity import Proof
from microintern.domain.status_lists import Place

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
"""Says what kind of schema `credentialSchema` names."""
CONTEXTS = (CREDENTIALS_V2, OPEN_BADGES, EXTENSIONS)
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
ISSUER_NAME = "Microintern"
SCORE = "score"
"""What the overall result is called, where a criterion has its name; those begin otherwise."""

Uri = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$", max_length=500)]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$", max_length=100_000)]
"""Without the control characters that canonical forms have been written with in more than one way."""
At = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$")]
MOST_CRITERIA = 10
Number = int | float
"""As it was written, whole or not."""


class Node(BaseModel):
    """A part of a credential; names are the standard's, and nothing else may be in it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, defer_build=True, alias_generator=to_camel, populate_by_name=True
    )

    def as_json(self) -> dict[str, Any]:
        """As it is written."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Identity(Node):
    """Who it is about: by name if that was chosen, else by the hash of an account id that nobody can guess."""

    type: Literal["IdentityObject"] = "IdentityObject"
    identity_type: Literal["name", "accountId"]
    hashed: bool
    identity_hash: Text
    salt: Text | None = None


class Profile(Node):
    """Somebody who issues or judges."""

    id: Uri
    type: list[Literal["Profile"]] = ["Profile"]
    name: Text
    url: Uri | None = None


class RubricLevel(Node):
    """A level of a criterion."""

    id: Uri
    type: list[Literal["RubricCriterionLevel"]] = ["RubricCriterionLevel"]
    name: Text
    description: Text
    points: Text


class ResultDescription(Node):
    """What can come of a criterion, or of all together."""

    id: Uri
    type: list[Literal["ResultDescription"]] = ["ResultDescription"]
    name: Text
    result_type: Literal["RubricCriterionLevel", "Percent"]
    rubric_criterion_level: Annotated[list[RubricLevel], Field(max_length=6)] | None = None
    value_min: Text | None = None
    value_max: Text | None = None


class Criteria(Node):
    """How one comes by it."""

    narrative: Text


class Achievement(Node):
    """What was done."""

    id: Uri
    type: list[Literal["Achievement"]] = ["Achievement"]
    achievement_type: Literal["Assignment", "Fieldwork"] = "Assignment"
    name: Text
    description: Text
    criteria: Criteria
    credits_available: Number | None = None
    field_of_study: Text | None = None
    tag: Annotated[list[Text], Field(max_length=8)] | None = None
    result_description: Annotated[list[ResultDescription], Field(max_length=MOST_CRITERIA + 1)] | None = None


class Result(Node):
    """What came of it."""

    type: list[Literal["Result"]] = ["Result"]
    result_description: Uri
    achieved_level: Uri | None = None
    value: Text | None = None


class Subject(Node):
    """Who did it, and what."""

    type: list[Literal["AchievementSubject"]] = ["AchievementSubject"]
    identifier: Annotated[list[Identity], Field(min_length=1, max_length=1)]
    source: Profile | None = None
    credits_earned: Number | None = None
    achievement: Achievement
    result: Annotated[list[Result], Field(max_length=MOST_CRITERIA + 1)] | None = None


class StatusEntry(Node):
    """Where it is said whether it was revoked."""

    id: Uri
    type: Literal["BitstringStatusListEntry"] = "BitstringStatusListEntry"
    status_purpose: Literal["revocation"] = "revocation"
    status_list_index: Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,5})$")]
    status_list_credential: Uri


class SchemaReference(Node):
    """Which schema it holds to."""

    id: Annotated[str, StringConstraints(pattern=rf"^{SCHEMA}$")] = SCHEMA
    type: Literal["1EdTechJsonSchemaValidator2019"] = "1EdTechJsonSchemaValidator2019"


class OpenBadge(Node):
    """The whole credential."""

    context: Annotated[list[str], Field(alias="@context")] = list(CONTEXTS)
    id: Uri
    type: list[Literal["VerifiableCredential", "OpenBadgeCredential"]] = ["VerifiableCredential", "OpenBadgeCredential"]
    issuer: Profile
    valid_from: At
    name: Text
    credential_subject: Subject
    credential_status: StatusEntry
    credential_schema: list[SchemaReference] = [SchemaReference()]
    proof: Proof | None = None


class Addresses:
    """Where a credential and what belongs to it are found; all of it follows from the public address."""

    def __init__(self, base: str) -> None:
        """`base` has no slash at its end."""
        self.base = base.rstrip("/")
        self.issuer = f"{self.base}/issuer"

    def credential(self, credential_id: str) -> str:
        """The credential's own."""
        return f"{self.base}/credentials/{credential_id}"

    def status_list(self, number: int) -> str:
        """That of a status list."""
        return f"{self.base}/status-lists/{number}"

    def key(self, multikey: str) -> str:
        """That of a key, within the issuer's document."""
        return f"{self.issuer}#{multikey}"


def open_badge(brief_id: str, work: Work, place: Place, choices: Choices, identity: Identity, at: Addresses) -> Node:
    """The credential of a brief, not signed yet, with what the student chose to show."""
    own = at.credential(credential_id_of(brief_id))
    employer = Profile(id=f"{own}#employer", name=work.employer_name) if choices.show_employer else None
    return OpenBadge(
        id=own,
        issuer=Profile(id=at.issuer, name=ISSUER_NAME, url=at.base),
        valid_from=iso(work.approved_at),
        name=work.title,
        credential_subject=Subject(
            identifier=[identity],
            source=employer,
            achievement=_achievement(work, own),
            result=_results(work, own) if choices.show_scores and work.scores else None,
        ),
        credential_status=_status(place, at),
    )


def credit_badge(
    credential_id: str,
    credit: Credit,
    granted_at: datetime,
    place: Place,
    choices: Choices,
    identity: Identity,
    at: Addresses,
) -> Node:
    """The credential of credit, not signed yet: `creditsEarned`, and how it came about."""
    own = at.credential(credential_id)
    most = credit.rules.most_credits
    return OpenBadge(
        id=own,
        issuer=Profile(id=at.issuer, name=ISSUER_NAME, url=at.base),
        valid_from=iso(granted_at),
        name=credit.cohort_name,
        credential_subject=Subject(
            identifier=[identity],
            source=Profile(id=f"{own}#institution", name=credit.institution_name) if choices.show_employer else None,
            credits_earned=number(credit.hundredths),
            achievement=Achievement(
                id=f"{own}#achievement",
                achievement_type="Fieldwork",
                name=credit.cohort_name,
                description=f"Paid micro-internships, due from {credit.starts_on} to {credit.ends_on}.",
                criteria=Criteria(narrative=_how_granted(credit)),
                credits_available=most,
            ),
        ),
        credential_status=_status(place, at),
    )


def _how_granted(credit: Credit) -> str:
    briefs = "1 approved brief" if credit.briefs == 1 else f"{credit.briefs} approved briefs"
    return f"Granted for {credit.hours} hours on {briefs}. {credit.rules.said}"


def _status(place: Place, at: Addresses) -> StatusEntry:
    listed = at.status_list(place.number)
    index = str(place.index)
    return StatusEntry(id=f"{listed}#{index}", status_list_index=index, status_list_credential=listed)


def hidden_identity(credential_id: str, account_id: str) -> Identity:
    """Nobody can tell whose it is; whoever is told the account id can check it. Two credentials cannot be joined."""
    salt = derived_id("salt", credential_id)
    digest = hashlib.sha256(f"{account_id}{salt}".encode()).hexdigest()
    return Identity(identity_type="accountId", hashed=True, identity_hash=f"sha256${digest}", salt=salt)


def named_identity(name: str) -> Identity:
    """By name, for everybody to read."""
    return Identity(identity_type="name", hashed=False, identity_hash=name)


def _achievement(work: Work, own: str) -> Achievement:
    return Achievement(
        id=f"{own}#achievement",
        name=work.title,
        description=work.goals,
        criteria=Criteria(narrative=_narrative(work)),
        field_of_study=work.field.value,
        tag=list(work.skills),
        result_description=[*_criteria(work, own), _overall(own)],
    )


def _narrative(work: Work) -> str:
    """How the work was judged, in words."""
    judged = (
        "Nobody objected within the time for review, so the work counts as approved; no scores were given."
        if work.by_silence
        else "The employer approved the work, and scored each criterion of the rubric."
    )
    rubric = "\n".join(f"- {c.name} ({c.weight} %): {c.description}" for c in work.rubric)
    return f"A paid micro-internship of about {work.hours} hours. {judged}\n\nThe rubric:\n\n{rubric}"


def _criteria(work: Work, own: str) -> list[ResultDescription]:
    return [
        ResultDescription(
            id=f"{own}#criterion-{criterion.name}",
            name=criterion.name,
            result_type="RubricCriterionLevel",
            rubric_criterion_level=[
                RubricLevel(
                    id=_level(own, criterion.name, level.points),
                    name=level.label,
                    description=level.description,
                    points=str(level.points),
                )
                for level in criterion.levels
            ],
        )
        for criterion in work.rubric
    ]


def _overall(own: str) -> ResultDescription:
    return ResultDescription(id=f"{own}#{SCORE}", name="Score", result_type="Percent", value_min="0", value_max="100")


def _level(own: str, criterion: str, points: int) -> str:
    """No two levels of a criterion have the same points."""
    return f"{own}#criterion-{criterion}-{points}"


def _results(work: Work, own: str) -> list[Result]:
    points = {(c.name, level.label): level.points for c in work.rubric for level in c.levels}
    reached = [
        Result(
            result_description=f"{own}#criterion-{name}",
            achieved_level=_level(own, name, points[name, label]),
            value=label,
        )
        for name, label in work.scores.items()
    ]
    return [*reached, Result(result_description=f"{own}#{SCORE}", value=str(work.score_percent))]

"""Parameters that several routes share, as API clients see them."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from microintern.domain.brief import Command
from microintern.web.caller import commander, reader

ID = r"^[A-Za-z0-9_-]{8,64}$"

Reader = Annotated[Command, Depends(reader)]
Commander = Annotated[Command, Depends(commander)]
BriefId = Annotated[str, Path(pattern=ID, description="The brief's id.")]
FileId = Annotated[str, Path(pattern=ID, description="The file's id.")]
AccountId = Annotated[str, Path(pattern=ID, description="The account's id (the token's `sub`).")]
ApplicationId = Annotated[str, Path(pattern=ID, description="The application's id.")]
OrganisationId = Annotated[str, Path(pattern=ID, description="The organisation's id.")]
CohortId = Annotated[str, Path(pattern=ID, description="The cohort's id.")]
CredentialId = Annotated[str, Path(pattern=ID, description="The credential's id.")]
PageHandle = Annotated[
    str, Path(pattern=r"^[a-z0-9](-?[a-z0-9]){4,63}$", max_length=64, description="The handle of a student's page.")
]
InvitationId = Annotated[str, Path(pattern=ID, description="The invitation's id.")]
EndpointId = Annotated[str, Path(pattern=ID, description="The webhook endpoint's id.")]
DeliveryId = Annotated[str, Path(pattern=ID, description="The delivery's id, as in `webhook-id`.")]
StudentId = Annotated[str, Path(pattern=ID, description="The student's account id.")]
FewerAtOnce = Annotated[int, Query(ge=1, le=50, description="How many items at most.")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many items at most.")]
Cursor = Annotated[
    str | None,
    Query(max_length=1_000, description="`next_cursor` of the page before; opaque, and good for the same list only."),
]

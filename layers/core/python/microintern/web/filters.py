"""What open briefs are looked for by, as query parameters that several routes share."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from microintern.domain.base import Instant
from microintern.domain.money import Currency
from microintern.domain.posting import FieldOfWork, Skill

InField = Annotated[FieldOfWork | None, Query(description="The field of work.")]
AskingFor = Annotated[Skill | None, Query(description="One of the skills asked for.")]
PaidIn = Annotated[Currency | None, Query(description="What the pay is in.")]
PayAtLeast = Annotated[int | None, Query(ge=0, description="In the currency's minor unit.")]
Hours = Annotated[int | None, Query(ge=1)]
At = Annotated[Instant | None, Query(description="RFC 3339, with an offset.")]

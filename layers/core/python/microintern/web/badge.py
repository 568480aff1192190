"""Credentials as pictures, in answers and in what is sent. What draws is imported when something is drawn or read."""

import base64
from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler import Response

if TYPE_CHECKING:
    from microintern.domain.credentials import Credential

MEDIA_TYPE = "image/png"


def badge_of(credential: "Credential", **headers: str) -> Response[str]:
    """The picture of a credential, to be saved under its name."""
    from microintern.badging.picture import baked  # noqa: PLC0415

    assert credential.work
    assert credential.signed
    png = baked(credential.signed, credential.work, credential.choices)
    named = {"Content-Disposition": f'inline; filename="{credential.credential_id}.png"'}
    # Encoded here: Powertools would take bytes for text on their way through the validation.
    response = Response(200, MEDIA_TYPE, base64.b64encode(png).decode(), headers={**headers, **named})
    response.base64_encoded = True
    return response


def unbaked(png: bytes) -> str:
    """The credential that a picture carries."""
    from microintern.badging import picture  # noqa: PLC0415

    return picture.unbaked(png)

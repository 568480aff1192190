"""Asks the settlement function to see to a brief, without waiting for it."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class LambdaSettler:
    """The Settler port: an asynchronous call, retried by Lambda, kept in a queue when it fails for good."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def advance(self, brief_id: str) -> None:
        payload = json.dumps({"brief_id": brief_id}).encode()
        self._client.invoke(FunctionName=self._function, InvocationType="Event", Payload=payload)

"""Ways into a deployed stack that no person has: its functions, the provider's webhook, what the provider was asked."""

import json
import time
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from botocore.config import Config

from infra.local.caller import http
from infra.local.stack import LocalStack
from microintern.adapters.briefs import CONTROL
from microintern.adapters.dynamo import key, unpacked
from microintern.adapters.standard_webhooks import signed
from microintern.domain.ledger import brief_of_transfer

# As long as a function may take, the sweeper with 300 s the longest: one that hangs is ended then, and says so.
_PATIENT = Config(max_pool_connections=64, read_timeout=320, retries={"total_max_attempts": 1})


class Deployed:
    """A stack's functions by their folders. Can be used from many threads."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.lambda_ = stack.client("lambda", config=_PATIENT)
        self._tables = stack.client("dynamodb", config=_PATIENT)
        pages = self.lambda_.get_paginator("list_functions").paginate()
        variables = {f["FunctionName"]: f["Environment"]["Variables"] for page in pages for f in page["Functions"]}
        self.variables = {found["POWERTOOLS_SERVICE_NAME"]: found for found in variables.values()}
        self.names = {found["POWERTOOLS_SERVICE_NAME"]: name for name, found in variables.items()}
        secret_id = self.variables["payments_webhook"]["PAYMENT_SECRET_ARN"]
        secret = stack.client("secretsmanager").get_secret_value(SecretId=secret_id)["SecretString"]
        self._webhook_secret = json.loads(secret)["webhook_secret"]

    def call(self, function: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Call a function and wait for its answer; `{"failed": message}` when it raised."""
        answer = self.lambda_.invoke(FunctionName=self.names[function], Payload=json.dumps(payload).encode())
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        return {"failed": result["errorMessage"]} if "FunctionError" in answer else result

    def hint(self, key: str) -> int:
        """Tell the platform, signed as the provider does, that something became of a transfer; the HTTP status."""
        account = self.variables["payments_webhook"]["PAYMENT_ACCOUNT"]
        body = json.dumps({"type": "operation.updated", "account": account, "data": {"key": key}})
        headers = signed(self._webhook_secret, str(uuid.uuid4()), body, datetime.now(UTC))
        url = f"{self.stack.outputs.api_url}/webhooks/payments"
        headers |= {"content-type": "application/json"}
        return http().post(url, content=body, headers=headers, timeout=120).status_code

    def asked_of_provider(self) -> dict[str, dict[str, int]]:
        """What the provider was asked for, by brief: the amounts by the transfers' ids."""
        pages = self._tables.get_paginator("scan").paginate(TableName=self.stack.outputs.sandbox_table)
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for item in (unpacked(item) for page in pages for item in page["Items"] if "amount_minor" in item):
            found[brief_of_transfer(item["key"])][item["key"]] = item["amount_minor"]
        return found

    def item(self, brief_id: str, sort: str = CONTROL) -> dict[str, Any]:
        """An item of a brief as it is now: looked up in the table, which is quicker than asking the API."""
        at = {"TableName": self.stack.outputs.brief_table, "Key": key(brief_id, sort), "ConsistentRead": True}
        return unpacked(self._tables.get_item(**at).get("Item", {}))

    def wait_for(self, brief_id: str, sort: str, what: str, *values: str, limit_s: float = 120) -> str:
        """Wait until an attribute of an item has one of these values; which one."""
        until_s = time.monotonic() + limit_s
        while (value := str(self.item(brief_id, sort).get(what))) not in values:
            if time.monotonic() > until_s:
                raise TimeoutError(f"waited {limit_s:.0f} s until {sort} has {what} {' or '.join(values)}, not {value}")
            time.sleep(0.05)
        return value

"""Short ways to make, in a bare local AWS, the resources that a test needs."""

import io
import itertools
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any, TypeVar

from infra.local.process import ACCOUNT, REGION, Emulator

ROUTE_LIMIT_S = 15.0
STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
T = TypeVar("T")
numbers = itertools.count(1)


class Aws:
    """Makes uniquely named resources in one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        """Make the clients lazily, from this emulator."""
        self.client = emulator.client
        self.endpoint = emulator.endpoint

    def role(self, *statements: dict[str, Any]) -> str:
        """A role that anyone may assume, with exactly these permissions."""
        iam, name = self.client("iam"), f"role-{next(numbers)}"
        trust = {"Effect": "Allow", "Principal": {"Service": "*"}, "Action": "sts:AssumeRole"}
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy(trust)))["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy(*statements)))
        return arn

    def function(self, body: str, *statements: dict[str, Any]) -> str:
        """A function whose handler runs these lines on `event`; it returns the function's ARN."""
        source = "import boto3, json\ndef handler(event, context):\n" + "".join(f"    {x}\n" for x in body.split("\n"))
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("index.py", source)
        made = self.client("lambda").create_function(
            FunctionName=f"function-{next(numbers)}",
            Runtime="python3.13",
            Handler="index.handler",
            Role=self.role(*statements),
            Code={"ZipFile": archive.getvalue()},
            Timeout=10,
        )
        arn: str = made["FunctionArn"]
        self.client("lambda").add_permission(
            FunctionName=arn, StatementId="any", Action="lambda:InvokeFunction", Principal="*"
        )
        return arn

    def logged(self, function_arn: str) -> list[str]:
        """The lines that a function has written to its log group."""
        group = f"/aws/lambda/{function_arn.rsplit(':', 1)[1]}"
        logs = self.client("logs")
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return []
        return [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]

    def got(self, function_arn: str) -> list[Any]:
        """What a function has printed after the word "got", as JSON."""
        return [json.loads(line[4:]) for line in self.logged(function_arn) if line.startswith("got ")]

    def table(self, stream: bool = False) -> str:
        """A table keyed as all of ours are; with a stream of both images when asked."""
        name = f"table-{next(numbers)}"
        self.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
            **({"StreamSpecification": STREAM} if stream else {}),
        )
        return name

    def bucket(self) -> str:
        """A versioned bucket that tells EventBridge about its objects."""
        name, s3 = f"bucket-{next(numbers)}", self.client("s3")
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        return name


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: str | list[str], resources: str | list[str], **more: Any) -> dict[str, Any]:
    """A statement that allows these actions on these resources."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def table_arn(name: str) -> str:
    """The ARN of a table here."""
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def eventually(probe: Callable[[], T], limit_s: float = ROUTE_LIMIT_S) -> T:
    """The first truthy answer of a probe; the last one when there was none within the limit."""
    deadline_s = time.monotonic() + limit_s
    while not (answer := probe()) and time.monotonic() < deadline_s:
        time.sleep(0.1)
    return answer

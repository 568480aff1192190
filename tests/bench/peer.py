"""The peer of what is deployed: a bare function behind an HTTP API of its own, which makes the calls that it is given.

It has the same authorizer, the same runtime and the same tables, and makes the calls that a route was seen to make,
with the same parameters, by a client of boto3. It validates nothing, decides nothing and knows no model; it answers
with a text as long as the route's own.
"""

import inspect
import io
import json
import zipfile
from typing import Any

import httpx

from infra.local.process import ACCOUNT
from infra.local.stack import LocalStack
from tests.bench.lifecycle import Line

Calls = list[tuple[str, dict[str, Any]]]


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """Make the calls; what a condition refuses is refused at the same price."""
    import json  # noqa: PLC0415
    import uuid  # noqa: PLC0415

    import boto3  # noqa: PLC0415
    from botocore.exceptions import ClientError  # noqa: PLC0415

    tables: Any = globals().setdefault("tables", boto3.client("dynamodb"))
    asked = json.loads(event["body"].replace("{fresh}", uuid.uuid4().hex)) if "body" in event else event
    for name, params in asked["calls"]:
        try:
            getattr(tables, name)(**params)
        except ClientError as refused:
            print(refused.response["Error"]["Code"])
    print("done")  # a warm call that logs nothing takes the local AWS 50 ms longer
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": asked["answer"]}


class Peer:
    """The bare function, deployed beside the system."""

    def __init__(self, stack: LocalStack, token: str) -> None:
        self._lambda, api = stack.client("lambda"), stack.client("apigatewayv2")
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        may = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
        iam = stack.client("iam")
        role = iam.create_role(RoleName="bare", AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName="bare", PolicyName="any", PolicyDocument=_policy(may))
        code = {"ZipFile": _zipped(f"from typing import Any\n\n{inspect.getsource(handler)}")}
        made = self._lambda.create_function(
            FunctionName="bare", Runtime="python3.13", Handler="bare.handler", Role=role, Code=code, MemorySize=1024
        )
        self.arn: str = made["FunctionArn"]
        own = api.create_api(Name="bare", ProtocolType="HTTP")["ApiId"]
        integration = api.create_integration(
            ApiId=own, IntegrationType="AWS_PROXY", IntegrationUri=self.arn, PayloadFormatVersion="2.0"
        )["IntegrationId"]
        (ours, *_) = api.get_authorizers(ApiId=stack.outputs.api_id)["Items"]
        like = {name: ours[name] for name in ("Name", "AuthorizerType", "IdentitySource", "JwtConfiguration")}
        authorizer = api.create_authorizer(ApiId=own, **like)["AuthorizerId"]
        api.create_route(
            ApiId=own,
            RouteKey="POST /bare",
            Target=f"integrations/{integration}",
            AuthorizationType="JWT",
            AuthorizerId=authorizer,
        )
        api.create_stage(ApiId=own, StageName="$default", AutoDeploy=True)
        source = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{own}/*"
        self._lambda.add_permission(
            FunctionName="bare",
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=source,
        )
        self._url = f"{stack.endpoint}/_aws/execute-api/{own}/$default/bare"
        self._http = httpx.Client(headers={"authorization": f"Bearer {token}"}, timeout=60)

    def ask(self, calls: Calls, answer: str) -> None:
        """Have the calls made by way of the API."""
        self._http.post(self._url, json={"calls": calls, "answer": answer}).raise_for_status()

    def invoke(self, calls: Calls) -> None:
        """Have the calls made by the function alone."""
        payload = json.dumps({"calls": calls, "answer": ""}).encode()
        answer = self._lambda.invoke(FunctionName=self.arn, Payload=payload)
        if "FunctionError" in answer:
            raise RuntimeError(answer["Payload"].read().decode())


def calls_of(lines: list[Line]) -> Calls:
    """The calls to tables among what was metered."""
    skipped = ("ReturnConsumedCapacity",)
    return [
        (line["action"], {name: value for name, value in line["asked"].items() if name not in skipped})
        for line in lines
        if line["service"] == "dynamodb"
    ]


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _zipped(source: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("bare.py", source)
    return made.getvalue()

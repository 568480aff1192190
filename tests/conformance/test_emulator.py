"""What we rely on of the local AWS, each as a small test of the emulator alone.

When a new release of the emulator breaks one of these, this says so before a deployment fails obscurely.
"""

import base64
import hashlib
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local.process import ACCOUNT, REGION
from tests.conformance.aws import Aws, allow, eventually, table_arn

pytestmark = pytest.mark.local_stack
WAIT_ATTRIBUTES = {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "wait"]}}
PASSWORD = "Long-enough-1!"


# --- the workflow: waits registered by the workflow itself, answered from the table's stream --------------
# (Its role isn't enforced here, nor the scheduler's: what they lack shows on AWS only, or in tests/infra.)


def wait_machine(aws: Aws, table: str, role: str) -> str:
    """A workflow that registers its token on an item, and goes one of two ways when it is answered."""
    wait = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
        "Parameters": {
            "TableName": table,
            "Key": {"pk": {"S.$": "$.id"}, "sk": {"S": "control"}},
            "UpdateExpression": "SET #wait = :wait",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeNames": {"#wait": "wait"},
            "ExpressionAttributeValues": {":wait": {"M": {"token": {"S.$": "$$.Task.Token"}}}},
        },
        "ResultPath": None,
        "TimeoutSeconds": 60,
        "Catch": [{"ErrorEquals": ["AwaitOther"], "Next": "Caught", "ResultPath": None}],
        "Next": "Main",
    }
    ends = {name: {"Type": "Pass", "Result": {"at": name}, "End": True} for name in ("Main", "Caught")}
    definition = json.dumps({"StartAt": "Wait", "States": {"Wait": wait, **ends}})
    made = aws.client("stepfunctions").create_state_machine(
        name=f"machine-{uuid.uuid4()}", definition=definition, roleArn=role
    )
    return str(made["stateMachineArn"])


ANSWER = """
states = boto3.client("stepfunctions")
for record in event["Records"]:
    item = record["dynamodb"].get("NewImage", {})
    if "wait" not in item or "decision" not in item:
        continue
    token = item["wait"]["M"]["token"]["S"]
    if item["decision"]["S"] == "main":
        states.send_task_success(taskToken=token, output="{}")
    else:
        states.send_task_failure(taskToken=token, error="AwaitOther", cause="branch")
""".strip()


@pytest.fixture(scope="module")
def waiting(aws: Aws) -> tuple[str, str]:
    """A table with a stream that answers waits, and the workflow that waits there."""
    table = aws.table(stream=True)
    answer = aws.function(
        ANSWER, allow(["states:SendTaskSuccess", "states:SendTaskFailure"], "*"), stream_access(table)
    )
    aws.client("lambda").create_event_source_mapping(
        FunctionName=answer, EventSourceArn=stream_arn(aws, table), StartingPosition="TRIM_HORIZON"
    )
    role = aws.role(allow("dynamodb:UpdateItem", table_arn(table), Condition=WAIT_ATTRIBUTES))
    return table, wait_machine(aws, table, role)


@pytest.mark.parametrize(("decision", "end"), [("main", "Main"), ("other", "Caught")])
@pytest.mark.parametrize("decided_first", [True, False])
def test_wait_is_answered_whichever_came_first(
    aws: Aws, waiting: tuple[str, str], decided_first: bool, decision: str, end: str
) -> None:
    """The stream's image has the token and the decision, so a decision before the wait isn't lost."""
    (table, machine), brief_id = waiting, str(uuid.uuid4())
    dynamodb, states = aws.client("dynamodb"), aws.client("stepfunctions")
    item = {"pk": {"S": brief_id}, "sk": {"S": "control"}}
    dynamodb.put_item(TableName=table, Item=item | ({"decision": {"S": decision}} if decided_first else {}))
    run = states.start_execution(stateMachineArn=machine, name=brief_id, input=json.dumps({"id": brief_id}))
    if not decided_first:
        assert eventually(lambda: "wait" in dynamodb.get_item(TableName=table, Key=item)["Item"])
        values = {":d": {"S": decision}}
        dynamodb.update_item(
            TableName=table, Key=item, UpdateExpression="SET decision = :d", ExpressionAttributeValues=values
        )
    eventually(lambda: states.describe_execution(executionArn=run["executionArn"])["status"] != "RUNNING")
    ended = states.describe_execution(executionArn=run["executionArn"])
    assert (ended["status"], json.loads(ended.get("output", "{}"))) == ("SUCCEEDED", {"at": end})


def test_execution_name_is_taken_for_good(aws: Aws, waiting: tuple[str, str]) -> None:
    """One execution per brief rests on this: a second start under another input is refused."""
    states, name = aws.client("stepfunctions"), str(uuid.uuid4())
    states.start_execution(stateMachineArn=waiting[1], name=name, input=json.dumps({"id": name}))
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=waiting[1], name=name, input=json.dumps({"id": "another"}))


# --- the table --------------------------------------------------------------------------------------------


def control(pk: str) -> dict[str, Any]:
    """The key of a control item."""
    return {"pk": {"S": pk}, "sk": {"S": "control"}}


def stream_arn(aws: Aws, table: str) -> str:
    """The ARN of a table's stream."""
    return str(aws.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"])


def stream_access(table: str) -> dict[str, Any]:
    """What a function needs to be fed from a table's stream."""
    actions = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    return allow([f"dynamodb:{action}" for action in actions], f"{table_arn(table)}/stream/*")


def test_cancelled_transaction_gives_reasons_with_old_items(aws: Aws) -> None:
    """A conflict is answered with the current state without another read."""
    table, dynamodb = aws.table(), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=control("a") | {"state": {"S": "open"}})
    guarded = {
        "TableName": table,
        "Item": control("a"),
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        dynamodb.transact_write_items(
            TransactItems=[{"Put": {"TableName": table, "Item": control("new")}}, {"Put": guarded}]
        )
    free, failed = caught.value.response["CancellationReasons"]
    assert (free["Code"], failed["Code"]) == ("None", "ConditionalCheckFailed")
    assert failed["Item"]["state"] == {"S": "open"}
    assert "Item" not in dynamodb.get_item(TableName=table, Key=control("new"))


FAILS_ONCE = """
keys = {r["dynamodb"]["Keys"]["pk"]["S"]: r["dynamodb"]["SequenceNumber"] for r in event["Records"]}
print("got", json.dumps(list(keys)))
handler.calls = getattr(handler, "calls", 0) + 1
fails = [keys["unlucky"]] if "unlucky" in keys and handler.calls == 1 else []
return {"batchItemFailures": [{"itemIdentifier": number} for number in fails]}
""".strip()


def test_stream_filters_and_sends_failures_again(aws: Aws) -> None:
    """The consumer sees the wanted kinds only, and what it reports as failed comes again. Ours: the retry."""
    table, dynamodb = aws.table(stream=True), aws.client("dynamodb")
    function = aws.function(FAILS_ONCE, stream_access(table))
    wanted = {"dynamodb": {"NewImage": {"kind": {"S": ["control", "application"]}}}}
    for pk, kind in (("ignored", "event"), ("unlucky", "control"), ("last", "application")):
        dynamodb.put_item(TableName=table, Item=control(pk) | {"kind": {"S": kind}})
    aws.client("lambda").create_event_source_mapping(
        FunctionName=function,
        EventSourceArn=stream_arn(aws, table),
        StartingPosition="TRIM_HORIZON",
        FilterCriteria={"Filters": [{"Pattern": json.dumps(wanted)}]},
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    assert eventually(lambda: len(aws.got(function)) == 2)
    assert aws.got(function) == [["unlucky", "last"], ["unlucky", "last"]]


POISONED = """
keys = [r["dynamodb"]["Keys"]["pk"]["S"] for r in event["Records"]]
print("got", json.dumps(keys))
if "poison" in keys:
    raise ValueError("no")
""".strip()


def test_poisoned_record_is_parked_and_others_go_on(aws: Aws) -> None:
    """One bad record stops neither its neighbours nor the stream. Ours: the end of the attempts."""
    table, queue = aws.table(stream=True), aws.client("sqs").create_queue(QueueName=f"dead-{uuid.uuid4()}")
    function = aws.function(POISONED, stream_access(table))
    for pk in ("first", "poison", "last"):
        aws.client("dynamodb").put_item(TableName=table, Item=control(pk))
    aws.client("lambda").create_event_source_mapping(
        FunctionName=function,
        EventSourceArn=stream_arn(aws, table),
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": queue_arn(queue["QueueUrl"])}},
    )
    assert eventually(lambda: "Messages" in aws.client("sqs").receive_message(QueueUrl=queue["QueueUrl"]))
    assert eventually(lambda: ["first"] in aws.got(function) and ["last"] in aws.got(function))


def queue_arn(url: str) -> str:
    """The ARN of a queue by its address."""
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{url.rsplit('/', 1)[1]}"


# --- files ------------------------------------------------------------------------------------------------


CONTENT = b"state,hourly_minor\nWA,1666\n"
CHECKSUM = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
KEY = "briefs/b/f"


def upload_form(aws: Aws, bucket: str) -> dict[str, Any]:
    """A presigned POST as the files API makes it: key, type, exact size and checksum are pinned."""
    fields = {
        "Content-Type": "text/csv",
        "x-amz-checksum-sha256": CHECKSUM,
        "x-amz-checksum-algorithm": "SHA256",
    }
    exact_size = ["content-length-range", len(CONTENT), len(CONTENT)]
    form: dict[str, Any] = aws.client("s3").generate_presigned_post(
        bucket,
        KEY,
        Fields=fields,
        Conditions=[exact_size, *({k: v} for k, v in fields.items())],
        ExpiresIn=300,
    )
    return form


def test_presigned_post_takes_the_very_file(aws: Aws) -> None:
    """Uploads go straight to the bucket; the checksum that was pinned is stored with the version."""
    bucket = aws.bucket()
    form = upload_form(aws, bucket)
    answer = httpx.post(form["url"], data=form["fields"], files={"file": CONTENT})
    assert answer.status_code == 204, answer.text
    head = aws.client("s3").head_object(Bucket=bucket, Key=KEY, ChecksumMode="ENABLED")
    assert (head["ChecksumSHA256"], head["ContentType"]) == (CHECKSUM, "text/csv")


@pytest.mark.parametrize(
    ("change", "content"),
    [
        pytest.param({}, CONTENT + b"more", id="longer"),
        pytest.param({}, CONTENT[:-1], id="shorter"),
        pytest.param({}, CONTENT[:-1] + b"!", id="same size, another content"),
        pytest.param({"Content-Type": "text/html"}, CONTENT, id="another type"),
        pytest.param({"key": "briefs/other/f"}, CONTENT, id="another key"),
        pytest.param({"x-amz-signature": "0" * 64}, CONTENT, id="forged signature"),
    ],
)
def test_presigned_post_refuses_anything_else(aws: Aws, change: dict[str, str], content: bytes) -> None:
    """What was pinned can't be bent by whoever holds the form."""
    bucket = aws.bucket()
    form = upload_form(aws, bucket)
    answer = httpx.post(form["url"], data=form["fields"] | change, files={"file": content})
    assert 400 <= answer.status_code < 500
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=bucket)


def test_presigned_get_of_one_version(aws: Aws) -> None:
    """A reviewer gets the version that was handed in, whatever came later; a bent link gives nothing."""
    bucket, s3 = aws.bucket(), aws.client("s3", config=Config(signature_version="s3v4"))
    version = s3.put_object(Bucket=bucket, Key=KEY, Body=CONTENT)["VersionId"]
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"later")
    pinned = {"Bucket": bucket, "Key": KEY, "VersionId": version, "ResponseContentDisposition": "attachment"}
    url = s3.generate_presigned_url("get_object", Params=pinned, ExpiresIn=60)
    answer = httpx.get(url)
    assert (answer.content, answer.headers["content-disposition"]) == (CONTENT, "attachment")
    assert httpx.get(url.replace("X-Amz-Expires=60", "X-Amz-Expires=600")).status_code == 403


def test_part_of_one_version(aws: Aws) -> None:
    """Who looks into a file reads only what it needs of it."""
    bucket, s3 = aws.bucket(), aws.client("s3")
    which = {
        "Bucket": bucket,
        "Key": KEY,
        "VersionId": s3.put_object(Bucket=bucket, Key=KEY, Body=b"first")["VersionId"],
    }
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"later")
    answer = s3.get_object(**which, Range="bytes=1-3")
    assert (answer["Body"].read(), answer["ContentRange"]) == (b"irs", "bytes 1-3/5")
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.get_object(**which, Range="bytes=5-9")


def test_object_lock_keeps_a_version(aws: Aws) -> None:
    """What is held or retained cannot be deleted, also not by whoever may delete everything."""
    s3, bucket = aws.client("s3"), f"locked-{uuid.uuid4()}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    which = {
        "Bucket": bucket,
        "Key": KEY,
        "VersionId": s3.put_object(Bucket=bucket, Key=KEY, Body=CONTENT)["VersionId"],
    }
    s3.put_object_legal_hold(**which, LegalHold={"Status": "ON"})
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**which)
    until = datetime.now(UTC) + timedelta(hours=1)
    s3.put_object_retention(**which, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    s3.put_object_legal_hold(**which, LegalHold={"Status": "OFF"})
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**which)
    s3.delete_object(**which, BypassGovernanceRetention=True)


# --- events and time --------------------------------------------------------------------------------------


def rule(aws: Aws, pattern: dict[str, Any], function: str, bus: str = "default", **target: Any) -> None:
    """Send matching events of a bus to a function."""
    events, name = aws.client("events"), f"rule-{uuid.uuid4()}"
    events.put_rule(Name=name, EventPattern=json.dumps(pattern), EventBusName=bus)
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "t", "Arn": function, **target}])


def test_stored_object_reaches_a_function(aws: Aws) -> None:
    """A file counts as received when S3 itself says so, through the default bus."""
    bucket, function = aws.bucket(), aws.function("print('got', json.dumps(event['detail']['object']))")
    detail = {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": "briefs/"}]}}
    rule(aws, {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}, function)
    aws.client("s3").put_object(Bucket=bucket, Key="elsewhere/x", Body=b"no")
    version = aws.client("s3").put_object(Bucket=bucket, Key=KEY, Body=CONTENT)["VersionId"]
    assert eventually(lambda: aws.got(function))
    (received,) = aws.got(function)
    assert (received["key"], received["version-id"], received["size"]) == (KEY, version, len(CONTENT))


def test_rule_shapes_its_input(aws: Aws) -> None:
    """The settlement function gets one small command shape, from the workflow and from the bus alike."""
    bus = aws.client("events").create_event_bus(Name=f"bus-{uuid.uuid4()}")["EventBusArn"].rsplit("/", 1)[1]
    function = aws.function("print('got', json.dumps(event))")
    transformer = {
        "InputPathsMap": {"brief": "$.detail.data.brief_id"},
        "InputTemplate": '{"action": "collect", "brief_id": <brief>}',
    }
    rule(aws, {"detail-type": [{"prefix": "brief."}]}, function, bus, InputTransformer=transformer)
    entry = {"Source": "microintern", "EventBusName": bus}
    for kind, brief_id in (("application.received", "a"), ("brief.funding_requested", "b")):
        detail = json.dumps({"data": {"brief_id": brief_id}})
        aws.client("events").put_events(Entries=[entry | {"DetailType": kind, "Detail": detail}])
    assert eventually(lambda: aws.got(function)) == [{"action": "collect", "brief_id": "b"}]


def test_failed_event_is_retried_then_parked(aws: Aws) -> None:
    """Nothing that an event should have caused is lost silently. Ours: the emulator itself tries once."""
    function, client = aws.function("print('got', 1)\nraise ValueError('no')"), aws.client("lambda")
    queue = aws.client("sqs").create_queue(QueueName=f"dead-{uuid.uuid4()}")["QueueUrl"]
    parked = {"OnFailure": {"Destination": queue_arn(queue)}}
    client.put_function_event_invoke_config(FunctionName=function, MaximumRetryAttempts=1, DestinationConfig=parked)
    rule(aws, {"detail-type": ["poison"]}, function)
    aws.client("events").put_events(Entries=[{"Source": "microintern", "DetailType": "poison", "Detail": "{}"}])
    assert eventually(lambda: "Messages" in aws.client("sqs").receive_message(QueueUrl=queue))
    assert aws.got(function) == [1, 1]


def test_one_time_schedule_fires_once_and_goes(aws: Aws) -> None:
    """Deadlines are one-time schedules; a fired one must not be left behind."""
    function, scheduler = aws.function("print('got', json.dumps(event))"), aws.client("scheduler")
    due_at = datetime.now(UTC) + timedelta(seconds=2)
    scheduler.create_schedule(
        Name="deadline",
        ScheduleExpression=f"at({due_at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={
            "Arn": function,
            "RoleArn": aws.role(allow("lambda:InvokeFunction", function)),
            "Input": json.dumps({"version": 3}),
        },
    )
    assert eventually(lambda: aws.got(function), limit_s=6) == [{"version": 3}]
    assert eventually(lambda: scheduler.list_schedules()["Schedules"] == [])


# --- who may do what --------------------------------------------------------------------------------------


def test_a_permission_on_schedules_names_their_group(aws: Aws) -> None:
    """The stream's function may set and drop the deadlines of one group, and no other schedule."""
    actions = ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"]
    own = allow(actions, f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/own/*")
    target = {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue", "RoleArn": aws.role()}
    at = {"ScheduleExpression": "at(2099-01-01T00:00:00)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    for group, refused in (("own", False), ("other", True)):
        aws.client("scheduler").create_schedule_group(Name=group)
        body = f"client, name = boto3.client('scheduler'), dict(Name='x', GroupName='{group}')\n"
        body += f"client.create_schedule(**name, **{at!r})\nreturn client.delete_schedule(**name) and 1"
        function = aws.function(body, own, allow("iam:PassRole", target["RoleArn"]))
        answer = aws.client("lambda").invoke(FunctionName=function)
        assert (b"AccessDenied" in answer["Payload"].read()) is refused


def test_role_without_an_action_is_refused(aws: Aws) -> None:
    """Missing grants show here and not first on AWS."""
    table = aws.table()
    body = f"return boto3.client('dynamodb').delete_item(TableName='{table}', Key={control('x')!r}) and 1"
    for action, refused in (("dynamodb:GetItem", True), ("dynamodb:DeleteItem", False)):
        function = aws.function(body, allow(action, table_arn(table)))
        answer = aws.client("lambda").invoke(FunctionName=function)
        assert ("FunctionError" in answer) is refused
        assert (b"AccessDenied" in answer["Payload"].read()) is refused


class Pool:
    """A user pool with a client, as the identity stack makes it."""

    def __init__(self, aws: Aws, **settings: Any) -> None:
        """Make the pool; settings are those of CreateUserPool."""
        self.idp, self.region = aws.client("cognito-idp"), REGION
        role = {"Name": "role", "AttributeDataType": "String", "Mutable": False}
        pool = self.idp.create_user_pool(PoolName="p", UsernameAttributes=["email"], Schema=[role], **settings)
        self.id = pool["UserPool"]["Id"]
        flows = ["ALLOW_USER_PASSWORD_AUTH"]
        client = self.idp.create_user_pool_client(UserPoolId=self.id, ClientName="c", ExplicitAuthFlows=flows)
        self.client_id = client["UserPoolClient"]["ClientId"]

    def sign_up(self, email: str, role: str = "student") -> None:
        """Register, without confirming."""
        attributes = [{"Name": "email", "Value": email}, {"Name": "custom:role", "Value": role}]
        self.idp.sign_up(ClientId=self.client_id, Username=email, Password=PASSWORD, UserAttributes=attributes)

    def token(self, email: str) -> str:
        """An access token of a confirmed account."""
        answer = self.idp.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
        )
        return str(answer["AuthenticationResult"]["AccessToken"])


def guarded_api(aws: Aws, pool: Pool) -> str:
    """An HTTP API whose only route wants a token of this pool; returns the route's address."""
    api = aws.client("apigatewayv2")
    function = aws.function("return event['requestContext']['authorizer']['jwt']['claims']")
    api_id = api.create_api(Name="a", ProtocolType="HTTP")["ApiId"]
    issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool.id}"
    authorizer = api.create_authorizer(
        ApiId=api_id,
        Name="jwt",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer, "Audience": [pool.client_id]},
    )["AuthorizerId"]
    integration = api.create_integration(
        ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    api.create_route(
        ApiId=api_id,
        RouteKey="GET /me",
        Target=f"integrations/{integration}",
        AuthorizationType="JWT",
        AuthorizerId=authorizer,
    )
    api.create_stage(ApiId=api_id, StageName="$default", AutoDeploy=True)
    return f"{aws.endpoint}/_aws/execute-api/{api_id}/$default/me"


def test_api_takes_tokens_of_its_pool_only(aws: Aws) -> None:
    """The API trusts the authorizer's claims, so nothing else may reach a function."""
    pool, other = Pool(aws), Pool(aws)
    url = guarded_api(aws, pool)
    for one in (pool, other):
        one.sign_up("a@example.com")
        one.idp.admin_confirm_sign_up(UserPoolId=one.id, Username="a@example.com")
    token = pool.token("a@example.com")
    head, claims, signature = token.split(".")
    forged = f"{head}.{claims}.{signature[:-8]}{'A' * 8}"
    statuses = [get_me(url, value).status_code for value in (token, forged, other.token("a@example.com"), "")]
    assert statuses == [200, 401, 401, 401]
    assert get_me(url, token).json()["client_id"] == pool.client_id


def get_me(url: str, token: str) -> httpx.Response:
    """Call the guarded route, with a token unless it is empty."""
    return httpx.get(url, headers={"Authorization": f"Bearer {token}"} if token else {}, timeout=20)


def test_groups_are_in_the_token_and_the_claims(aws: Aws) -> None:
    """Roles are read from the `cognito:groups` claim, as an HTTP API passes it on: one string in brackets."""
    pool = Pool(aws)
    url = guarded_api(aws, pool)
    pool.sign_up("a@example.com")
    pool.idp.admin_confirm_sign_up(UserPoolId=pool.id, Username="a@example.com")
    pool.idp.create_group(UserPoolId=pool.id, GroupName="student")
    pool.idp.admin_add_user_to_group(UserPoolId=pool.id, Username="a@example.com", GroupName="student")
    assert get_me(url, pool.token("a@example.com")).json()["cognito:groups"] == "[student]"


TRIGGER = """
role = event["request"]["userAttributes"].get("custom:role")
print("got", json.dumps(event))
if role == "operator":
    raise ValueError("this role isn't for the taking")
return event
""".strip()


@pytest.fixture(scope="module")
def triggered(aws: Aws) -> tuple[Pool, str]:
    """A pool with one function for all sign-up triggers."""
    function = aws.function(TRIGGER)
    return Pool(aws, LambdaConfig={"PreSignUp": function, "PostConfirmation": function}), function


def test_sign_up_is_refused_by_its_trigger(triggered: tuple[Pool, str]) -> None:
    """Nobody signs up as an operator."""
    with pytest.raises(ClientError, match="isn't for the taking"):
        triggered[0].sign_up("o@example.com", role="operator")


def test_confirmation_reaches_its_trigger(aws: Aws, triggered: tuple[Pool, str]) -> None:
    """The group is assigned after confirmation. Ours: the emulator itself doesn't deliver this trigger."""
    pool, function = triggered
    pool.sign_up("s@example.com")
    pool.idp.confirm_sign_up(ClientId=pool.client_id, Username="s@example.com", ConfirmationCode="123456")
    assert eventually(lambda: "PostConfirmation_ConfirmSignUp" in sources(aws, function))


def test_account_made_by_an_administrator_reaches_its_trigger(aws: Aws, triggered: tuple[Pool, str]) -> None:
    """Accounts of operators pass PreSignUp too. Ours: the emulator itself doesn't deliver this trigger."""
    pool, function = triggered
    pool.idp.admin_create_user(UserPoolId=pool.id, Username="op@example.com", MessageAction="SUPPRESS")
    assert eventually(lambda: "PreSignUp_AdminCreateUser" in sources(aws, function))


def sources(aws: Aws, function: str) -> list[str]:
    """Which triggers a function has been called for."""
    return [event["triggerSource"] for event in aws.got(function)]

"""What the way of money relies on of the local AWS: queues, secrets, tokens, calls from function to function."""

import base64
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.aws import Aws, allow, eventually, table_arn
from tests.conformance.test_emulator import control, queue_arn, stream_access, stream_arn

pytestmark = pytest.mark.local_stack
CONSUMES = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
FIRST_RUN_LIMIT_S = 100


@pytest.fixture(scope="module", autouse=True)
def scheduled(aws: Aws) -> Iterator[str]:
    """A function that is called every minute; made first, as its first call is a minute away."""
    function, events = aws.function("print('got', json.dumps(event['detail-type']))"), aws.client("events")
    events.put_rule(Name="every-minute", ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule="every-minute", Targets=[{"Id": "t", "Arn": function}])
    yield function
    events.remove_targets(Rule="every-minute", Ids=["t"])


# --- queues: the sandbox's messages, and dead letters -----------------------------------------------------


def queue(aws: Aws, **attributes: str) -> str:
    """A queue's address."""
    return str(aws.client("sqs").create_queue(QueueName=f"q-{uuid.uuid4()}", Attributes=attributes)["QueueUrl"])


PICKY = """
failed = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
for r in event["Records"]:
    print("got", json.dumps([r["body"], r["attributes"]["ApproximateReceiveCount"], int(time.time() * 1000)]))
return {"batchItemFailures": [{"itemIdentifier": i} for i in failed]}
""".strip()


def test_a_queue_feeds_a_function_and_takes_back_only_what_failed(aws: Aws) -> None:
    """A webhook that was not taken comes again; after as many tries as said it is kept, not lost."""
    dead = queue(aws)
    again = {"deadLetterTargetArn": queue_arn(dead), "maxReceiveCount": "2"}
    source = queue(aws, VisibilityTimeout="3", RedrivePolicy=json.dumps(again))
    function = aws.function(f"import time\n{PICKY}", allow(CONSUMES, queue_arn(source)))
    aws.client("lambda").create_event_source_mapping(
        FunctionName=function,
        EventSourceArn=queue_arn(source),
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    sqs, sent_ms = aws.client("sqs"), time.time() * 1_000
    for body, delay_s in (("good", 0), ("bad", 0), ("late", 2)):
        sqs.send_message(QueueUrl=source, MessageBody=body, DelaySeconds=delay_s)
    assert eventually(lambda: "Messages" in sqs.receive_message(QueueUrl=dead, VisibilityTimeout=0))
    assert eventually(lambda: "late" in [body for body, *_ in aws.got(function)])
    got = aws.got(function)
    assert sorted((body, tries) for body, tries, _ in got) == [
        ("bad", "1"),
        ("bad", "2"),
        ("good", "1"),
        ("late", "1"),
    ]
    (late_ms,) = (at_ms for body, _, at_ms in got if body == "late")
    assert late_ms - sent_ms >= 2_000
    (kept,) = sqs.receive_message(QueueUrl=dead)["Messages"]
    assert kept["Body"] == "bad"


def test_a_message_can_be_hidden_counted_and_shown_again(aws: Aws) -> None:
    """Dead letters are handled again by hand: nobody else sees one meanwhile, and what failed too often stays seen."""
    source, sqs = queue(aws), aws.client("sqs")
    sqs.send_message(QueueUrl=source, MessageBody="letter")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def counts() -> list[int]:
        found = sqs.get_queue_attributes(QueueUrl=source, AttributeNames=names)["Attributes"]
        return [int(found[name]) for name in names]

    def receive() -> Any:
        asked = {"VisibilityTimeout": 600, "MessageSystemAttributeNames": ["ApproximateReceiveCount"]}
        return sqs.receive_message(QueueUrl=source, **asked).get("Messages")

    assert counts() == [1, 0]
    (first,) = receive()
    assert (counts(), receive()) == ([0, 1], None)
    sqs.change_message_visibility(QueueUrl=source, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=0)
    assert counts() == [1, 0]
    (again,) = receive()
    assert [m["Attributes"]["ApproximateReceiveCount"] for m in (first, again)] == ["1", "2"]
    sqs.delete_message(QueueUrl=source, ReceiptHandle=again["ReceiptHandle"])
    assert counts() == [0, 0]


def test_sending_to_a_queue_is_a_permission(aws: Aws) -> None:
    source = queue(aws)
    body = f"return boto3.client('sqs').send_message(QueueUrl='{source}', MessageBody='x')['MessageId']"
    for statements, refused in (([], True), ([allow("sqs:SendMessage", queue_arn(source))], False)):
        answer = aws.client("lambda").invoke(FunctionName=aws.function(body, *statements))
        assert ("FunctionError" in answer) is refused


POISONED = """
if any(r["dynamodb"]["Keys"]["pk"]["S"] == "poison" for r in event["Records"]):
    raise ValueError("no")
""".strip()


def test_a_letter_of_a_stream_leads_back_to_its_records(aws: Aws) -> None:
    """It says only where they are; a reader needs a permission on that stream. Ours: the emulator wants one on `*`."""
    table, dead = aws.table(stream=True), queue(aws)
    function = aws.function(POISONED, stream_access(table))
    for pk in ("first", "poison", "last"):
        aws.client("dynamodb").put_item(TableName=table, Item=control(pk) | {"kind": {"S": "control"}})
    aws.client("lambda").create_event_source_mapping(
        FunctionName=function,
        EventSourceArn=stream_arn(aws, table),
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": queue_arn(dead)}},
    )
    found = eventually(lambda: aws.client("sqs").receive_message(QueueUrl=dead).get("Messages"))
    batch = json.loads(found[0]["Body"])["DDBStreamBatchInfo"]
    reader = aws.function(
        f"streams, at = boto3.client('dynamodbstreams'), {batch!r}\n"
        "start = streams.get_shard_iterator(StreamArn=at['streamArn'], ShardId=at['shardId'],\n"
        "    ShardIteratorType='AT_SEQUENCE_NUMBER', SequenceNumber=at['startSequenceNumber'])\n"
        "records = streams.get_records(ShardIterator=start['ShardIterator'])['Records']\n"
        "return [[r['dynamodb']['SequenceNumber'], r['dynamodb']['NewImage']['pk']['S']] for r in records]",
        allow(["dynamodb:GetShardIterator", "dynamodb:GetRecords"], batch["streamArn"]),
    )
    records = json.loads(aws.client("lambda").invoke(FunctionName=reader)["Payload"].read())
    assert isinstance(records, list), (records, batch)
    assert records[0] == [batch["startSequenceNumber"], "poison"]
    assert batch["startSequenceNumber"] == batch["endSequenceNumber"]
    assert [pk for _, pk in records] == ["poison", "last"], "what comes after is to be left out by its number"


# --- the last step of the workflow: a function that leaves a token to be answered -------------------------


def settle_machine(aws: Aws, function: str, tries: int = 1) -> str:
    """A workflow whose only step calls a function and waits for its token; it catches whatever fails in the end."""
    step = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": function, "Payload": {"id.$": "$.id", "token.$": "$$.Task.Token"}},
        "ResultPath": None,
        "TimeoutSeconds": 60,
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": tries - 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Caught"}],
        "Next": "Main",
    }
    ends = {name: {"Type": "Pass", "Result": {"at": name}, "End": True} for name in ("Main", "Caught")}
    made = aws.client("stepfunctions").create_state_machine(
        name=f"machine-{uuid.uuid4()}",
        definition=json.dumps({"StartAt": "Settle", "States": {"Settle": step, **ends}}),
        roleArn=aws.role(allow("lambda:InvokeFunction", function)),
    )
    return str(made["stateMachineArn"])


def start(aws: Aws, machine: str, name: str = "") -> str:
    """The ARN of a new execution."""
    name = name or str(uuid.uuid4())
    started = aws.client("stepfunctions").start_execution(stateMachineArn=machine, name=name, input='{"id": "b"}')
    return str(started["executionArn"])


def end_of(aws: Aws, execution: str, limit_s: float = 15) -> Any:
    """How an execution ended."""
    states = aws.client("stepfunctions")
    eventually(lambda: states.describe_execution(executionArn=execution)["status"] != "RUNNING", limit_s)
    ended = states.describe_execution(executionArn=execution)
    return ended["status"], json.loads(ended.get("output", "{}")).get("at")


def test_a_function_that_raises_fails_the_wait_for_its_token(aws: Aws) -> None:
    """So that the settlement is tried again soon. Ours: the emulator itself waits until the step times out."""
    machine = settle_machine(aws, aws.function("raise ValueError('no')"))
    assert end_of(aws, start(aws, machine), limit_s=10) == ("SUCCEEDED", "Caught")


def test_each_try_has_a_token_of_its_own(aws: Aws) -> None:
    """The brief changes by it, so that the stream answers although the money has moved meanwhile. Ours, as above."""
    function = aws.function("print('got', json.dumps(event['token']))\nraise ValueError('not yet')")
    assert end_of(aws, start(aws, settle_machine(aws, function, tries=3))) == ("SUCCEEDED", "Caught")
    assert len(set(aws.got(function))) == 3


def test_a_function_that_returns_leaves_its_token_to_be_answered(aws: Aws) -> None:
    machine = settle_machine(aws, function := aws.function("print('got', json.dumps(event))\nreturn {'outcome': 'x'}"))
    execution, states = start(aws, machine), aws.client("stepfunctions")
    assert eventually(lambda: aws.got(function))
    (payload,) = aws.got(function)
    assert payload.keys() == {"id", "token"}
    time.sleep(0.5)
    assert states.describe_execution(executionArn=execution)["status"] == "RUNNING"
    states.send_task_success(taskToken=payload["token"], output="{}")
    assert end_of(aws, execution) == ("SUCCEEDED", "Main")
    gone = states.exceptions
    for token in (payload["token"], "never-given-out"):
        with pytest.raises((gone.TaskTimedOut, gone.TaskDoesNotExist, gone.InvalidToken)):
            states.send_task_success(taskToken=token, output="{}")


@pytest.mark.parametrize("after", ["", "\nraise ValueError('too late')"])
def test_a_token_may_be_answered_before_its_function_returns(aws: Aws, after: str) -> None:
    """The stream answers as soon as the brief is settled, which the same function does a moment before it returns."""
    body = 'boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output="{}")'
    function = aws.function(body + after, allow("states:SendTaskSuccess", "*"))
    assert end_of(aws, start(aws, settle_machine(aws, function))) == ("SUCCEEDED", "Main")


def test_executions_are_listed_by_how_they_ended(aws: Aws) -> None:
    """The sweeper finds those that died, and starts another under a name of its own."""
    states, machine = aws.client("stepfunctions"), settle_machine(aws, aws.function("return 1"))
    for name in ("runs", "dies"):
        start(aws, machine, name)
    arn = machine.replace(":stateMachine:", ":execution:")
    states.stop_execution(executionArn=f"{arn}:dies")

    def listed(status: str) -> list[str]:
        answer = states.list_executions(stateMachineArn=machine, statusFilter=status, maxResults=100)
        return [execution["name"] for execution in answer["executions"]]

    assert [listed(status) for status in ("RUNNING", "ABORTED", "FAILED", "TIMED_OUT")] == [["runs"], ["dies"], [], []]
    with pytest.raises(states.exceptions.ExecutionDoesNotExist):
        states.describe_execution(executionArn=f"{arn}:dies-2")
    start(aws, machine, "dies-2")
    assert sorted(listed("RUNNING")) == ["dies-2", "runs"]


# --- the provider's keys ----------------------------------------------------------------------------------


def test_a_secrets_attribute_is_the_arn_that_a_permission_names(aws: Aws) -> None:
    """AWS makes the sandbox's key up, in the field that was asked for; only who may reads it."""
    template = {
        "Resources": {
            "Secret": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {
                    "GenerateSecretString": {
                        "SecretStringTemplate": "{}",
                        "GenerateStringKey": "webhook_secret",
                        "PasswordLength": 32,
                    }
                },
            }
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Secret", "Id"]}}},
    }
    stacks, name = aws.client("cloudformation"), f"s-{uuid.uuid4()}"
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))

    def outputs() -> Any:
        return stacks.describe_stacks(StackName=name)["Stacks"][0].get("Outputs")

    arn = str(eventually(outputs)[0]["OutputValue"])
    assert arn.startswith("arn:aws:secretsmanager:")
    body = f"return boto3.client('secretsmanager').get_secret_value(SecretId='{arn}')['SecretString']"
    for resource, refused in ((arn, False), (f"{arn}-other", True)):
        function = aws.function(body, allow("secretsmanager:GetSecretValue", resource))
        answer = aws.client("lambda").invoke(FunctionName=function)
        assert ("FunctionError" in answer) is refused
        if not refused:
            assert len(json.loads(json.loads(answer["Payload"].read()))["webhook_secret"]) == 32


# --- from function to function ----------------------------------------------------------------------------


def test_a_call_is_answered_with_what_failed_or_not_at_all(aws: Aws) -> None:
    """A dead letter goes when its function has handled it; the sweeper's own calls are not waited for."""
    fails, works = aws.function("raise ValueError('no')"), aws.function("print('got', json.dumps(event))\nreturn 1")
    invoke = aws.client("lambda").invoke
    assert "FunctionError" in invoke(FunctionName=fails, Payload=b"{}")
    answer = invoke(FunctionName=works, Payload=b'{"n": 1}')
    assert (answer.get("FunctionError"), json.loads(answer["Payload"].read())) == (None, 1)
    answer = invoke(FunctionName=works, InvocationType="Event", Payload=b'{"n": 2}')
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    assert eventually(lambda: {"n": 2} in aws.got(works))


def test_calling_a_function_is_a_permission_on_that_function(aws: Aws) -> None:
    target = aws.function("return 1")
    aws.client("lambda").remove_permission(FunctionName=target, StatementId="any")
    body = f"return boto3.client('lambda').invoke(FunctionName='{target}', InvocationType='%s')['StatusCode']"
    for kind in ("RequestResponse", "Event"):
        for resource, refused in ((target, False), (f"{target}-other", True)):
            function = aws.function(body % kind, allow("lambda:InvokeFunction", resource))
            answer = aws.client("lambda").invoke(FunctionName=function)
            assert (b"AccessDenied" in answer["Payload"].read()) is refused


def public_route(aws: Aws, function: str) -> str:
    """The address of a route that needs no token."""
    api = aws.client("apigatewayv2")
    api_id = api.create_api(Name="open", ProtocolType="HTTP")["ApiId"]
    integration = api.create_integration(
        ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    target = f"integrations/{integration}"
    api.create_route(ApiId=api_id, RouteKey="POST /hook", Target=target, AuthorizationType="NONE")
    api.create_stage(ApiId=api_id, StageName="$default", AutoDeploy=True)
    return f"{aws.endpoint}/_aws/execute-api/{api_id}/$default/hook"


HOOK = """
print('got', json.dumps([event["body"], event["isBase64Encoded"], event["headers"].get("webhook-signature")]))
return {"statusCode": 202, "body": "{}"}
""".strip()


@pytest.mark.parametrize("media_type", ["application/json", "application/octet-stream"])
def test_a_function_reaches_the_api_with_the_very_bytes_that_it_signed(aws: Aws, media_type: str) -> None:
    """A webhook's signature is over its body as sent, and the sandbox sends from a function."""
    url, sent = public_route(aws, hook := aws.function(HOOK)), '{"a":  "é",\r\n "b": 1}'
    caller = aws.function(
        "import urllib.request\n"
        f"headers = {{'content-type': '{media_type}', 'Webhook-Signature': 'v1,a  b'}}\n"
        f"request = urllib.request.Request('{url}', data={sent!r}.encode(), headers=headers)\n"
        "return urllib.request.urlopen(request, timeout=10).status"
    )
    assert json.loads(aws.client("lambda").invoke(FunctionName=caller)["Payload"].read()) == 202
    ((body, encoded, signature),) = eventually(lambda: aws.got(hook))
    assert signature == "v1,a  b"
    assert (base64.b64decode(body).decode() if encoded else body) == sent
    assert encoded == (media_type != "application/json")


# --- indexes of the ledger and the briefs -----------------------------------------------------------------


@pytest.fixture(scope="module")
def listed(aws: Aws) -> str:
    """A table with a sparse index, and five items of which four are in it."""
    name = f"listed-{uuid.uuid4()}"
    keys = [{"AttributeName": key, "KeyType": kind} for key, kind in (("owner", "HASH"), ("at", "RANGE"))]
    aws.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk", "owner", "at")],
        GlobalSecondaryIndexes=[{"IndexName": "by_owner", "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}],
    )
    for at in ("2027-01-03", "2027-01-01", "2027-01-04", "2027-01-02"):
        item = control(at) | {"owner": {"S": "me"}, "at": {"S": at}}
        aws.client("dynamodb").put_item(TableName=name, Item=item)
    aws.client("dynamodb").put_item(TableName=name, Item=control("unlisted") | {"at": {"S": "2027-01-02"}})
    return name


def query(aws: Aws, table: str, **more: Any) -> Any:
    """What the index lists of one owner."""
    asked: dict[str, Any] = {
        "KeyConditionExpression": "#o = :o",
        "ExpressionAttributeNames": {"#o": "owner", "#at": "at"},
        "ExpressionAttributeValues": {":o": {"S": "me"}},
    }
    if "KeyConditionExpression" not in more:
        asked["ExpressionAttributeNames"] = {"#o": "owner"}
    values = asked["ExpressionAttributeValues"] | more.pop("values", {})
    asked |= {"TableName": table, "IndexName": "by_owner", **more, "ExpressionAttributeValues": values}
    answer = aws.client("dynamodb").query(**asked)
    return [item["pk"]["S"][-2:] for item in answer["Items"]], answer.get("LastEvaluatedKey")


def test_an_index_lists_in_order_in_spans_and_page_by_page(aws: Aws, listed: str) -> None:
    """Statements, holds and what should have moved on are read so."""
    assert query(aws, listed) == (["01", "02", "03", "04"], None)
    assert query(aws, listed, ScanIndexForward=False)[0] == ["04", "03", "02", "01"]
    span = {"KeyConditionExpression": "#o = :o AND #at BETWEEN :a AND :b"}
    values = {":a": {"S": "2027-01-02"}, ":b": {"S": "2027-01-03"}}
    assert query(aws, listed, **span, values=values)[0] == ["02", "03"]
    first, last = query(aws, listed, Limit=2)
    assert set(last) == {"pk", "sk", "owner", "at"}
    assert (first, query(aws, listed, ExclusiveStartKey=last)[0]) == (["01", "02"], ["03", "04"])


def test_what_loses_its_key_leaves_the_index(aws: Aws, listed: str) -> None:
    """A settled brief is no longer among the unsettled."""
    aws.client("dynamodb").update_item(
        TableName=listed,
        Key=control("2027-01-04"),
        UpdateExpression="REMOVE #o",
        ExpressionAttributeNames={"#o": "owner"},
    )
    assert query(aws, listed)[0] == ["01", "02", "03"]


def test_reading_an_index_is_a_permission_of_its_own(aws: Aws, listed: str) -> None:
    asked = {"TableName": listed, "IndexName": "by_owner", "KeyConditionExpression": "#o = :o"}
    values = {"ExpressionAttributeNames": {"#o": "owner"}, "ExpressionAttributeValues": {":o": {"S": "me"}}}
    body = f"return boto3.client('dynamodb').query(**{asked | values!r})['Count']"
    for resource, refused in ((f"{table_arn(listed)}/index/by_owner", False), (table_arn(listed), True)):
        answer = aws.client("lambda").invoke(FunctionName=aws.function(body, allow("dynamodb:Query", resource)))
        assert (b"AccessDenied" in answer["Payload"].read()) is refused


def test_an_empty_key_of_an_index_is_refused(aws: Aws, listed: str) -> None:
    item = control("wrong") | {"owner": {"S": ""}, "at": {"S": "2027"}}
    with pytest.raises(ClientError, match="ValidationException"):
        aws.client("dynamodb").put_item(TableName=listed, Item=item)


# --- time -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_rule_on_a_schedule_calls_its_function(aws: Aws, scheduled: str) -> None:
    """The sweeper and the reconciliation run without being called. Last, as the first run is a minute away."""
    assert eventually(lambda: aws.got(scheduled), FIRST_RUN_LIMIT_S)[:1] == ["Scheduled Event"]

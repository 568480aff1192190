"""What we rely on of the local AWS for e-mails: who may send as whom, what was sent can be seen, what comes back."""

import json

import httpx
import pytest

from infra.local.process import ACCOUNT, REGION
from tests.conformance.aws import Aws, allow, eventually, numbers

pytestmark = pytest.mark.local_stack

SENDING = """ses = boto3.client("sesv2")
try:
    to = {"ToAddresses": ["a@example.org"]}
    ses.send_email(FromEmailAddress=event["sender"], Destination=to, Content=event["content"])
    print("got " + json.dumps("sent"), flush=True)
except Exception as error:
    print("got " + json.dumps(type(error).__name__), flush=True)"""
CONTENT = {
    "Simple": {
        "Subject": {"Data": "A subject"},
        "Body": {"Text": {"Data": "Plain."}, "Html": {"Data": "<p>Rich.</p>"}},
        "Headers": [{"Name": "List-Unsubscribe", "Value": "<https://api.example.com/u/x>"}],
    }
}


def identity(address: str) -> str:
    return f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{address}"


def test_a_function_sends_only_as_whom_it_may_and_what_was_sent_can_be_seen(aws: Aws) -> None:
    allowed, other = (f"{name}-{next(numbers)}@example.com" for name in ("notices", "others"))
    for address in (allowed, other):
        aws.client("sesv2").create_email_identity(EmailIdentity=address)
    function = aws.function(SENDING, allow("ses:SendEmail", identity(allowed)), allow("logs:*", "*"))
    for sender in (f"Microintern <{allowed}>", other):
        event = json.dumps({"sender": sender, "content": CONTENT})
        aws.client("lambda").invoke(FunctionName=function, Payload=event.encode())
    got = eventually(lambda: aws.got(function) if len(aws.got(function)) == 2 else [])
    assert got[0] == "sent"
    assert got[1] != "sent"
    shown = httpx.get(f"{aws.endpoint}/_ministack/ses/messages").json()["messages"][ACCOUNT]
    (message,) = (each for each in shown if allowed in each["Source"])
    assert (message["Subject"], message["BodyText"], message["BodyHtml"]) == ("A subject", "Plain.", "<p>Rich.</p>")


def test_a_target_is_told_what_its_rule_takes_of_an_event_and_nothing_else(aws: Aws) -> None:
    function = aws.function('print("got " + json.dumps(event), flush=True)', allow("logs:*", "*"))
    events, name = aws.client("events"), f"rule-{next(numbers)}"
    pattern = {
        "source": ["test.ses"],
        "detail": {
            "mail": {"tags": {"ses:configuration-set": ["ours"]}},
            "$or": [{"eventType": ["Complaint"]}, {"bounce": {"bounceType": ["Permanent"]}}],
        },
    }
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    paths = {"what": "$.detail-type", "account": "$.detail.mail.tags.account"}
    told = {"InputPathsMap": paths, "InputTemplate": '{"what":<what>,"account":<account>}'}
    events.put_targets(Rule=name, Targets=[{"Id": "one", "Arn": function, "InputTransformer": told}])
    mail = {"tags": {"ses:configuration-set": ["ours"], "account": ["account-0001"]}, "destination": ["a@example.org"]}
    for detail in (
        {"eventType": "Bounce", "bounce": {"bounceType": "Transient"}, "mail": mail},
        {"eventType": "Bounce", "bounce": {"bounceType": "Permanent"}, "mail": {**mail, "tags": {}}},
        {"eventType": "Bounce", "bounce": {"bounceType": "Permanent"}, "mail": mail},
        {"eventType": "Complaint", "complaint": {}, "mail": mail},
    ):
        entry = {"Source": "test.ses", "DetailType": detail["eventType"], "Detail": json.dumps(detail)}
        events.put_events(Entries=[entry])
    got = eventually(lambda: aws.got(function) if len(aws.got(function)) >= 2 else [])
    assert sorted(each["what"] for each in got) == ["Bounce", "Complaint"]
    assert all(each == {"what": each["what"], "account": ["account-0001"]} for each in got)

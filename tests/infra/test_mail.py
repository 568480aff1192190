"""E-mails: only where a sender is given, only as that sender, and what comes back tells no address."""

import json
import re

import pytest

from infra.config import stage_from
from tests.infra.deployment import Deployment, synthesized


def test_without_a_sender_nothing_of_it_is_deployed_and_links_open_nothing() -> None:
    dev = synthesized("dev")
    assert not dev.mails
    assert "AWS::SES" not in json.dumps(dev.templates)
    assert dev.functions()["unsubscribe"]["Environment"]["Variables"]["MAIL_SECRET_ARN"] == ""


def test_a_sender_is_an_address_with_or_without_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    for sender in ("notices@example.com", "Microintern <notices@example.com>"):
        assert stage_from({"email_from": sender}.get).email_from == sender
    for wrong in ("notices", "notices@example", "<notices@example.com", "a b@example.com", "X <a@b.example> c"):
        with pytest.raises(SystemExit, match="is no sender: give an address"):
            stage_from({"email_from": wrong}.get)


def test_nobody_is_sent_as_but_the_sender(prod: Deployment) -> None:
    statements = prod.statements_of(prod.functions()["send_mail"]["Role"])
    (sends,) = (s for s in statements if s["Action"] == "ses:SendEmail")
    named = sorted(re.findall(r":((?:identity|configuration-set)/[^\"]*)", json.dumps(sends["Resource"])))
    assert named == ["configuration-set/", "identity/example.com", "identity/notices@example.com"]


def test_what_comes_back_is_told_by_tags_only_and_passing_bounces_not_at_all(prod: Deployment) -> None:
    rules = prod.properties("AWS::Events::Rule")
    (rule,) = (rule for name, rule in rules.items() if name.startswith("Mail/") and "EventPattern" in rule)
    assert rule["EventPattern"]["source"] == ["aws.ses"]
    assert rule["EventPattern"]["detail"]["$or"] == [
        {"eventType": ["Complaint"]},
        {"bounce": {"bounceType": ["Permanent"]}},
    ]
    (target,) = rule["Targets"]
    paths = sorted(target["InputTransformer"]["InputPathsMap"].values())
    assert paths == ["$.detail-type", "$.detail.mail.tags.account", "$.detail.mail.tags.address"]


def test_bounces_and_complaints_of_the_configuration_set_become_events(prod: Deployment) -> None:
    (destination,) = prod.properties("AWS::SES::ConfigurationSetEventDestination").values()
    assert destination["EventDestination"]["MatchingEventTypes"] == ["bounce", "complaint"]
    (made,) = prod.properties("AWS::SES::ConfigurationSet").values()
    assert made["SuppressionOptions"] == {"SuppressedReasons": []}, "holds are kept here, where people see them"
    assert prod.properties("AWS::SES::EmailIdentity") == {}, "whose domain it is, its owner shows to SES"

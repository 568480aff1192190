"""Somebody is told when it hurts, and can look."""

import json
import re

from infra.bundling import ROOT
from tests.infra.deployment import Deployment, Json

OUTPUTS = {
    *("ApiUrl", "ApiId", "AuthUrl", "UserPoolId", "UserPoolClientId", "EventBus", "StateMachineArn"),
    *(
        "BriefTable",
        "AccountTable",
        "LedgerTable",
        "AuditTable",
        "TrailTable",
        "RecordTable",
        "FilesBucket",
        "SearchTable",
    ),
}


def alarms(deployment: Deployment) -> dict[tuple[str, str], Json]:
    """By metric, and the function or queue that it is about."""
    found = {}
    for alarm in deployment.properties("AWS::CloudWatch::Alarm").values():
        about = json.dumps(sorted(alarm.get("Dimensions", []), key=str))
        found[alarm["MetricName"], about] = alarm
    return found


def test_the_readme_says_how_many_alarms_are_paid_for(deployment: Deployment) -> None:
    if deployment.stage == "dev":
        said = re.search(r"`dev` has at most (\d+), and one", (ROOT / "README.md").read_text(encoding="utf-8"))
        assert said
        assert len(alarms(deployment)) in (int(said[1]), int(said[1]) - 1), "Stripe has no sandbox to watch"


def test_there_is_an_alarm_on_everything_that_hurts(deployment: Deployment) -> None:
    metrics = [metric for metric, _ in alarms(deployment)]
    assert sorted(set(metrics)) == [
        *("5xx", "ApproximateNumberOfMessagesVisible", "Errors", "ExecutionsFailed", "ExecutionsTimedOut"),
        *("IteratorAge", "MoneyDiffers", "OldestUnsettled", "PayoutLate", "PersonNeeded", "Throttles"),
        *("TrailBroken", "WebhookRefused"),
    ]
    assert metrics.count("Errors") == metrics.count("Throttles") == 6


def test_every_dead_letter_queue_is_watched(deployment: Deployment) -> None:
    watched = [about for metric, about in alarms(deployment) if metric == "ApproximateNumberOfMessagesVisible"]
    found = deployment.properties("AWS::SQS::Queue").items()
    queues = [name.split("/")[1] for name, queue in found if "RedrivePolicy" not in queue]
    assert len(watched) == len(queues)
    assert all(any(queue in about for about in watched) for queue in queues)


WATCHED = {
    "PersonNeeded": ("settlement", "Sum", 0, 1),
    "PayoutLate": ("settlement", "Sum", 0, 3),
    "MoneyDiffers": ("reconcile", "Sum", 0, 1),
    "OldestUnsettled": ("sweep", "Maximum", 3_600, 1),
    "TrailBroken": ("check_trails", "Sum", 0, 1),
    "WebhookRefused": ("payments_webhook", "Sum", 10, 1),
}
"""Metrics of our own: the function that emits it, how it is added up, what is too much, and how often it must be."""


def test_our_own_metrics_are_watched_under_the_name_of_the_function_that_emits_them(deployment: Deployment) -> None:
    found = {
        metric: (alarm["Dimensions"][0]["Value"], alarm["Statistic"], alarm["Threshold"], alarm["DatapointsToAlarm"])
        for (metric, _), alarm in alarms(deployment).items()
        if alarm["Namespace"] == "Microintern"
    }
    assert found == WATCHED
    for metric, (folder, *_) in WATCHED.items():
        assert metric in (ROOT / "functions" / folder / "handler.py").read_text(encoding="utf-8")


def test_late_payouts_are_counted_where_settlement_emits_them(deployment: Deployment) -> None:
    (alarm,) = (alarm for (metric, _), alarm in alarms(deployment).items() if metric == "PayoutLate")
    assert alarm["Namespace"] == "Microintern"
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "settlement"}]
    assert alarm["DatapointsToAlarm"] > 1  # one failed attempt is nobody's night's sleep


def test_every_alarm_tells_the_topic_and_takes_silence_for_health(deployment: Deployment) -> None:
    for alarm in deployment.properties("AWS::CloudWatch::Alarm").values():
        assert len(alarm["AlarmActions"]) == 1
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["AlarmDescription"]


def test_the_dashboard_shows_the_life_of_briefs(deployment: Deployment) -> None:
    (dashboard,) = deployment.properties("AWS::CloudWatch::Dashboard").values()
    body = str(dashboard["DashboardBody"])
    money = ("PayoutLate", "PayoutHeld", "MoneyDiffers", "WebhookRefused", "OldestUnsettled")
    for shown in ("BriefTransition", "ExecutionsStarted", "Latency", "5xx", *money):
        assert shown in body


def test_the_outputs_are_those_that_tools_read(deployment: Deployment) -> None:
    outputs = [name for template in deployment.templates.values() for name in template.get("Outputs", {})]
    own = [name for name in outputs if not name.startswith("ExportsOutput")]
    folders = {"Function" + folder.title().replace("_", "") for folder in deployment.functions()}
    sandbox = {"SandboxTable"} if deployment.payments == "sandbox" else set()
    console = {"ConsoleUrl", "ConsoleBucket", "ConsoleDistribution"}
    edge = {"EdgeUrl", *console} if deployment.stage != "local" else set()
    mail = {"MailSecretArn"} if deployment.mails else set()
    assert sorted(own) == sorted(OUTPUTS | sandbox | edge | mail | folders)

"""Each function gets what it needs, and what it fails on is kept."""

import ast
import json

from infra.bundling import ROOT
from infra.config import SHORT_WINDOWS, stage_from
from microintern import settings
from microintern.domain.policy import Policy
from tests.infra.deployment import Deployment, listed, target_of

FOLDERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
OF_POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}


def test_every_folder_is_deployed(deployment: Deployment) -> None:
    assert sorted(deployment.functions()) == FOLDERS


def test_every_handler_exists() -> None:
    for folder in FOLDERS:
        module = ast.parse((ROOT / "functions" / folder / "handler.py").read_text())
        assert "handler" in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}, folder


def test_the_environment_is_the_settings_class(deployment: Deployment) -> None:
    for folder, function in deployment.functions().items():
        fields = getattr(settings, f"{folder.title().replace('_', '')}Settings").model_fields
        assert function["Environment"]["Variables"].keys() == {n.upper() for n in fields} | OF_POWERTOOLS, folder


def test_the_policy_is_one_that_the_domain_reads(deployment: Deployment) -> None:
    for function in deployment.functions().values():
        if policy := function["Environment"]["Variables"].get("POLICY"):
            assert Policy.model_validate(json.loads(policy)) == Policy()


def test_short_windows_are_for_the_laptop_only() -> None:
    short = {"stage": "local", "windows": "short"}
    assert stage_from(short.get).policy == SHORT_WINDOWS


def test_every_function_shares_the_same_defaults(deployment: Deployment) -> None:
    for folder, function in deployment.functions().items():
        assert function["Runtime"] == "python3.13", folder
        assert function["Architectures"] == ["arm64"], folder
        assert function["Handler"] == "handler.handler", folder
        assert function["LoggingConfig"]["LogFormat"] == "JSON", folder
        assert function["TracingConfig"] == {"Mode": "Active"}, folder
        assert 1 <= function["Timeout"] <= 60, folder


def test_every_log_group_forgets(deployment: Deployment) -> None:
    groups = deployment.properties("AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] >= 1 for group in groups.values())
    used = [target_of(f["LoggingConfig"]["LogGroup"]) for f in deployment.functions().values()]
    assert len(set(used)) == len(FOLDERS)
    assert set(used) <= {name.split("/")[1] for name in groups}


def test_layers_belong_to_the_stack_that_uses_them(deployment: Deployment) -> None:
    for name, function in deployment.properties("AWS::Lambda::Function").items():
        stack = name.split("/")[0]
        layers = {target_of(layer) for layer in function["Layers"]}
        assert len(layers) == 2
        assert layers <= deployment.templates[stack]["Resources"].keys()


def test_whatever_is_called_asynchronously_keeps_its_failures(deployment: Deployment) -> None:
    rules = deployment.properties("AWS::Events::Rule")
    targets = [(name.split("/")[0], target) for name, rule in rules.items() for target in rule["Targets"]]
    by_rule = {deployment.service_of(target["Arn"], stack) for stack, target in targets}
    configs = deployment.properties("AWS::Lambda::EventInvokeConfig")
    kept = {
        deployment.service_of(config["FunctionName"], name.split("/")[0])
        for name, config in configs.items()
        if config["DestinationConfig"]["OnFailure"]["Destination"]
    }
    assert by_rule == {"settlement", "file_received", "notify"}
    assert kept == by_rule | {"lapse"}
    assert all(target["DeadLetterConfig"] for _, target in targets)


def test_the_stream_is_read_in_order_with_an_end_to_retries(deployment: Deployment) -> None:
    (mapping,) = deployment.properties("AWS::Lambda::EventSourceMapping").values()
    assert deployment.service_of(mapping["FunctionName"], "Lifecycle") == "brief_stream"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"]
    assert 0 < mapping["MaximumRetryAttempts"] <= 100
    assert 60 <= mapping["MaximumRecordAgeInSeconds"] <= 86_400
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"]
    (only,) = mapping["FilterCriteria"]["Filters"]
    kinds = {"dynamodb": {"NewImage": {"kind": {"S": ["control", "application"]}}}}
    assert json.loads(only["Pattern"]) == kinds


def test_dead_letters_are_kept_for_14_days_and_sent_over_tls(deployment: Deployment) -> None:
    queues = deployment.properties("AWS::SQS::Queue")
    assert len(queues) == 5
    policies = deployment.properties("AWS::SQS::QueuePolicy").values()
    secured = {target_of(queue) for policy in policies if _refuses_plain_http(policy) for queue in policy["Queues"]}
    for name, queue in queues.items():
        assert queue["MessageRetentionPeriod"] == 14 * 86_400
        assert queue["SqsManagedSseEnabled"]
        assert name.split("/")[1] in secured


def _refuses_plain_http(policy: dict[str, object]) -> bool:
    document = policy["PolicyDocument"]
    assert isinstance(document, dict)
    return any(
        statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in listed(document["Statement"])
    )

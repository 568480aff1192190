"""Each function gets what it needs, and what it fails on is kept."""

import ast
import json

import pytest
from pydantic import TypeAdapter, ValidationError

from infra.bundling import ROOT
from infra.config import SHORT_WINDOWS, stage_from
from microintern import settings
from microintern.adapters.payments.stripe import StripeKeys
from microintern.adapters.receivers import TIME_LIMIT_S
from microintern.domain.policy import Policy
from tests.infra.deployment import Deployment, Json, listed, target_of

FOLDERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
OF_POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}


OF_API = 29
"""Seconds after which API Gateway gives up."""
SCHEDULED = {
    "sweep": "rate(5 minutes)",
    "tidy": "rate(1 day)",
    "reconcile": "rate(1 day)",
    "check_trails": "rate(1 day)",
    "erase": "rate(5 minutes)",
    "remind": "rate(15 minutes)",
}
ASK_PROVIDER = {"settlement", "payout_account_api", "reconcile", "payments_webhook"}
CALLED_AGAIN = (
    "settlement",
    "lapse",
    "brief_stream",
    "account_stream",
    "file_received",
    "preview",
    "webhook_dispatch",
    "scan_result",
    "notify",
    "records",
    "issue_credential",
    "credential_stream",
    "portfolio_stream",
    "index_briefs",
    "match_searches",
    "keep_experience",
    "keep_candidates",
    "draw_agreement",
)
OF_MAIL = ("send_mail", "mail_returns")
"""Functions that there are where a sender is given."""
CREDIT_PEOPLE = {"issue_credential", "credentials_api", "credits_api", "public_credentials", "status_lists"}
OF_STAGE = {"local": ["scan"], "prod": ["keep_files"]}
"""Functions of one stage only: the laptop's scanner, and the locks of files."""
LONGEST_S = {
    "scan": 300,
    "scan_result": 300,
    "file_received": 900,
    "tidy": 900,
    "match_searches": 300,
    "send_mail": 300,
}
"""What looks through files of any size, or tells any number of people, may take its time."""


def own_of(deployment: Deployment) -> list[str]:
    """The functions of this deployment that other stages lack and whose failures are kept."""
    return [*OF_STAGE.get(deployment.stage, []), *(OF_MAIL if deployment.mails else ())]


def test_every_folder_is_deployed(deployment: Deployment) -> None:
    absent = ["sandbox_delivery"] if deployment.payments == "stripe" else []
    absent += ["scan"] if deployment.stage != "local" else []
    absent += ["keep_files"] if deployment.stage != "prod" else []
    absent += [] if deployment.mails else OF_MAIL
    assert sorted([*deployment.functions(), *absent]) == FOLDERS


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
            read = Policy.model_validate(json.loads(policy))
            assert read == stage_from({"stage": deployment.stage}.get).policy
            assert deployment.stage == "local" or read == Policy()


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
        longest_s = (
            LONGEST_S.get(folder, 300)
            if folder in SCHEDULED
            else OF_API
            if folder.endswith("_api")
            else LONGEST_S.get(folder, 60)
        )
        assert 1 <= function["Timeout"] <= longest_s, folder


def test_every_log_group_forgets(deployment: Deployment) -> None:
    groups = deployment.properties("AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] >= 1 for group in groups.values())
    used = [target_of(f["LoggingConfig"]["LogGroup"]) for f in deployment.functions().values()]
    assert len(set(used)) == len(deployment.functions())
    assert set(used) <= {name.split("/")[1] for name in groups}


def test_layers_belong_to_the_stack_that_uses_them(deployment: Deployment) -> None:
    for name, function in deployment.properties("AWS::Lambda::Function").items():
        stack = name.split("/")[0]
        layers = {target_of(layer) for layer in function["Layers"]}
        assert layers <= deployment.templates[stack]["Resources"].keys()
        folder = function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        stripes = {layer for layer in layers if layer.startswith("Stripe")}
        engines = {layer for layer in layers if layer.startswith("Yara")}
        decoders = {layer for layer in layers if layer.startswith("Previews")}
        of_credentials = {layer for layer in layers if layer.startswith("Credentials")}
        fonts = {layer for layer in layers if layer.startswith("Printing")}
        assert len(layers - stripes - engines - decoders - of_credentials - fonts) == 2
        assert len(fonts) == (folder in ("draw_agreement", "resume_api")), folder
        assert len(of_credentials) == (folder in CREDIT_PEOPLE), folder
        assert len(decoders) == (folder == "preview"), folder
        assert len(engines) == (folder == "scan"), folder
        assert len(stripes) == (deployment.payments == "stripe" and folder in ASK_PROVIDER), folder


def test_the_provider_is_chosen_in_one_place(deployment: Deployment) -> None:
    for folder, function in deployment.functions().items():
        variables = function["Environment"]["Variables"]
        if "PAYMENTS" in variables:
            assert variables["PAYMENTS"] == deployment.payments, folder
            assert "PaymentsSecret" in str(variables["PAYMENT_SECRET_ARN"]), folder
        if "SANDBOX_TABLE" in variables:
            assert bool(variables["SANDBOX_TABLE"]) == (deployment.payments == "sandbox"), folder


def test_the_secret_has_the_fields_that_are_read_of_it(deployment: Deployment) -> None:
    secrets = deployment.properties("AWS::SecretsManager::Secret")
    (secret,) = (properties for name, properties in secrets.items() if "PaymentsSecret" in name)
    made = secret["GenerateSecretString"]
    fields = set(json.loads(made["SecretStringTemplate"]))
    if deployment.payments == "sandbox":
        assert (made["GenerateStringKey"], fields) == ("webhook_secret", set())
        return
    required = {name for name, field in StripeKeys.model_fields.items() if field.is_required()}
    assert required <= fields <= StripeKeys.model_fields.keys()
    with pytest.raises(ValidationError):  # until somebody has filled it in, nothing is asked of Stripe
        StripeKeys.model_validate_json(made["SecretStringTemplate"])


def test_messages_are_for_one_stage_only(deployment: Deployment) -> None:
    accounts = {
        function["Environment"]["Variables"]["PAYMENT_ACCOUNT"]
        for function in deployment.functions().values()
        if "PAYMENT_ACCOUNT" in function["Environment"]["Variables"]
    }
    assert accounts == {f"microintern-{deployment.stage}"}


def test_webhooks_are_delivered_to_the_api(deployment: Deployment) -> None:
    if deployment.payments == "stripe":
        return
    address = deployment.functions()["sandbox_delivery"]["Environment"]["Variables"]["WEBHOOK_URL"]["Fn::Join"][1]
    assert address[0] == "https://"
    assert ("HttpApi" if deployment.stage == "local" else "Distribution") in str(address[1])
    assert address[-1].endswith("/webhooks/payments")


def fed_by_queues(deployment: Deployment) -> dict[str, str]:
    """The functions that a queue feeds, each with what its queues are called by."""
    sandbox = {"sandbox_delivery": "Sandbox"} if deployment.payments == "sandbox" else {}
    return {"webhook_delivery": "Webhooks", **sandbox}


@pytest.mark.parametrize("folder", ["operations_api", "sweep"])
def test_every_dead_letter_queue_can_be_emptied(deployment: Deployment, folder: str) -> None:
    setting = deployment.functions()[folder]["Environment"]["Variables"]["DEAD_LETTERS"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else next(iter(part.values())) for part in setting)
    queues = TypeAdapter(settings.DeadLetterQueues).validate_json(text)
    fed = fed_by_queues(deployment)
    assert sorted(queues) == sorted([*CALLED_AGAIN, *fed, *own_of(deployment)])
    for name, queue in queues.items():
        if name in fed:
            assert f"{fed[name]}Undelivered" in queue.queue_url
            assert f"{fed[name]}Queue" in queue.source_queue_url
        else:
            camel = name.title().replace("_", "")
            assert f"{camel}DeadLetters" in queue.queue_url
            assert f"{camel}Function" in queue.function
    assert len(queues) == len(
        [q for q in deployment.properties("AWS::SQS::Queue").values() if "RedrivePolicy" not in q]
    )


HEARS = {"settlement", "file_received", "preview", "scan_result", "notify", "webhook_dispatch"}
HEARS |= {"records", "issue_credential", "keep_candidates", "index_briefs", "match_searches", "keep_experience"}
HEARS |= {"draw_agreement"}
"""The functions that are called with events."""


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
    assert by_rule == {*HEARS, *SCHEDULED, *own_of(deployment)}
    assert kept == by_rule - {*SCHEDULED, "send_mail"} | {"lapse"}
    targeted = [target for name, rule in rules.items() for target in rule["Targets"] if "EventPattern" in rule]
    assert all(target["DeadLetterConfig"] for target in targeted)


def test_upkeep_is_done_on_a_schedule_and_what_it_misses_the_next_run_finds(deployment: Deployment) -> None:
    schedules = {
        deployment.service_of(rule["Targets"][0]["Arn"], name.split("/")[0]): rule["ScheduleExpression"]
        for name, rule in deployment.properties("AWS::Events::Rule").items()
        if "ScheduleExpression" in rule
    }
    local = deployment.stage == "local"
    sooner = dict.fromkeys(("sweep", "erase"), "rate(1 minute)") | {"remind": "rate(3 minutes)"} if local else {}
    digests = {"send_mail": "rate(1 minute)" if local else "rate(5 minutes)"} if deployment.mails else {}
    assert schedules == SCHEDULED | sooner | digests | {"records": "rate(1 hour)"}


def test_settlement_hears_what_it_must(deployment: Deployment) -> None:
    (pattern,) = (
        rule["EventPattern"]
        for name, rule in deployment.properties("AWS::Events::Rule").items()
        if name.startswith("Payments/")
    )
    heard = ["brief.funding_requested", "payment.updated", "payee.updated"]
    assert pattern == {"source": ["microintern"], "detail-type": heard}


def mapping_of(deployment: Deployment, folder: str) -> Json:
    """The mapping by which a function is fed."""
    (mapping,) = (
        mapping
        for name, mapping in deployment.properties("AWS::Lambda::EventSourceMapping").items()
        if deployment.service_of(mapping["FunctionName"], name.split("/")[0]) == folder
    )
    return mapping


def test_messages_come_again_until_they_are_taken(deployment: Deployment) -> None:
    fed = fed_by_queues(deployment)
    assert len(deployment.properties("AWS::Lambda::EventSourceMapping")) == 4 + deployment.mails + len(fed), (
        "of streams, and of queues"
    )
    for folder, name in fed.items():
        mapping = mapping_of(deployment, folder)
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        queues = deployment.properties("AWS::SQS::Queue").items()
        (queue,) = (q for at, q in queues if "RedrivePolicy" in q and f"{name}Queue" in at)
        delivery = deployment.functions()[folder]
        assert queue["VisibilityTimeout"] > delivery["Timeout"], "AWS refuses the mapping otherwise"
        assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5, "AWS asks for this many at least"
        assert "Undelivered" in str(queue["RedrivePolicy"]["deadLetterTargetArn"])


def test_webhooks_are_delivered_one_by_one_and_within_a_bound(deployment: Deployment) -> None:
    mapping = mapping_of(deployment, "webhook_delivery")
    assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (1, {"MaximumConcurrency": 10})
    assert deployment.functions()["webhook_delivery"]["Timeout"] >= 2 * TIME_LIMIT_S
    for folder in ("webhooks_api", "webhook_delivery"):
        variables = deployment.functions()[folder]["Environment"]["Variables"]
        assert variables["WEBHOOKS_TO_LOOPBACK"] == ("true" if deployment.stage == "local" else "false")


PATTERNS = {
    "brief_stream": [
        {"kind": {"S": ["control", "application", "feedback", "message", "mentor", "amendments", "check_ins"]}},
        {"kind": {"S": ["file"]}, "scan": {"S": ["infected", "error"]}},
        {"kind": {"S": ["file"]}, "status": {"S": ["expected", "refused"]}},
    ],
    "account_stream": [{"kind": {"S": ["tracked"]}}],
    "credential_stream": [{"kind": {"S": ["tracked"]}}],
    "send_mail": [{"kind": {"S": ["notice"]}}],
    "portfolio_stream": [{"kind": {"S": ["tracked"]}}],
}
STACK_OF = {"credential_stream": "Credentials", "portfolio_stream": "Credentials", "send_mail": "Mail"}


@pytest.mark.parametrize("folder", PATTERNS)
def test_a_stream_is_read_in_order_with_an_end_to_retries(deployment: Deployment, folder: str) -> None:
    if folder == "send_mail" and not deployment.mails:
        return
    mapping = mapping_of(deployment, folder)
    assert deployment.service_of(mapping["FunctionName"], STACK_OF.get(folder, "Lifecycle")) == folder
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"]
    assert 0 < mapping["MaximumRetryAttempts"] <= 100
    assert 60 <= mapping["MaximumRecordAgeInSeconds"] <= 86_400
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"]
    patterns = [json.loads(only["Pattern"])["dynamodb"]["NewImage"] for only in mapping["FilterCriteria"]["Filters"]]
    assert patterns == PATTERNS[folder]


def test_dead_letters_are_kept_for_14_days_and_sent_over_tls(deployment: Deployment) -> None:
    queues = deployment.properties("AWS::SQS::Queue")
    of_fed, of_stage = 2 * len(fed_by_queues(deployment)), len(own_of(deployment))
    assert len(queues) == len(CALLED_AGAIN) + of_fed + of_stage
    policies = deployment.properties("AWS::SQS::QueuePolicy").values()
    secured = {target_of(queue) for policy in policies if _refuses_plain_http(policy) for queue in policy["Queues"]}
    for name, queue in queues.items():
        assert ("RedrivePolicy" in queue) != (queue.get("MessageRetentionPeriod") == 14 * 86_400), name
        assert queue["SqsManagedSseEnabled"]
        assert (name.split("/")[1] in secured) == (deployment.stage != "local"), "the local AWS speaks plain HTTP"


def _refuses_plain_http(policy: dict[str, object]) -> bool:
    document = policy["PolicyDocument"]
    assert isinstance(document, dict)
    return any(
        statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in listed(document["Statement"])
    )

"""Who may do what. The local AWS enforces functions' roles; what only AWS enforces is pinned down here."""

import json
import re
from typing import Any

from microintern.domain.cohorts import Cohort
from tests.infra.deployment import Deployment, Json, listed, target_of
from tests.infra.test_api import OPERATIONS

UNNAMEABLE = {
    "xray:PutTraceSegments": "traces have no resource",
    "xray:PutTelemetryRecords": "traces have no resource",
    "logs:CreateLogDelivery": "log deliveries have no resource",
    "logs:GetLogDelivery": "log deliveries have no resource",
    "logs:UpdateLogDelivery": "log deliveries have no resource",
    "logs:DeleteLogDelivery": "log deliveries have no resource",
    "logs:ListLogDeliveries": "log deliveries have no resource",
    "logs:PutResourcePolicy": "the account's log policies have no resource",
    "logs:DescribeResourcePolicies": "the account's log policies have no resource",
    "logs:DescribeLogGroups": "lists all groups or none",
    "guardduty:SendObjectMalwareScan": "IAM knows no resource for it",
}
"""The actions that IAM can't narrow to a resource."""

MANY = {
    "FilesApi": "a key per file, under briefs/",
    "FileReceived": "a key per file, under briefs/",
    "Tidy": "a key per file, under briefs/ and quarantine/",
    "KeepFiles": "a key per file, under briefs/",
    "ScanResult": "a key per file, under briefs/ and quarantine/",
    "AgreementsApi": "a key per paper, under agreements/",
    "DrawAgreement": "a key per paper, under agreements/",
    "Preview": "a key per file, under briefs/, and one per preview, under previews/",
    "Scan": "a key per file, under briefs/",
    "MalwareScan": "GuardDuty reads every file, and makes rules that it names itself",
    "BriefStream": "a schedule per deadline, in one group",
    "Sweep": "an execution per brief, of one machine",
    "PortfolioFiles": "a key per file, under briefs/",
    "Erase": "a key per file, under briefs/, previews/ and quarantine/",
}
"""The functions with a wildcard after the resource that they are limited to."""


GUARDDUTYS_RULES = ":rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*"


def parts(resource: Any) -> list[Any]:
    return resource["Fn::Join"][1] if isinstance(resource, dict) and "Fn::Join" in resource else [resource]


def test_every_resource_is_named_where_iam_can_name_it(deployment: Deployment) -> None:
    for name, statement in deployment.statements():
        if "*" in listed(statement["Resource"]):
            assert set(listed(statement["Action"])) <= UNNAMEABLE.keys(), name


def test_every_exception_is_still_needed(deployment: Deployment) -> None:
    used = {
        action
        for _, statement in deployment.statements()
        if "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    local = {"guardduty:SendObjectMalwareScan"} if deployment.stage == "local" else set()
    assert used == UNNAMEABLE.keys() - local


def test_wildcards_follow_a_resource_and_only_where_there_are_many(deployment: Deployment) -> None:
    found = set()
    for name, statement in deployment.statements():
        for resource in listed(statement["Resource"]):
            *before, last = parts(resource)
            if resource != "*" and isinstance(last, str) and "*" in last:
                assert before
                of_files = ("/briefs/*", "/previews/*", "/quarantine/*", "/agreements/*")
                assert last in (*of_files, "/*", ":*") or last.endswith(GUARDDUTYS_RULES), (name, resource)
                found.add(name.split("/")[1].split("Role")[0])
    assert (
        found
        == MANY.keys()
        - {"local": {"MalwareScan", "KeepFiles"}, "dev": {"Scan", "KeepFiles"}, "prod": {"Scan"}}[deployment.stage]
    )


def test_no_action_has_a_wildcard(deployment: Deployment) -> None:
    actions = [action for _, statement in deployment.statements() for action in listed(statement["Action"])]
    assert actions
    assert [action for action in actions if "*" in action] == []


def test_every_statement_allows(deployment: Deployment) -> None:
    assert {statement["Effect"] for _, statement in deployment.statements()} == {"Allow"}


def test_no_role_takes_a_managed_or_an_inline_policy(deployment: Deployment) -> None:
    for role in deployment.properties("AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role
        assert "Policies" not in role


def test_every_function_has_a_role_of_its_own(deployment: Deployment) -> None:
    functions = deployment.resources("AWS::Lambda::Function")
    roles = {(name.split("/")[0], target_of(function["Properties"]["Role"])) for name, function in functions.items()}
    assert len(roles) == len(functions)


RESOURCES = {
    r"(Briefs|Accounts|Ledger|Audit|Trail|Records|Credentials|Portfolios|Sandbox|Search|Webhooks)Table": "table {}",
    r"(Webhooks)(Queue|Undelivered)": "queue {}{}",
    r"(?:Sandbox)(Queue|Undelivered)": "queue {}",
    r"(?:Att|\")([A-Za-z]+?)DeadLetters": "dead letters {}",
    r"(?:Att|\")([A-Za-z]+?)Function": "function {}",
    r"(?:Att|\")([A-Za-z]+?)Logs": "logs {}",
    r"(PaymentsSecret|OriginKey|WorkflowStateMachine|AccountsPool)": "{}",
    r"(SigningKey|CredentialKey|SecretsKey)": "{}",
    r"(DeadlinesGroup|DeadlinesRole|Events|Files)": "{}",
    r"(event-bus/default)": "the account's bus",
    r"(MailSecret)": "{}",
    r":(identity|configuration-set)/": "mail's {}",
}
"""What a resource is called here, by what its logical id or export holds."""


def label(resource: Any) -> str:
    """A short name for what a statement is about."""
    text = json.dumps(resource)
    name = next(name.format(*found.groups()) for p, name in RESOURCES.items() if (found := re.search(p, text)))
    index = re.search(r"/index/(\w+)", text)
    return name + (f" by {index[1]}" if index else " stream" if "StreamArn" in text else "")


def grants_of(deployment: Deployment, folder: str) -> dict[str, str]:
    """What a function may do, by resource; writing its log and traces left out."""
    found: dict[str, set[str]] = {}
    function = deployment.functions()[folder]
    stack = next(n.split("/")[0] for n, f in deployment.properties("AWS::Lambda::Function").items() if f is function)
    for name, statement in deployment.statements():
        policy = deployment.properties("AWS::IAM::Policy")[name]
        if not name.startswith(f"{stack}/") or {"Ref": target_of(function["Role"])} not in policy["Roles"]:
            continue
        for resource in listed(statement["Resource"]):
            if resource != "*" and not label(resource).startswith("logs"):
                found.setdefault(label(resource), set()).update(listed(statement["Action"]))
    return {name: " ".join(sorted(a.partition(":")[2] for a in actions)) for name, actions in sorted(found.items())}


def grants(statements: list[Json]) -> set[str]:
    return {action for statement in statements for action in listed(statement["Action"])}


def test_the_workflow_writes_tokens_and_calls_settlement_and_no_more(deployment: Deployment) -> None:
    (machine,) = deployment.properties("AWS::StepFunctions::StateMachine").values()
    statements = deployment.statements_of(machine["RoleArn"])
    assert grants(statements) - UNNAMEABLE.keys() == {"dynamodb:UpdateItem", "lambda:InvokeFunction"}
    (update,) = (s for s in statements if s["Action"] == "dynamodb:UpdateItem")
    assert update["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "wait"]},
        "StringEqualsIfExists": {"dynamodb:ReturnValues": "NONE"},
    }
    (call,) = (s for s in statements if s["Action"] == "lambda:InvokeFunction")
    assert label(call["Resource"]) == "function Settlement"


def test_schedules_call_the_lapse_function_and_no_more(deployment: Deployment) -> None:
    roles = deployment.properties("AWS::IAM::Role")
    (name,) = (n for n, role in roles.items() if "scheduler.amazonaws.com" in str(role))
    trust = roles[name]["AssumeRolePolicyDocument"]["Statement"]
    assert trust[0]["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    statements = deployment.statements_of({"Ref": name.split("/")[1]})
    assert grants(statements) == {"lambda:InvokeFunction", "sqs:SendMessage"}
    (call,) = (s for s in statements if s["Action"] == "lambda:InvokeFunction")
    assert deployment.service_of(call["Resource"], "Lifecycle") == "lapse"


def test_only_the_scheduler_can_be_passed_a_role(deployment: Deployment) -> None:
    passed = [s for _, s in deployment.statements() if "iam:PassRole" in listed(s["Action"])]
    assert [s["Condition"] for s in passed] == [{"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}]


_HANDLED_AGAIN = "ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage"
_KEEPS = "GetQueueAttributes GetQueueUrl SendMessage"
_CALLED_AGAIN = (
    "AccountStream",
    "BriefStream",
    "CredentialStream",
    "DrawAgreement",
    "FileReceived",
    "IssueCredential",
    "IndexBriefs",
    "KeepCandidates",
    "KeepExperience",
    "Lapse",
    "MatchSearches",
    "Notify",
    "PortfolioStream",
    "Preview",
    "Records",
    "ScanResult",
    "Settlement",
    "WebhookDispatch",
)
_REDRIVING = {
    **{f"dead letters {name}": _HANDLED_AGAIN for name in _CALLED_AGAIN},
    **{f"function {name}": "InvokeFunction" for name in _CALLED_AGAIN},
    "queue Queue": "SendMessage",
    "queue Undelivered": _HANDLED_AGAIN,
    "queue WebhooksQueue": "SendMessage",
    "queue WebhooksUndelivered": _HANDLED_AGAIN,
    **{
        f"table {name} stream": "GetRecords GetShardIterator"
        for name in ("Accounts", "Briefs", "Credentials", "Portfolios")
    },
}
_GATE = "GetItem UpdateItem"
"""Looking how a caller stands, and counting requests."""

GRANTS: dict[str, dict[str, str]] = {
    "account_stream": {
        "Events": "PutEvents",
        "dead letters AccountStream": _KEEPS,
        "table Accounts stream": "DescribeStream GetRecords GetShardIterator ListStreams",
        "table Trail": "PutItem",
    },
    "accounts_api": {"table Accounts": "ConditionCheckItem GetItem PutItem Query UpdateItem"},
    "brief_stream": {
        "DeadlinesGroup": "CreateSchedule DeleteSchedule",
        "DeadlinesRole": "PassRole",
        "Events": "PutEvents",
        "WorkflowStateMachine": "SendTaskFailure SendTaskSuccess StartExecution",
        "dead letters BriefStream": _KEEPS,
        "table Briefs stream": "DescribeStream GetRecords GetShardIterator ListStreams",
        "table Trail": "PutItem",
    },
    "briefs_api": {
        "table Accounts": "BatchGetItem ConditionCheckItem GetItem PutItem UpdateItem",
        "table Audit": "PutItem",
        "table Briefs": "BatchGetItem GetItem PutItem UpdateItem",
    },
    "browse_api": {
        "table Accounts": "BatchGetItem GetItem UpdateItem",
        "table Briefs": "BatchGetItem GetItem Query",
        **{f"table Briefs by {index}": "Query" for index in ("by_employer", "by_student", "listing")},
        "table Trail": "Query",
    },
    "search_api": {
        "table Accounts": "BatchGetItem GetItem PutItem UpdateItem",
        "table Briefs": "BatchGetItem",
        "table Search": "DeleteItem PutItem Query",
    },
    "index_briefs": {
        "dead letters IndexBriefs": _KEEPS,
        "table Briefs": "BatchGetItem",
        "table Search": "BatchWriteItem",
    },
    "match_searches": {
        "dead letters MatchSearches": _KEEPS,
        "table Accounts": "BatchWriteItem",
        "table Briefs": "BatchGetItem",
        "table Search": "BatchGetItem Query",
    },
    "keep_experience": {
        "dead letters KeepExperience": _KEEPS,
        "table Accounts": "UpdateItem",
        "table Briefs": "GetItem Query",
    },
    "check_trails": {
        "table Accounts": "Query",
        "table Audit": "PutItem",
        "table Briefs": "GetItem Query",
        "table Credentials": "GetItem",
        "table Portfolios": "Query",
        "table Trail": "Query",
    },
    "credential_stream": {
        "Events": "PutEvents",
        "dead letters CredentialStream": _KEEPS,
        "table Credentials stream": "DescribeStream GetRecords GetShardIterator ListStreams",
        "table Trail": "PutItem",
    },
    "cohorts_api": {
        "table Accounts": "BatchGetItem ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem",
        "table Briefs": "BatchGetItem",
    },
    "credits_api": {
        "CredentialKey": "GetPublicKey Sign",
        "table Accounts": "BatchGetItem ConditionCheckItem GetItem PutItem UpdateItem",
        "table Briefs": "BatchGetItem",
        "table Credentials": "BatchGetItem GetItem PutItem Query",
    },
    "credentials_api": {
        "CredentialKey": "GetPublicKey Sign",
        "table Accounts": "BatchGetItem GetItem UpdateItem",
        "table Credentials": "BatchGetItem GetItem PutItem",
        "table Credentials by by_student": "Query",
    },
    "portfolio_api": {
        "table Accounts": "ConditionCheckItem GetItem UpdateItem",
        "table Briefs": "BatchGetItem GetItem",
        "table Portfolios": "BatchGetItem GetItem PutItem Query",
        "table Records": "Query",
    },
    "portfolio_files": {
        "Files": "GetObjectVersion",
        "table Briefs": "BatchGetItem",
        "table Portfolios": "GetItem Query",
    },
    "portfolio_stream": {
        "dead letters PortfolioStream": _KEEPS,
        "table Portfolios stream": "DescribeStream GetRecords GetShardIterator ListStreams",
        "table Trail": "PutItem",
    },
    "public_portfolios": {"table Portfolios": "GetItem Query"},
    "resume_api": {"table Accounts": _GATE, "table Portfolios": "Query"},
    "erase": {
        "AccountsPool": "AdminDeleteUser",
        "Files": "DeleteObject DeleteObjectVersion GetObject",
        "table Accounts": "BatchWriteItem ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem",
        "table Accounts by organisations": "Query",
        "table Briefs": "BatchGetItem PutItem Query",
        **{f"table Briefs by {index}": "Query" for index in ("by_author", "by_employer", "by_student")},
        "table Records": "BatchGetItem BatchWriteItem GetItem PutItem Query",
        "table Credentials": "GetItem PutItem",
        "table Portfolios": "BatchGetItem BatchWriteItem GetItem PutItem Query",
        "table Webhooks": "BatchWriteItem Query",
        "table Search": "BatchWriteItem",
    },
    "drafting_api": {"table Accounts": _GATE},
    "messages_api": {
        "table Accounts": "BatchGetItem ConditionCheckItem GetItem UpdateItem",
        "table Audit": "PutItem",
        "table Briefs": "BatchGetItem GetItem PutItem Query",
    },
    "file_received": {
        "Files": "DeleteObjectVersion GetObject GetObjectVersion ListBucket ListBucketVersions PutObject",
        "dead letters FileReceived": _KEEPS,
        "table Briefs": "BatchGetItem PutItem",
    },
    "files_api": {
        "table Audit": "PutItem",
        "table Accounts": _GATE,
        "Files": "AbortMultipartUpload GetObject GetObjectVersion ListMultipartUploadParts PutObject",
        "table Briefs": "BatchGetItem PutItem",
    },
    "manifest_api": {
        "SigningKey": "GetPublicKey Sign",
        "table Accounts": _GATE,
        "table Briefs": "BatchGetItem",
    },
    "feedback_api": {"table Accounts": _GATE, "table Briefs": "BatchGetItem PutItem"},
    "records": {
        "dead letters Records": _KEEPS,
        "table Accounts": "GetItem",
        "table Briefs": "BatchGetItem GetItem Query",
        "table Records": "BatchGetItem GetItem PutItem Query UpdateItem",
        "table Records by waiting": "Query",
    },
    "records_api": {"table Accounts": _GATE, "table Briefs": "BatchGetItem", "table Records": "GetItem Query"},
    "preview": {"Files": "GetObjectVersion PutObject", "dead letters Preview": _KEEPS},
    "signing_keys": {"SigningKey": "GetPublicKey"},
    "agreements_api": {
        "Files": "GetObject ListBucket",
        "table Accounts": _GATE,
        "table Audit": "PutItem",
        "table Briefs": "BatchGetItem GetItem",
    },
    "draw_agreement": {
        "Files": "PutObject",
        "dead letters DrawAgreement": _KEEPS,
        "table Accounts": "BatchGetItem GetItem",
        "table Briefs": "BatchGetItem GetItem",
    },
    "amendments_api": {
        "table Accounts": "ConditionCheckItem GetItem UpdateItem",
        "table Audit": "PutItem",
        "table Briefs": "BatchGetItem PutItem UpdateItem",
    },
    "issue_credential": {
        "CredentialKey": "GetPublicKey Sign",
        "dead letters IssueCredential": _KEEPS,
        "table Accounts": "ConditionCheckItem GetItem",
        "table Briefs": "BatchGetItem",
        "table Credentials": "GetItem PutItem",
    },
    "keep_candidates": {
        "dead letters KeepCandidates": _KEEPS,
        "table Accounts": "GetItem PutItem",
        "table Briefs": "BatchGetItem Query",
    },
    "keep_files": {
        "Files": "PutObjectLegalHold PutObjectRetention",
        "dead letters KeepFiles": _KEEPS,
        "table Briefs": "GetItem Query",
    },
    "lapse": {
        "Events": "PutEvents",
        "dead letters Lapse": _KEEPS,
        "table Briefs": "BatchGetItem GetItem UpdateItem",
    },
    "money_api": {
        "table Accounts": _GATE,
        "table Briefs": "GetItem",
        "table Ledger": "Query",
        **{f"table Ledger by {index}": "Query" for index in ("by_party", "by_payee")},
    },
    "notify": {
        "dead letters Notify": _KEEPS,
        "table Accounts": "BatchWriteItem PutItem Query UpdateItem",
        "table Briefs": "GetItem Query",
    },
    "openapi": {},
    "remind": {
        "table Accounts": "BatchWriteItem GetItem PutItem Query",
        "table Briefs": "BatchGetItem",
        "table Briefs by unsettled": "Query",
    },
    "send_mail": {
        "AccountsPool": "AdminGetUser",
        "MailSecret": "GetSecretValue",
        "dead letters SendMail": _KEEPS,
        "mail's configuration-set": "SendEmail",
        "mail's identity": "SendEmail",
        "table Accounts": "BatchGetItem BatchWriteItem GetItem PutItem Query",
        "table Accounts stream": "DescribeStream GetRecords GetShardIterator ListStreams",
        "table Briefs": "BatchGetItem",
    },
    "mail_returns": {"dead letters MailReturns": _KEEPS, "table Accounts": "ConditionCheckItem GetItem PutItem"},
    "unsubscribe": {"table Accounts": "ConditionCheckItem GetItem PutItem"},
    "talent_api": {
        "table Accounts": "BatchGetItem ConditionCheckItem GetItem PutItem Query UpdateItem",
        "table Briefs": "BatchGetItem PutItem Query UpdateItem",
    },
    "operations_api": {
        **_REDRIVING,
        "table Accounts": _GATE,
        "table Audit": "GetItem PutItem",
        "table Audit by newest": "Query",
        "table Ledger by by_work": "Query",
        "table Trail": "BatchGetItem Query",
    },
    "organisations_api": {
        "table Accounts": "BatchGetItem ConditionCheckItem GetItem PutItem Query UpdateItem",
        "table Accounts by organisations": "Query",
    },
    "personal_data_api": {
        "AccountsPool": "AdminListGroupsForUser",
        "table Accounts": "BatchGetItem GetItem Query UpdateItem",
        "table Briefs": "BatchGetItem Query",
        **{f"table Briefs by {index}": "Query" for index in ("by_author", "by_employer", "by_student")},
        "table Credentials": "GetItem",
        "table Ledger by by_party": "Query",
        "table Portfolios": "Query",
        "table Records": "GetItem",
    },
    "payments_webhook": {
        "Events": "PutEvents",
        "PaymentsSecret": "GetSecretValue",
        "table Audit": "GetItem PutItem",
    },
    "payout_account_api": {
        "queue Queue": "SendMessage",
        "table Accounts": "GetItem PutItem UpdateItem",
        "table Sandbox": "PutItem",
    },
    "public_credentials": {"CredentialKey": "GetPublicKey Verify", "table Credentials": "GetItem"},
    "reconcile": {
        "function Settlement": "InvokeFunction",
        "table Audit": "PutItem",
        "table Ledger": "Query",
        "table Ledger by by_month": "Query",
        "table Sandbox": "GetItem",
        "table Sandbox by by_day": "Query",
    },
    "roles_api": {
        "AccountsPool": (
            "AdminAddUserToGroup AdminDisableUser AdminEnableUser AdminListGroupsForUser AdminRemoveUserFromGroup "
            "AdminUserGlobalSignOut"
        ),
        "table Accounts": "GetItem PutItem UpdateItem",
    },
    "sandbox_delivery": {
        "PaymentsSecret": "GetSecretValue",
        "queue Queue": "DeleteMessage GetQueueAttributes ReceiveMessage",
        "table Sandbox": "GetItem",
    },
    "scan": {
        "Files": "GetObjectVersion",
        "dead letters Scan": _KEEPS,
        "the account's bus": "PutEvents",
    },
    "scan_result": {
        "Files": "DeleteObjectVersion GetObjectVersion ListBucket ListBucketVersions PutObject",
        "dead letters ScanResult": _KEEPS,
        "table Briefs": "BatchGetItem PutItem",
    },
    "settlement": {
        "dead letters Settlement": _KEEPS,
        "queue Queue": "SendMessage",
        "table Accounts": "BatchWriteItem GetItem PutItem Query",
        "table Audit": "PutItem",
        "table Briefs": "ConditionCheckItem GetItem UpdateItem",
        "table Ledger": "DeleteItem PutItem Query UpdateItem",
        "table Sandbox": "GetItem PutItem Query",
    },
    "sign_up": {"AccountsPool": "AdminAddUserToGroup"},
    "status_lists": {"CredentialKey": "GetPublicKey Sign", "table Credentials": "Query"},
    "webhook_delivery": {
        "SecretsKey": "Decrypt",
        "queue WebhooksQueue": "DeleteMessage GetQueueAttributes ReceiveMessage SendMessage",
        "table Accounts": "GetItem UpdateItem",
        "table Webhooks": "GetItem PutItem",
    },
    "webhook_dispatch": {
        "dead letters WebhookDispatch": _KEEPS,
        "queue WebhooksQueue": "SendMessage",
        "table Accounts": "GetItem Query",
        "table Briefs": "GetItem",
        "table Webhooks": "GetItem PutItem Query",
    },
    "webhooks_api": {
        "SecretsKey": "Decrypt Encrypt",
        "table Accounts": "ConditionCheckItem GetItem PutItem Query UpdateItem",
        "table Webhooks": "GetItem Query",
    },
    "tidy": {
        "Files": "DeleteObjectVersion GetObjectVersion ListBucket ListBucketVersions PutObject",
        "table Briefs": "BatchGetItem GetItem PutItem",
    },
    "sweep": {
        **_REDRIVING,
        "WorkflowStateMachine": "DescribeExecution ListExecutions StartExecution",
        "table Briefs": "BatchGetItem GetItem PutItem UpdateItem",
        "table Briefs by unsettled": "Query",
        "table Ledger by by_work": "Query",
    },
}
"""What each function may do, to the last action; on a stage whose provider is the sandbox."""

OF_SANDBOX = ("queue Queue", "queue Undelivered", "table Sandbox", "table Sandbox by by_day")
ASK_PROVIDER = ("payout_account_api", "reconcile", "settlement")


_OF_KEEPING = {"dead letters KeepFiles": _HANDLED_AGAIN, "function KeepFiles": "InvokeFunction"}
OF_LOCAL_SCANNER = {"dead letters Scan": _HANDLED_AGAIN, "function Scan": "InvokeFunction"}
_OF_MAIL = {
    **{f"dead letters {name}": _HANDLED_AGAIN for name in ("SendMail", "MailReturns")},
    **{f"function {name}": "InvokeFunction" for name in ("SendMail", "MailReturns")},
}
REDRIVE = ("operations_api", "sweep")
BEHIND_EDGE = {operation["x-function"] for operation in OPERATIONS.values()}


def wanted_of(deployment: Deployment, folder: str) -> dict[str, str]:
    """What a function may do on this stage, with this provider."""
    wanted = GRANTS[folder]
    if deployment.stage != "local" and folder in BEHIND_EDGE:
        wanted = wanted | {"OriginKey": "GetSecretValue"}
    if deployment.payments == "stripe":
        by_key = {"PaymentsSecret": "GetSecretValue"} if folder in ASK_PROVIDER else {}
        wanted = by_key | {name: actions for name, actions in wanted.items() if name not in OF_SANDBOX}
    more = {"local": OF_LOCAL_SCANNER, "prod": _OF_KEEPING}.get(deployment.stage, {})
    if deployment.mails:
        more = more | _OF_MAIL
        wanted = wanted | ({"MailSecret": "GetSecretValue"} if folder == "unsubscribe" else {})
    return wanted | (more if folder in REDRIVE else {})


def test_every_function_may_do_exactly_this(deployment: Deployment) -> None:
    absent = {"sandbox_delivery"} if deployment.payments == "stripe" else set()
    absent |= {"scan"} if deployment.stage != "local" else set()
    absent |= {"keep_files"} if deployment.stage != "prod" else set()
    absent |= set() if deployment.mails else {"send_mail", "mail_returns"}
    assert deployment.functions().keys() == GRANTS.keys() - absent
    for folder in deployment.functions():
        assert grants_of(deployment, folder) == wanted_of(deployment, folder), folder


def test_only_who_signs_verifies_or_asks_reads_the_providers_keys(deployment: Deployment) -> None:
    readers = {folder for folder in deployment.functions() if "PaymentsSecret" in grants_of(deployment, folder)}
    by_key = set(ASK_PROVIDER) if deployment.payments == "stripe" else {"sandbox_delivery"}
    assert readers == {"payments_webhook"} | by_key


def test_only_who_issues_and_who_signs_opens_secrets_and_only_for_endpoints(deployment: Deployment) -> None:
    users = {f: g["SecretsKey"] for f in deployment.functions() if "SecretsKey" in (g := grants_of(deployment, f))}
    assert users == {"webhooks_api": "Decrypt Encrypt", "webhook_delivery": "Decrypt"}
    named = {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["organisation_id", "endpoint_id"]}}
    found = [s for _, s in deployment.statements() if "kms:Decrypt" in listed(s["Action"])]
    assert [statement["Condition"] for statement in found] == [named] * len(users)


def test_who_delivers_webhooks_writes_no_more_of_an_endpoint_than_that_it_fails(deployment: Deployment) -> None:
    statements = deployment.statements_of(deployment.functions()["webhook_delivery"]["Role"])
    (update,) = (s for s in statements if "dynamodb:UpdateItem" in listed(s["Action"]))
    attributes = update["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"]
    assert attributes == ["pk", "sk", "state", "reason", "version", "event", "failing_since"]


def test_only_the_sandboxs_own_function_consumes_its_queue(deployment: Deployment) -> None:
    # The local AWS lets a mapping read a queue whatever the function's role says; AWS does not.
    consumers = {
        folder
        for folder in deployment.functions()
        if {"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"}
        <= set(grants_of(deployment, folder).get("queue Queue", "").split())
    }
    assert consumers == ({"sandbox_delivery"} if deployment.payments == "sandbox" else set())


def test_only_settlement_writes_money(deployment: Deployment) -> None:
    writes = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}
    writers = {
        name
        for name, statement in deployment.statements()
        if "Ledger" in str(statement["Resource"]) and writes & set(listed(statement["Action"]))
    }
    assert [name.split("/")[1].split("Role")[0] for name in writers] == ["Settlement"]


def test_only_the_streams_add_to_the_audit_trail_and_nobody_changes_it(deployment: Deployment) -> None:
    reading = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
    others = {
        (name.split("/")[1].split("Role")[0], action)
        for name, statement in deployment.statements()
        for action in listed(statement["Action"])
        if "TrailTable" in str(statement["Resource"]) and action not in reading
    }
    assert others == {
        (name, "dynamodb:PutItem") for name in ("AccountStream", "BriefStream", "CredentialStream", "PortfolioStream")
    }


COUNTS = {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "window", "requests"]}}
OWN_COUNTS = {
    "cohorts_api": [sorted(Cohort.model_fields)],
    "files_api": [["uploads", "bytes", "forget_at"]],
    "messages_api": [["messages", "forget_at"]],
    "webhooks_api": [["webhooks"]],
}
"""What else some of them change or count there: cohorts, uploads and messages of a day, endpoints."""
DECIDES_STANDINGS = {"roles_api", "organisations_api", "personal_data_api"}
"""Suspensions, erasures, and what somebody belongs to."""


def test_browsing_writes_nothing_but_how_often_somebody_asked(deployment: Deployment) -> None:
    statements = deployment.statements_of(deployment.functions()["browse_api"]["Role"])
    (count,) = (s for s in statements if s.get("Condition") == COUNTS)
    assert count["Action"] == "dynamodb:UpdateItem"
    tables = {a for a in grants([s for s in statements if s is not count]) if a.startswith("dynamodb:")}
    assert tables == {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}


def test_who_lets_people_in_cannot_decide_how_they_stand(deployment: Deployment) -> None:
    for folder, function in deployment.functions().items():
        if not folder.endswith("_api") or folder in DECIDES_STANDINGS:
            continue
        statements = deployment.statements_of(function["Role"])
        updates = [s for s in statements if "dynamodb:UpdateItem" in listed(s["Action"])]
        conditions = [s["Condition"] for s in updates if label(s["Resource"]) == "table Accounts"]
        assert COUNTS in conditions
        rest = [c["ForAllValues:StringEquals"]["dynamodb:Attributes"] for c in conditions if c != COUNTS]
        assert rest == [["pk", "sk", *names] for names in OWN_COUNTS.get(folder, [])], folder

"""Who may do what. The local AWS enforces functions' roles; what only AWS enforces is pinned down here."""

from typing import Any

from tests.infra.deployment import Deployment, Json, listed, target_of

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
}
"""The actions that IAM can't narrow to a resource."""

MANY = {
    "FilesApi": "a key per file, under briefs/",
    "FileReceived": "a key per file, under briefs/",
    "BriefStream": "a schedule per deadline, in one group",
}
"""The functions with a wildcard after the resource that they are limited to."""


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
    assert used == UNNAMEABLE.keys()


def test_wildcards_follow_a_resource_and_only_where_there_are_many(deployment: Deployment) -> None:
    found = set()
    for name, statement in deployment.statements():
        for resource in listed(statement["Resource"]):
            *before, last = parts(resource)
            if resource != "*" and isinstance(last, str) and "*" in last:
                assert before
                assert last in ("/briefs/*", "/*"), (name, resource)
                found.add(name.split("/")[1].split("Role")[0])
    assert found == MANY.keys()


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


def grants(statements: list[Json]) -> set[str]:
    return {action for statement in statements for action in listed(statement["Action"])}


def test_the_workflow_writes_tokens_and_calls_settlement_and_no_more(deployment: Deployment) -> None:
    (machine,) = deployment.properties("AWS::StepFunctions::StateMachine").values()
    statements = deployment.statements_of(machine["RoleArn"])
    assert grants(statements) - UNNAMEABLE.keys() == {"dynamodb:UpdateItem", "lambda:InvokeFunction"}
    (update,) = (s for s in statements if s["Action"] == "dynamodb:UpdateItem")
    assert update["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "wait"]}}
    (call,) = (s for s in statements if s["Action"] == "lambda:InvokeFunction")
    assert deployment.service_of(call["Resource"], "Lifecycle") == "settlement"


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


def test_only_settlement_writes_money(deployment: Deployment) -> None:
    writes = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}
    writers = {
        name
        for name, statement in deployment.statements()
        if "Ledger" in str(statement["Resource"]) and writes & set(listed(statement["Action"]))
    }
    assert [name.split("/")[1].split("Role")[0] for name in writers] == ["Settlement"]


def test_browsing_writes_nothing(deployment: Deployment) -> None:
    statements = deployment.statements_of(deployment.functions()["browse_api"]["Role"])
    tables = {action for action in grants(statements) if action.startswith("dynamodb:")}
    assert tables == {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}

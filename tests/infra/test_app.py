"""The app as a whole."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from infra import bundling
from infra.app import build
from infra.bundling import ROOT
from tests.infra.deployment import CONTEXT, STRIPE, Deployment, synthesized

ORDER = ["Data", "Identity", "Payments", "Lifecycle", "Files", "Webhooks", "Discovery", "Gateway", "Edge"]
ORDER += ["Console", "Credentials", "Mail", "Api", "Upkeep", "Sandbox", "Operations"]


SCANNER = re.compile(r"MalwareScan|YaraLayer|(Alarms)?(Scan(?!Result)|KeepFiles)")
"""GuardDuty's plan, or what stands in for it; and what locks files, where buckets have locks."""

OF_MAIL = re.compile(r"(Alarms)?(SendMail|MailReturns)")
"""What there is only where a sender is given."""


def imports(value: Any) -> set[str]:
    """The exports of other stacks that a template reads."""
    if isinstance(value, list):
        return {name for item in value for name in imports(item)}
    if not isinstance(value, dict):
        return set()
    own = {value["Fn::ImportValue"]} if "Fn::ImportValue" in value else set()
    return own | imports(list(value.values()))


def test_stacks_refer_one_way_only(deployment: Deployment) -> None:
    absent = {"Edge", "Console"} if deployment.stage == "local" else set()
    absent |= {"Sandbox"} if deployment.payments == "stripe" else set()
    absent = absent if deployment.mails else {*absent, "Mail"}
    assert deployment.templates.keys() == set(ORDER) - absent
    for stack, template in deployment.templates.items():
        read = {name.split(":")[0].split("-")[-1].title() for name in imports(template)}
        assert all(ORDER.index(other) < ORDER.index(stack) for other in read), stack


def test_there_are_no_custom_resources(deployment: Deployment) -> None:
    kinds = {r["Type"] for t in deployment.templates.values() for r in t["Resources"].values()}
    assert {kind for kind in kinds if not kind.startswith("AWS::")} == set()
    assert "AWS::CloudFormation::CustomResource" not in kinds


def test_the_laptop_lacks_what_the_local_aws_has_not_and_no_more() -> None:
    def kinds(stage: str) -> list[str]:
        return sorted(
            resource["Type"]
            for stack, template in synthesized(stage).templates.items()
            for name, resource in template["Resources"].items()
            if stack != "Mail" and not SCANNER.match(name) and not OF_MAIL.match(name)
        )

    plain_http = ["AWS::S3::BucketPolicy", *["AWS::SQS::QueuePolicy"] * 9]
    edge = ["Distribution", "ResponseHeadersPolicy"]
    lacking = ["AWS::Events::Archive", *plain_http, *(f"AWS::CloudFront::{name}" for name in edge)]
    lacking += ["AWS::WAFv2::WebACL", "AWS::SecretsManager::Secret"]
    console = [*edge, "OriginAccessControl"]
    lacking += [*(f"AWS::CloudFront::{name}" for name in console), "AWS::S3::Bucket", "AWS::S3::BucketPolicy"]
    assert sorted([*kinds("local"), *lacking]) == kinds("dev") == kinds("prod")


def test_with_stripe_nothing_of_the_sandbox_is_deployed() -> None:
    text = json.dumps(synthesized(STRIPE).templates)
    assert "SandboxTable" not in text
    assert "PaymentsSandbox" not in text
    assert "PaymentsSecret" in text


def test_two_syntheses_are_the_same() -> None:
    again = build({**CONTEXT, "stage": "dev"}).synth()
    assert {stack.id: stack.template for stack in again.stacks} == synthesized("dev").templates


def violations(app: App) -> list[str]:
    packs = (AwsSolutionsChecks(app), ServerlessChecks(app))
    return [found.rule_name for pack in packs for found in pack.validate_scope(app).violations]


def test_both_rule_packs_find_nothing(deployment: Deployment) -> None:
    assert violations(deployment.app) == []


def test_the_rule_packs_would_find_something() -> None:
    app = App()
    s3.Bucket(Stack(app, "Careless"), "Bucket")
    assert "AwsSolutions-S10" in violations(app)


def test_exceptions_are_for_resources_and_have_reasons(deployment: Deployment) -> None:
    found = 0
    for construct in deployment.app.node.find_all():
        for entry in construct.node.metadata:
            if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY:
                found += 1
                assert not Stack.is_stack(construct)
                assert not App.is_app(construct)
                assert construct.node.default_child is not None or not construct.node.children
                assert all(len(reason) > 20 for reason in entry.data.values())
    assert found


LINTED = [("prod", stack) for stack in ORDER] + [(STRIPE, stack) for stack in ORDER if stack not in ("Sandbox", "Mail")]


@pytest.mark.parametrize(("variant", "stack"), LINTED, ids=[f"{variant}-{stack}" for variant, stack in LINTED])
def test_cfn_lint_finds_nothing(variant: str, stack: str) -> None:
    # W3005: the CDK writes every dependency out, those that follow from a reference too.
    config = ManualArgs(regions=["us-east-1"], ignore_checks=["W3005"])
    found = lint(json.dumps(synthesized(variant).templates[stack]), config=config)
    assert [f"{match.rule.id} {match.path}: {match.message}" for match in found] == []


@pytest.mark.slow
def test_it_synthesizes_with_an_empty_environment(tmp_path: Path) -> None:
    """No credentials, no home, no git: as on somebody's first day. Includes both rule packs."""
    for layer in ("layer", "previews", "credentials", "printing"):
        bundling.third_party(bundling.LAMBDA, layer)  # to fetch it may take the caller's proxy and certificates
    env = {
        "PATH": str(Path(sys.executable).parent),
        "PYTHONPATH": "layers/core/python",
        "CDK_OUTDIR": str(tmp_path),
        "CDK_CONTEXT_JSON": json.dumps(CONTEXT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*.template.json"))) == len(ORDER) - 1, "nobody was named to send e-mails"


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ({"stage": "staging"}, "local, dev, prod"),
        ({"stage": "dev", "windows": "short"}, "only in the stage `local`"),
        ({"stage": "local", "windows": "tiny"}, "only be `short`"),
        ({"stage": "dev", "payments": "paypal"}, "sandbox, stripe"),
    ],
)
def test_a_wrong_setting_is_named(context: dict[str, str], reason: str) -> None:
    with pytest.raises(SystemExit, match=reason):
        build({**CONTEXT, **context})


def test_settings_from_the_command_line_arrive() -> None:
    app = build({**CONTEXT, "alarm_email": "on-call@example.com", "web_origin": "https://app.example.com"})
    stacks = {stack.id: json.dumps(stack.template) for stack in app.synth().stacks}
    assert "on-call@example.com" in stacks["Operations"]
    assert "https://app.example.com" in stacks["Gateway"]
    assert "https://app.example.com" in stacks["Data"]
    assert violations(app) == []


def code_lines(*folders: str, without: str = "-") -> int:
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if without not in path.parts]
    lines = [line.strip() for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    return sum(bool(line) and not line.startswith("#") for line in lines)


def test_infrastructure_is_shorter_than_what_it_deploys() -> None:
    assert code_lines("infra", without="local") < code_lines("functions", "layers/core")

"""What stands before the API, where the stage has it; and that nothing comes by another way."""

import json
from typing import Any

import pytest

from infra.app import build
from infra.config import stage_from
from infra.constructs.http_api import COSTLY
from infra.constructs.web_acl import MANAGED, TEXT_IS_FREE
from infra.stacks.edge import REGION
from microintern.adapters.payments.stripe import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from microintern.web.api import MOST_BODY_BYTES
from microintern.web.headers import SECURITY
from microintern.web.origin import HEADER
from tests.infra.deployment import CONTEXT, Deployment, Json, listed, synthesized
from tests.infra.test_api import OPERATIONS

EDGES = ("dev", "prod")


@pytest.fixture(params=EDGES)
def edged(request: pytest.FixtureRequest) -> Deployment:
    return synthesized(request.param)


@pytest.fixture
def distribution(edged: Deployment) -> Json:
    (found,) = of_edge(edged, "AWS::CloudFront::Distribution")
    config: Json = found["DistributionConfig"]
    return config


@pytest.fixture
def acl(edged: Deployment) -> Json:
    (found,) = edged.properties("AWS::WAFv2::WebACL").values()
    return found


def of_edge(deployment: Deployment, kind: str) -> list[Json]:
    return [found for name, found in deployment.properties(kind).items() if name.startswith("Edge/")]


def secret_of(deployment: Deployment) -> str:
    (name,) = (name for name in deployment.resources("AWS::SecretsManager::Secret") if "OriginKey" in name)
    return name.partition("/")[2]


def test_the_distribution_leads_to_the_api_over_tls_only(distribution: Json) -> None:
    (origin,) = distribution["Origins"]
    assert "execute-api" in str(origin["DomainName"])
    assert "HttpApi" in str(origin["DomainName"])
    assert origin["CustomOriginConfig"] == {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}
    assert distribution["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    assert "CacheBehaviors" not in distribution
    assert "Logging" not in distribution, "access logs hold addresses of people"


def test_the_key_is_a_reference_and_stands_in_no_template(edged: Deployment, distribution: Json) -> None:
    (header,) = distribution["Origins"][0]["OriginCustomHeaders"]
    assert header["HeaderName"] == HEADER
    before, name, after = header["HeaderValue"]["Fn::Join"][1]
    assert (before, after) == ("{{resolve:secretsmanager:", ":SecretString:key::}}")
    assert "OriginKey" in str(name)
    (made,) = (
        secret["GenerateSecretString"]
        for key, secret in edged.properties("AWS::SecretsManager::Secret").items()
        if "OriginKey" in key
    )
    assert (made["GenerateStringKey"], json.loads(made["SecretStringTemplate"])) == ("key", {"other_key": ""})
    assert made["PasswordLength"] >= 32


def test_every_function_behind_it_knows_the_key_and_no_other_does(edged: Deployment) -> None:
    behind = {operation["x-function"] for operation in OPERATIONS.values()}
    for folder, function in edged.functions().items():
        variables = function["Environment"]["Variables"]
        assert (secret_of(edged) in str(variables.get("ORIGIN_SECRET_ARN"))) == (folder in behind), folder
        may = [s for s in edged.statements_of(function["Role"]) if secret_of(edged) in str(s["Resource"])]
        actions = [action for statement in may for action in listed(statement["Action"])]
        assert actions == (["secretsmanager:GetSecretValue"] if folder in behind else []), folder


def test_known_attacks_floods_and_long_bodies_are_refused(edged: Deployment, acl: Json, distribution: Json) -> None:
    assert acl["Scope"] == "CLOUDFRONT"
    rules = {rule["Name"]: rule for rule in acl["Rules"]}
    assert set(MANAGED) < rules.keys()
    assert {"CommonRuleSet", "KnownBadInputsRuleSet", "AmazonIpReputationList"} == {
        name.removeprefix("AWSManagedRules") for name in MANAGED
    }
    assert all(rules[name]["OverrideAction"] == {"None": {}} for name in MANAGED)
    rate = rules["too-many"]["Statement"]["RateBasedStatement"]
    assert (rate["AggregateKeyType"], rate["Limit"]) == ("IP", 2_000)
    size = rules["body-too-large"]["Statement"]["SizeConstraintStatement"]
    assert (size["ComparisonOperator"], size["Size"]) == ("GT", MOST_BODY_BYTES)
    assert size["FieldToMatch"] == {"Body": {"OversizeHandling": "MATCH"}}
    for name in ("too-many", "body-too-large"):
        assert rules[name]["Action"] == {"Block": {}}
    assert sorted(rule["Priority"] for rule in rules.values()) == list(range(len(rules)))
    assert "WebAclId" not in distribution
    assert "Acl" in str(distribution["WebACLId"])


def test_only_rules_about_text_in_bodies_do_no_more_than_count(acl: Json) -> None:
    counted = {
        override["Name"]: override["ActionToUse"]
        for rule in acl["Rules"]
        for group in [rule["Statement"].get("ManagedRuleGroupStatement", {})]
        for override in group.get("RuleActionOverrides", [])
    }
    assert counted == {name: {"Count": {}} for name in TEXT_IS_FREE}
    assert all(name.endswith("_BODY") for name in counted)


def test_nothing_that_was_sent_is_kept_as_a_sample(acl: Json) -> None:
    kept = [acl["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in acl["Rules"])]
    assert [config["SampledRequestsEnabled"] for config in kept] == [False] * len(kept)


def test_whatever_answers_carries_the_headers_that_the_functions_send(edged: Deployment) -> None:
    (policy,) = of_edge(edged, "AWS::CloudFront::ResponseHeadersPolicy")
    config = policy["ResponseHeadersPolicyConfig"]
    said = config["SecurityHeadersConfig"]
    hsts = said["StrictTransportSecurity"]
    (custom,) = config["CustomHeadersConfig"]["Items"]
    assert {
        "Strict-Transport-Security": f"max-age={hsts['AccessControlMaxAgeSec']}; includeSubDomains",
        "X-Content-Type-Options": "nosniff" if said["ContentTypeOptions"] else "",
        "X-Frame-Options": said["FrameOptions"]["FrameOption"],
        "Content-Security-Policy": said["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "Referrer-Policy": said["ReferrerPolicy"]["ReferrerPolicy"],
        custom["Header"]: custom["Value"],
    } == SECURITY
    assert hsts["IncludeSubdomains"]
    own = said["ContentSecurityPolicy"]["Override"]
    assert not own, "a page that brings a policy of its own keeps it"
    assert said["ContentTypeOptions"]["Override"]


def test_what_is_signed_names_the_public_address(edged: Deployment) -> None:
    for folder in ("issue_credential", "credentials_api", "credits_api", "public_credentials", "status_lists"):
        address = str(edged.functions()[folder]["Environment"]["Variables"]["PUBLIC_URL"])
        assert "Distribution" in address, folder
        assert "HttpApi" not in address, folder


def test_another_region_is_refused_before_anything_is_made(edged: Deployment) -> None:
    (assertion,) = edged.templates["Edge"]["Rules"]["Region"]["Assertions"]
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]}


def test_webhooks_come_through_it_too(edged: Deployment) -> None:
    address = edged.functions()["sandbox_delivery"]["Environment"]["Variables"]["WEBHOOK_URL"]
    assert "Distribution" in str(address)
    assert "execute-api" not in str(address)


def test_without_it_the_api_answers_by_itself() -> None:
    stacks = {stack.id: stack.template for stack in build({**CONTEXT, "stage": "dev", "edge": "off"}).synth().stacks}
    assert "Edge" not in stacks
    assert "OriginKey" not in json.dumps(stacks)


def test_a_domain_of_ones_own_asks_for_newer_tls() -> None:
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    asked = {"stage": "prod", "domain": "api.example.com", "certificate_arn": certificate}
    (edge,) = (stack.template for stack in build({**CONTEXT, **asked}).synth().stacks if stack.id == "Edge")
    (config,) = (
        resource["Properties"]["DistributionConfig"]
        for resource in edge["Resources"].values()
        if resource["Type"] == "AWS::CloudFront::Distribution"
    )
    assert config["Aliases"] == ["api.example.com"]
    viewer: dict[str, Any] = config["ViewerCertificate"]
    assert viewer["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert viewer["AcmCertificateArn"] == certificate


def test_a_new_number_has_the_key_read_anew() -> None:
    templates = [
        next(
            stack.template for stack in build({**CONTEXT, "stage": "dev", **asked}).synth().stacks if stack.id == "Edge"
        )
        for asked in ({}, {"origin_key": "2"})
    ]
    assert templates[0] != templates[1]


@pytest.mark.parametrize(
    ("context", "reason"),
    [({"edge": "maybe"}, "`on` or `off`"), ({"domain": "api.example.com"}, "its certificate")],
)
def test_a_wrong_setting_of_the_edge_is_named(context: dict[str, str], reason: str) -> None:
    with pytest.raises(SystemExit, match=reason):
        stage_from(context.get)


def test_costly_routes_have_limits_of_their_own(deployment: Deployment) -> None:
    (stage,) = deployment.resources("AWS::ApiGatewayV2::Stage").values()
    settings, usual = stage["Properties"]["RouteSettings"], stage["Properties"]["DefaultRouteSettings"]
    assert settings.keys() == COSTLY.keys() <= OPERATIONS.keys()
    for route, limits in settings.items():
        for name in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
            assert 1 <= limits[name] < usual[name], route
    routes = {
        name.partition("/")[2]: route["RouteKey"]
        for name, route in deployment.properties("AWS::ApiGatewayV2::Route").items()
    }
    assert {routes[name] for name in stage["DependsOn"]} == COSTLY.keys()


@pytest.mark.parametrize("stage", EDGES)
def test_a_transfer_is_overdue_only_once_no_settlement_can_be_at_it(stage: str) -> None:
    """The sweeper may find what is still under way; it must not take it for lost."""
    settlement = synthesized(stage).functions()["settlement"]["Timeout"]
    assert stage_from({"stage": stage}.get).policy.overdue_after_s > settlement
    assert settlement > CONNECT_TIMEOUT_S + READ_TIMEOUT_S

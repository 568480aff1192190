"""The console: its bucket, what stands before it, how it gets there, and how people sign in to it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from infra import publish
from infra.app import build
from infra.config import stage_from
from infra.constructs.page_headers import ASKED_AGAIN, KEPT_LONG, content_security_policy, kept
from infra.local import console as local
from infra.local.stack import Outputs
from tests.infra.deployment import CONTEXT, Deployment, Json, synthesized

ORIGIN = "https://app.example.com"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"


@pytest.fixture(params=["dev", "prod"])
def deployed(request: pytest.FixtureRequest) -> Deployment:
    return synthesized(request.param)


def of_console(deployment: Deployment, kind: str) -> Json:
    (found,) = (value for name, value in deployment.properties(kind).items() if name.startswith("Console/"))
    return found


def templates(**context: str) -> dict[str, Json]:
    app = build({**CONTEXT, "stage": "dev", **context})
    return {stack.id: stack.template for stack in app.synth().stacks}


def resource(template: Json, kind: str) -> Json:
    (found,) = (r["Properties"] for r in template["Resources"].values() if r["Type"] == kind)
    properties: Json = found
    return properties


def test_only_its_distribution_reads_the_bucket(deployed: Deployment) -> None:
    bucket = of_console(deployed, "AWS::S3::Bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    statements = of_console(deployed, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    (allowed,) = (statement for statement in statements if statement["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed["Action"] == "s3:GetObject"
    assert "Distribution" in str(allowed["Condition"]["StringEquals"]["AWS:SourceArn"])
    config = of_console(deployed, "AWS::CloudFront::Distribution")["DistributionConfig"]
    (origin,) = config["Origins"]
    assert "OriginAccessControlId" in origin
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert "Logging" not in config, "access logs hold addresses of people"


def test_a_link_into_the_console_is_answered_with_the_page(deployed: Deployment) -> None:
    config = of_console(deployed, "AWS::CloudFront::Distribution")["DistributionConfig"]
    assert config["DefaultRootObject"] == "index.html"
    (answer,) = config["CustomErrorResponses"]
    assert (answer["ErrorCode"], answer["ResponseCode"], answer["ResponsePagePath"]) == (403, 200, "/index.html")
    assert answer["ErrorCachingMinTTL"] == 0


def test_the_page_loads_and_asks_nothing_from_elsewhere(deployed: Deployment) -> None:
    config = of_console(deployed, "AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    policy = json.dumps(security["ContentSecurityPolicy"]["ContentSecurityPolicy"])
    assert security["ContentSecurityPolicy"]["Override"]
    assert security["FrameOptions"]["FrameOption"] == "DENY"
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == "no-referrer"
    assert security["StrictTransportSecurity"]["IncludeSubdomains"]
    for part in ("default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "RegionalDomainName" in policy, "uploads and previews"
    assert "cognito-idp" in policy, "signing up"
    assert "amazoncognito.com" in policy, "tokens"


def test_the_policy_names_each_place_once() -> None:
    policy = content_security_policy(["https://api"], "https://files")
    directives = dict(part.partition(" ")[::2] for part in policy.split("; "))
    assert directives["connect-src"] == "'self' https://api https://files"
    assert directives["img-src"] == "'self' https://files"
    assert directives["script-src"] == directives["style-src"] == "'self'"


def test_people_sign_in_by_code_and_come_back_to_the_console_only() -> None:
    client = resource(templates(web_origin=ORIGIN)["Identity"], "AWS::Cognito::UserPoolClient")
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["CallbackURLs"] == [f"{ORIGIN}/signed-in"]
    assert client["LogoutURLs"] == [f"{ORIGIN}/"]
    assert client["GenerateSecret"] is False
    assert client["SupportedIdentityProviders"] == ["COGNITO"]


def test_its_page_reads_where_a_table_goes_on() -> None:
    cors = resource(templates(web_origin=ORIGIN)["Gateway"], "AWS::ApiGatewayV2::Api")["CorsConfiguration"]
    assert cors["AllowOrigins"] == [ORIGIN]
    assert cors["ExposeHeaders"] == ["link"]


def test_without_a_console_nobody_signs_in_on_pages(prod: Deployment) -> None:
    (client,) = prod.properties("AWS::Cognito::UserPoolClient").values()
    assert client["AllowedOAuthFlowsUserPoolClient"] is False
    assert "AllowedOAuthFlows" not in client


def test_a_name_of_its_own_is_the_web_origins() -> None:
    console = templates(web_origin=ORIGIN, console_certificate_arn=CERTIFICATE)["Console"]
    config = resource(console, "AWS::CloudFront::Distribution")["DistributionConfig"]
    assert config["Aliases"] == ["app.example.com"]
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert console["Outputs"]["ConsoleUrl"]["Value"] == ORIGIN


@pytest.mark.parametrize("origin", [{}, {"web_origin": "http://app.example.com"}])
def test_a_certificate_needs_a_name(origin: dict[str, str]) -> None:
    with pytest.raises(SystemExit, match="web_origin=https"):
        stage_from({**origin, "console_certificate_arn": CERTIFICATE}.get)


# publishing


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text("of the build, and nobody else's business")
    for name in ("index.html", "icon.svg", "assets/index-1a2b.js"):
        (tmp_path / name).write_text(name)
    return tmp_path


OUTPUTS = {
    "ApiUrl": "https://api",
    "AuthUrl": "https://auth",
    "UserPoolClientId": "client",
    "ConsoleBucket": "console",
    "ConsoleDistribution": "E1",
    "ConsoleUrl": "https://console",
}


def test_the_page_is_put_after_all_that_it_names(built: Path) -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="console")
        keys = publish.put_files(s3, "console", built, {"stage": "dev"})
        assert keys == ["assets/index-1a2b.js", "icon.svg", "config.json", "index.html"]
        script = s3.get_object(Bucket="console", Key="assets/index-1a2b.js")
        assert script["ContentType"] in ("text/javascript", "application/javascript")
        assert script["CacheControl"] == KEPT_LONG
        page = s3.get_object(Bucket="console", Key="index.html")
        assert (page["ContentType"], page["CacheControl"]) == ("text/html", ASKED_AGAIN)
        assert json.loads(s3.get_object(Bucket="console", Key="config.json")["Body"].read()) == {"stage": "dev"}


def test_the_settings_lead_to_the_edge_where_there_is_one() -> None:
    settings = publish.settings(OUTPUTS, "dev", "eu-west-1")
    assert settings["apiUrl"] == "https://api"
    assert settings["accountsUrl"] == "https://cognito-idp.eu-west-1.amazonaws.com/"
    assert publish.settings({**OUTPUTS, "EdgeUrl": "https://edge"}, "dev", "us-east-1")["apiUrl"] == "https://edge"


def test_what_the_stacks_say_is_found_and_a_stack_may_be_missing() -> None:
    template = json.dumps(
        {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"ConsoleBucket": {"Value": "console"}}}
    )
    with mock_aws():
        stacks = boto3.client("cloudformation", region_name="us-east-1")
        stacks.create_stack(StackName="microintern-dev-console", TemplateBody=template)
        assert publish.outputs_of(stacks, "dev") == {"ConsoleBucket": "console"}
        assert publish.outputs_of(stacks, "prod") == {}


def test_where_there_is_no_console_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws(), pytest.raises(SystemExit, match="no console in the stage 'dev'"):
        publish.main("dev")


def test_cloudfront_forgets_the_old_page_and_nothing_that_never_changes() -> None:
    asked: list[Any] = []

    class CloudFront:
        def create_invalidation(self, **request: Any) -> None:
            asked.append(request)

    publish.forget_page(CloudFront(), "E1")
    paths = asked[0]["InvalidationBatch"]["Paths"]
    assert paths == {"Quantity": 3, "Items": ["/", "/config.json", "/index.html"]}


# on this machine


@pytest.fixture
def served(built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(local, "BUILT", built)
    names = Outputs.__dataclass_fields__
    outputs = Outputs(**{name: name for name in names})
    with local.Console() as console:
        console.serve(outputs, "http://127.0.0.1:4566")
        yield console.origin
    with pytest.raises(httpx.ConnectError):
        httpx.get(console.origin)


def test_the_local_server_sends_what_cloudfront_does(served: str) -> None:
    for path in ("/", "/briefs/1/work", "/assets/index-1a2b.js", "/config.json"):
        answer = httpx.get(served + path)
        assert answer.status_code == 200
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "http://127.0.0.1:4566" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == kept(path.lstrip("/"))


def test_a_path_that_names_no_file_is_the_page(served: str) -> None:
    assert httpx.get(f"{served}/briefs/1").text == "index.html"
    assert httpx.get(f"{served}/assets/index-1a2b.js").text == "assets/index-1a2b.js"
    assert httpx.get(f"{served}/../../etc/passwd").text == "index.html"


def test_the_local_settings_lead_to_the_local_aws(served: str) -> None:
    settings = httpx.get(f"{served}/config.json").json()
    assert settings["apiUrl"] == "api_url"
    assert settings["authUrl"] == "http://127.0.0.1:4566"
    assert settings["clientId"] == "user_pool_client_id"

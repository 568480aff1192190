"""What we rely on of the local AWS where people come in."""

import base64
import hashlib
import json
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from infra.local.accounts import claims
from tests.conformance.aws import Aws

pytestmark = pytest.mark.local_stack

CONSOLE = "https://console.example.com"


@pytest.fixture(scope="module")
def api_url(aws: Aws) -> str:
    """An API as a template makes it, for the pages of one site."""
    cors = {"AllowOrigins": [CONSOLE], "AllowMethods": ["POST"], "AllowHeaders": ["authorization"], "MaxAge": 60}
    api: dict[str, Any] = {
        "Type": "AWS::ApiGatewayV2::Api",
        "Properties": {"Name": "edge", "ProtocolType": "HTTP", "CorsConfiguration": cors},
    }
    stacks, name = aws.client("cloudformation"), f"s-{uuid.uuid4()}"
    template = {"Resources": {"Api": api}, "Outputs": {"Id": {"Value": {"Ref": "Api"}}}}
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    (output,) = stacks.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    return f"{aws.endpoint}/_aws/execute-api/{output['OutputValue']}/$default"


def preflight(url: str, origin: str) -> httpx.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return httpx.options(f"{url}/anything", headers=headers, timeout=30)


def test_pages_of_the_site_that_a_template_names_may_call(api_url: str) -> None:
    answer = preflight(api_url, CONSOLE)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == CONSOLE
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-allow-headers"] == "authorization"


def test_pages_of_other_sites_may_not(api_url: str) -> None:
    answer = preflight(api_url, "https://other.example.com")
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_people_sign_in_by_code_and_a_renewed_token_names_their_groups_still(aws: Aws) -> None:
    idp, verifier, back = aws.client("cognito-idp"), "v" * 64, f"{CONSOLE}/signed-in"
    pool_id = idp.create_user_pool(PoolName="console")["UserPool"]["Id"]
    client = idp.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="console",
        AllowedOAuthFlows=["code"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["openid"],
        CallbackURLs=[back],
        SupportedIdentityProviders=["COGNITO"],
    )["UserPoolClient"]["ClientId"]
    idp.create_group(UserPoolId=pool_id, GroupName="student")
    idp.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password="Console-only-1!", Permanent=True)
    idp.admin_add_user_to_group(UserPoolId=pool_id, Username="ada", GroupName="student")
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"client_id": client, "redirect_uri": back, "response_type": "code", "scope": "openid", "state": "s"}
    form = {**asked, "code_challenge": challenge, "code_challenge_method": "S256", "username": "ada"}
    answer = httpx.post(f"{aws.endpoint}/login", data={**form, "password": "Console-only-1!"}, timeout=30)
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    def tokens(**grant: str) -> Any:
        return httpx.post(f"{aws.endpoint}/oauth2/token", data={"client_id": client, **grant}, timeout=30).json()

    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
    assert tokens(**given, code_verifier="another")["error"] == "invalid_grant"
    first = tokens(**given, code_verifier=verifier)
    renewed = tokens(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert claims(first["access_token"])["cognito:groups"] == ["student"]
    assert claims(renewed["access_token"])["cognito:groups"] == ["student"]

"""What we rely on of the local AWS where people come in."""

import json
import uuid
from typing import Any

import httpx
import pytest

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

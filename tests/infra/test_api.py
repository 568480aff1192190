"""The deployed routes are those of the document, and closed unless it says otherwise."""

import json
from typing import Any

import pytest

from infra.bundling import ROOT
from tests.infra.deployment import Deployment, Json, target_of

DOCUMENT = json.loads((ROOT / "functions" / "openapi" / "openapi.json").read_text())
OPERATIONS: dict[str, Json] = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}


@pytest.fixture(scope="module")
def routes(deployment: Deployment) -> dict[str, Json]:
    return {route["RouteKey"]: route for route in deployment.properties("AWS::ApiGatewayV2::Route").values()}


def test_routes_are_the_operations_of_the_document(routes: dict[str, Json]) -> None:
    assert routes.keys() == OPERATIONS.keys()


def test_a_token_is_needed_unless_the_document_says_not(routes: dict[str, Json]) -> None:
    public = {key for key, operation in OPERATIONS.items() if operation.get("security") == []}
    assert {key for key, route in routes.items() if route["AuthorizationType"] == "NONE"} == public
    of_credentials = {f"GET /credentials/{{credential_id}}{part}" for part in ("", "/badge", "/verification")}
    of_credentials |= {"POST /credentials/verification", "GET /issuer", "GET /status-lists/{number}"}
    described = {"GET /openapi.json", "GET /.well-known/jwks.json"}
    pages = {"GET /portfolios/{handle}", "GET /portfolios/{handle}/files/{file_id}"}
    unsubscribes = {f"{method} /unsubscribe/{{token}}" for method in ("GET", "POST")}
    assert public == described | of_credentials | pages | unsubscribes | {"POST /webhooks/payments"}
    assert all("AuthorizerId" not in routes[key] for key in public)
    for key in routes.keys() - public:
        assert routes[key]["AuthorizationType"] == "JWT"
        assert routes[key]["AuthorizerId"]


def test_each_route_goes_to_the_function_that_the_document_names(
    deployment: Deployment, routes: dict[str, Json]
) -> None:
    integrations = deployment.properties("AWS::ApiGatewayV2::Integration")

    def served_by(route: Json) -> str:
        integration: Any = integrations[f"Api/{route['Target']['Fn::Join'][1][1]['Ref']}"]
        return deployment.service_of(integration["IntegrationUri"], "Api")

    assert {key: served_by(route) for key, route in routes.items()} == {
        key: operation["x-function"] for key, operation in OPERATIONS.items()
    }


def test_every_function_of_the_api_serves_a_route_and_may_be_called(deployment: Deployment) -> None:
    functions = {name for name in deployment.properties("AWS::Lambda::Function") if name.startswith("Api/")}
    permitted = [
        f"Api/{target_of(permission['FunctionName'])}"
        for permission in deployment.properties("AWS::Lambda::Permission").values()
        if permission["Principal"] == "apigateway.amazonaws.com"
    ]
    assert sorted(permitted) == sorted(functions)
    assert len(functions) == len({operation["x-function"] for operation in OPERATIONS.values()})


def test_tokens_must_come_from_this_pool_for_this_client(deployment: Deployment) -> None:
    (authorizer,) = deployment.properties("AWS::ApiGatewayV2::Authorizer").values()
    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    jwt = authorizer["JwtConfiguration"]
    assert "microintern-" in str(jwt["Audience"])
    assert "Client" in str(jwt["Audience"])
    assert "https://cognito-idp." in str(jwt["Issuer"])
    assert "Pool" in str(jwt["Issuer"])


def test_requests_are_throttled_and_logged_without_personal_data(deployment: Deployment) -> None:
    (stage,) = deployment.properties("AWS::ApiGatewayV2::Stage").values()
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0
    logged = set(json.loads(stage["AccessLogSettings"]["Format"]).values())
    assert logged == {
        "$context.requestId",
        "$context.routeKey",
        "$context.status",
        "$context.responseLatency",
        "$context.integrationErrorMessage",
    }


def test_no_web_site_may_call_it_by_default(deployment: Deployment) -> None:
    (api,) = deployment.properties("AWS::ApiGatewayV2::Api").values()
    assert "CorsConfiguration" not in api

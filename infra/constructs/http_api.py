"""The HTTP API: the routes of the OpenAPI document, each to the function that it names."""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.bundling import ROOT
from infra.config import Stage
from infra.constructs.exceptions import accept
from infra.constructs.function import ServiceFunction, camel, log_group

DOCUMENT = ROOT / "functions" / "openapi" / "openapi.json"
COSTLY = {
    "POST /dead-letters/redrive": 0.02,
    "GET /me/statement.csv": 0.1,
    "GET /payees.csv": 0.1,
    "PUT /me/payout-account": 0.1,
    "POST /briefs": 0.2,
    "POST /briefs/{brief_id}/files": 0.5,
    "POST /webhooks/payments": 0.5,
    "POST /credentials/verification": 0.2,
    "GET /credentials/{credential_id}/verification": 0.2,
    "GET /credentials/{credential_id}/badge": 0.2,
    "GET /status-lists/{number}": 0.5,
    "GET /unsubscribe/{token}": 0.2,
    "POST /unsubscribe/{token}": 0.2,
}
"""Routes that cost more than others, or that anyone can call: which share of the API's rate they may have."""
METHODS = frozenset({"get", "put", "post", "delete", "patch"})
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "integrationError": "$context.integrationErrorMessage",
}
"""Ids only: no address, no agent, no path with its parameters."""


class HttpApi(gateway.CfnApi):
    """The API itself, which has an address before it has a route."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        """Create it."""
        super().__init__(
            scope,
            "HttpApi",
            name=f"microintern-{stage.name}",
            protocol_type="HTTP",
            cors_configuration=_cors(stage),
        )


class DocumentedApi(Construct):
    """It serves what the document describes; a route needs a token unless the document says not."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        api: HttpApi,
        functions: Mapping[str, ServiceFunction],
        issuer: str,
        audience: str,
    ) -> None:
        """Give the API one integration per function and one route per operation."""
        super().__init__(scope, "HttpApi")
        self.api = api
        settings = self._stage(stage)
        self.authorizer = gateway.CfnAuthorizer(
            self,
            "Authorizer",
            api_id=self.api.ref,
            authorizer_type="JWT",
            name="accounts",
            identity_source=["$request.header.Authorization"],
            jwt_configuration=gateway.CfnAuthorizer.JWTConfigurationProperty(issuer=issuer, audience=[audience]),
        )
        self.integrations = {name: self._integration(function) for name, function in functions.items()}
        for path, operations in json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"].items():
            for method in METHODS & operations.keys():
                route = self._route(f"{method.upper()} {path}", operations[method])
                if route.route_key in COSTLY:
                    settings.node.add_dependency(route)  # a limit is of a route that is there

    def _stage(self, stage: Stage) -> gateway.CfnStage:
        return gateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=gateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=stage.requests_per_s, throttling_burst_limit=stage.burst_requests
            ),
            route_settings={route: _limits(stage, share) for route, share in COSTLY.items()},
            access_log_settings=gateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log_group(self, stage).log_group_arn, format=json.dumps(ACCESS_LOG)
            ),
        )

    def _integration(self, function: ServiceFunction) -> gateway.CfnIntegration:
        lambda_.CfnPermission(
            self,
            f"Invoke{camel(function.service)}",
            action="lambda:InvokeFunction",
            function_name=function.arn,
            principal="apigateway.amazonaws.com",
            source_arn=f"arn:{Aws.PARTITION}:execute-api:{Aws.REGION}:{Aws.ACCOUNT_ID}:{self.api.ref}/*/*",
        )
        return gateway.CfnIntegration(
            self,
            camel(function.service),
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=function.arn,
            payload_format_version="2.0",
        )

    def _route(self, key: str, operation: Mapping[str, Any]) -> gateway.CfnRoute:
        public = operation.get("security") == []
        route = gateway.CfnRoute(
            self,
            key,
            api_id=self.api.ref,
            route_key=key,
            target=f"integrations/{self.integrations[operation['x-function']].ref}",
            authorization_type="NONE" if public else "JWT",
            authorizer_id=None if public else self.authorizer.ref,
        )
        if public:
            accept(route, "The document itself says that this one is public.", "AwsSolutions-APIG4")
        return route


def _limits(stage: Stage, share: float) -> dict[str, int]:
    return {
        "ThrottlingRateLimit": max(1, round(stage.requests_per_s * share)),
        "ThrottlingBurstLimit": max(1, round(stage.burst_requests * share)),
    }


def _cors(stage: Stage) -> gateway.CfnApi.CorsProperty | None:
    if stage.web_origin is None:
        return None
    return gateway.CfnApi.CorsProperty(
        allow_origins=[stage.web_origin],
        allow_methods=[method.upper() for method in sorted(METHODS)],
        allow_headers=["authorization", "content-type", "idempotency-key"],
        expose_headers=["link"],  # which leads to a table's next page
        max_age=3_600,
    )

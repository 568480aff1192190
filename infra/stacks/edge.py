"""What stands before the API: CloudFront with a web application firewall, and the key that it shows to the API."""

from aws_cdk import Aws, CfnOutput, CfnRule, CfnRuleAssertion, Duration, Fn
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from constructs import Construct

from infra.config import Stage
from infra.constructs.exceptions import accept
from infra.constructs.origin_key import OriginKey
from infra.constructs.web_acl import EdgeAcl
from infra.stacks.base import StageStack
from infra.stacks.gateway import GatewayStack
from microintern.web.headers import SECURITY
from microintern.web.origin import HEADER

REGION = "us-east-1"
"""Where CloudFront's firewalls can be made."""


class EdgeStack(StageStack):
    """One distribution. Whoever goes around it is refused by the API's functions, for want of the key."""

    def __init__(self, scope: Construct, stage: Stage, gateway: GatewayStack, key: OriginKey) -> None:
        """Name the parts."""
        super().__init__(scope, "Edge", stage)
        _only_in_its_region(self)
        origin = origins.HttpOrigin(
            f"{gateway.api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}",
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            custom_headers={HEADER: key.current},
        )
        behaviour = cloudfront.BehaviorOptions(
            origin=origin,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            response_headers_policy=_response_headers(self),
        )
        certificate = stage.certificate_arn and acm.Certificate.from_certificate_arn(
            self, "Certificate", stage.certificate_arn
        )
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            # Changed by `-c origin_key=…`, so that a deployment reads the key anew.
            comment=f"microintern {stage.name}, key {stage.origin_key}",
            default_behavior=behaviour,
            web_acl_id=EdgeAcl(self, stage).arn,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            domain_names=[stage.domain] if stage.domain else None,
            certificate=certificate or None,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            ssl_support_method=cloudfront.SSLMethod.SNI if certificate else None,
        )
        self.url = f"https://{stage.domain or self.distribution.distribution_domain_name}"
        CfnOutput(self, "EdgeUrl", value=self.url)
        _accept_exceptions(self.distribution, stage)


def _only_in_its_region(stack: EdgeStack) -> None:
    """Said before anything is created, instead of half-way."""
    where = CfnRuleAssertion(
        assert_=Fn.condition_equals(Aws.REGION, REGION),
        assert_description=f"The firewall of CloudFront can only be made in {REGION}: deploy there, or with EDGE=off.",
    )
    CfnRule(stack, "Region", assertions=[where])


def _response_headers(scope: Construct) -> cloudfront.ResponseHeadersPolicy:
    """The same as the functions send, on what API Gateway and the firewall answer as well."""
    header = cloudfront.ResponseHeadersStrictTransportSecurity
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "Headers",
        security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
            strict_transport_security=header(
                access_control_max_age=Duration.days(730), include_subdomains=True, override=True
            ),
            content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
            frame_options=cloudfront.ResponseHeadersFrameOptions(
                frame_option=cloudfront.HeadersFrameOption.DENY, override=True
            ),
            content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                # What a function says itself counts: one page has a style, which only its own policy lets be used.
                content_security_policy=SECURITY["Content-Security-Policy"],
                override=False,
            ),
            referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
            ),
        ),
        custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
            custom_headers=[
                cloudfront.ResponseCustomHeader(
                    header="Permissions-Policy", value=SECURITY["Permissions-Policy"], override=True
                )
            ]
        ),
    )


def _accept_exceptions(distribution: cloudfront.Distribution, stage: Stage) -> None:
    accept(distribution, "Who may use the platform does not depend on the country.", "AwsSolutions-CFR1")
    accept(distribution, "Access logs hold addresses of people; the firewall's counts are kept.", "AwsSolutions-CFR3")
    if not stage.certificate_arn:
        default = "CloudFront's own certificate fixes the oldest TLS; a domain of one's own asks for TLS 1.2."
        accept(distribution, default, "AwsSolutions-CFR4")

"""The console in the browser: static files in a private bucket, before them CloudFront."""

from aws_cdk import Aws, CfnOutput, Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.config import Stage
from infra.constructs.exceptions import accept
from infra.constructs.page_headers import content_security_policy
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from infra.stacks.identity import IdentityStack
from microintern.web.headers import SECURITY


class ConsoleStack(StageStack):
    """A bucket that only its distribution reads. `make publish` puts files and settings there."""

    def __init__(self, scope: Construct, stage: Stage, data: DataStack, identity: IdentityStack, api_url: str) -> None:
        """Name the parts."""
        super().__init__(scope, "Console", stage)
        self.bucket = _bucket(self, stage)
        policy = content_security_policy(
            [api_url, identity.auth_url, f"https://cognito-idp.{Aws.REGION}.{Aws.URL_SUFFIX}"],
            f"https://{data.files.bucket_regional_domain_name}",
        )
        self.distribution = _distribution(self, stage, self.bucket, _headers(self, policy))
        name = stage.console_domain or self.distribution.distribution_domain_name
        CfnOutput(self, "ConsoleUrl", value=f"https://{name}")
        CfnOutput(self, "ConsoleBucket", value=self.bucket.bucket_name)
        CfnOutput(self, "ConsoleDistribution", value=self.distribution.distribution_id)


def _bucket(scope: Construct, stage: Stage) -> s3.Bucket:
    bucket = s3.Bucket(
        scope,
        "Files",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        # Browsers that have the old page ask for its parts for a while.
        versioned=True,
        lifecycle_rules=[s3.LifecycleRule(noncurrent_version_expiration=Duration.days(30))],
        removal_policy=stage.removal_policy,
    )
    accept(bucket, "What is in it anybody may have; who asked is nobody's business.", "AwsSolutions-S1")
    return bucket


def _distribution(
    scope: Construct, stage: Stage, bucket: s3.Bucket, headers: cloudfront.ResponseHeadersPolicy
) -> cloudfront.Distribution:
    certificate = stage.console_certificate_arn and acm.Certificate.from_certificate_arn(
        scope, "Certificate", stage.console_certificate_arn
    )
    distribution = cloudfront.Distribution(
        scope,
        "Distribution",
        comment=f"microintern {stage.name}, console",
        default_root_object="index.html",
        default_behavior=cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(bucket),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            response_headers_policy=headers,
            compress=True,
        ),
        # A link into the console names no file: the page finds out what is meant. S3 says 403 of what is not there.
        error_responses=[
            cloudfront.ErrorResponse(
                http_status=403, response_http_status=200, response_page_path="/index.html", ttl=Duration.seconds(0)
            )
        ],
        http_version=cloudfront.HttpVersion.HTTP2_AND_3,
        price_class=cloudfront.PriceClass.PRICE_CLASS_100,
        domain_names=[stage.console_domain] if certificate and stage.console_domain else None,
        certificate=certificate or None,
        minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        ssl_support_method=cloudfront.SSLMethod.SNI if certificate else None,
    )
    accept(distribution, "Who may use the platform does not depend on the country.", "AwsSolutions-CFR1")
    accept(distribution, "Static files: there is nothing behind them to attack.", "AwsSolutions-CFR2")
    accept(distribution, "Access logs hold addresses of people.", "AwsSolutions-CFR3")
    if not certificate:
        default = "CloudFront's own certificate fixes the oldest TLS; a domain of one's own asks for TLS 1.2."
        accept(distribution, default, "AwsSolutions-CFR4")
    return distribution


def _headers(scope: Construct, policy: str) -> cloudfront.ResponseHeadersPolicy:
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
                content_security_policy=policy, override=True
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

"""What is refused at the edge before it costs anything: known attacks, and too much from one address."""

from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.config import Stage
from microintern.web.api import MOST_BODY_BYTES

MANAGED = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
TEXT_IS_FREE = (
    "SizeRestrictions_BODY",
    "CrossSiteScripting_BODY",
    "EC2MetaDataSSRF_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
)
"""Rules of the common set that only count. A brief may be longer than their 8 KB, or about attacks on web sites;
bodies are JSON that is validated field by field and never shown as HTML by this API."""

_TEXT = [wafv2.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")]


class EdgeAcl(Construct):
    """A web ACL for CloudFront, which is why it has to be in us-east-1."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        """Create the ACL; what it sampled of requests would hold addresses, so nothing is sampled."""
        super().__init__(scope, "Acl")
        rules = [_rate(stage, 0), _body_size(1)]
        rules += [_managed(name, len(rules) + i) for i, name in enumerate(MANAGED)]
        self.acl = wafv2.CfnWebACL(
            self,
            "WebAcl",
            scope="CLOUDFRONT",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible("all"),
            association_config=wafv2.CfnWebACL.AssociationConfigProperty(
                request_body={
                    "CLOUDFRONT": wafv2.CfnWebACL.RequestBodyAssociatedResourceTypeConfigProperty(
                        default_size_inspection_limit="KB_64"
                    )
                }
            ),
            rules=rules,
        )

    @property
    def arn(self) -> str:
        """The ACL's ARN."""
        return self.acl.attr_arn


def _rate(stage: Stage, priority: int) -> wafv2.CfnWebACL.RuleProperty:
    limit = wafv2.CfnWebACL.RateBasedStatementProperty(
        limit=stage.requests_per_address, aggregate_key_type="IP", evaluation_window_sec=300
    )
    statement = wafv2.CfnWebACL.StatementProperty(rate_based_statement=limit)
    return _blocking("too-many", priority, statement)


def _body_size(priority: int) -> wafv2.CfnWebACL.RuleProperty:
    body = wafv2.CfnWebACL.FieldToMatchProperty(
        body=wafv2.CfnWebACL.BodyProperty(oversize_handling="MATCH")  # longer than what is looked at
    )
    size = wafv2.CfnWebACL.SizeConstraintStatementProperty(
        comparison_operator="GT", field_to_match=body, size=MOST_BODY_BYTES, text_transformations=_TEXT
    )
    return _blocking("body-too-large", priority, wafv2.CfnWebACL.StatementProperty(size_constraint_statement=size))


def _blocking(name: str, priority: int, statement: wafv2.CfnWebACL.StatementProperty) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        statement=statement,
        action=wafv2.CfnWebACL.RuleActionProperty(block={}),
        visibility_config=_visible(name),
    )


def _managed(name: str, priority: int) -> wafv2.CfnWebACL.RuleProperty:
    counted = TEXT_IS_FREE if name == "AWSManagedRulesCommonRuleSet" else ()
    only_count = wafv2.CfnWebACL.RuleActionProperty(count={})
    group = wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
        vendor_name="AWS",
        name=name,
        rule_action_overrides=[
            wafv2.CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=only_count) for rule in counted
        ]
        or None,
    )
    return wafv2.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        statement=wafv2.CfnWebACL.StatementProperty(managed_rule_group_statement=group),
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        visibility_config=_visible(name),
    )


def _visible(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )

"""A DynamoDB table of this system."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config import Stage
from infra.constructs.function import ServiceFunction

STRING = dynamodb.AttributeType.STRING
ALL: list[str] = ["*"]


class KeyedTable(Construct):
    """On demand, keyed by the strings `pk` and `sk`, restorable to any second of the last 35 days."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        stage: Stage,
        stream: dynamodb.StreamViewType | None = None,
        append_only: bool = False,
        forget_at: str | None = None,
    ) -> None:
        """Create the table; in one that is `append_only` nobody, whatever else they may, changes or removes an item.

        Items go by themselves after the instant in `forget_at`, in seconds since 1970, if the table has such.
        """
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=STRING),
            sort_key=dynamodb.Attribute(name="sk", type=STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            stream=stream,
            time_to_live_attribute=forget_at,
            resource_policy=_nothing_is_changed() if append_only else None,
            deletion_protection=stage.keeps_data,
            removal_policy=stage.removal_policy,
        )

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.table_name

    def index(self, name: str, partition_key: str, sort_key: str, included: list[str] | None = None) -> None:
        """Add an index over two string attributes: of keys only, or of some or ALL attributes beside them."""
        projection = dynamodb.ProjectionType.INCLUDE if included else dynamodb.ProjectionType.KEYS_ONLY
        if included is ALL:
            projection, included = dynamodb.ProjectionType.ALL, None
        self.table.add_global_secondary_index(
            index_name=name,
            partition_key=dynamodb.Attribute(name=partition_key, type=STRING),
            sort_key=dynamodb.Attribute(name=sort_key, type=STRING),
            projection_type=projection,
            non_key_attributes=included,
        )

    def allow_attributes(self, function: ServiceFunction, operation: str, *names: str) -> None:
        """Let a function use an operation that names no other attributes than these and the keys."""
        condition = {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", *names]}}
        function.allow([f"dynamodb:{operation}"], self.table.table_arn, **condition)

    def allow(self, function: ServiceFunction, *operations: str, query: tuple[str, ...] = ()) -> None:
        """Let a function use these operations on the table, and query these indexes."""
        if operations:
            function.allow([f"dynamodb:{operation}" for operation in operations], self.table.table_arn)
        if query:
            function.allow(["dynamodb:Query"], *(f"{self.table.table_arn}/index/{name}" for name in query))


def _nothing_is_changed() -> iam.PolicyDocument:
    changing = ("UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete", "PartiQLInsert")
    statement = iam.PolicyStatement(
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=[f"dynamodb:{action}" for action in changing],
        resources=["*"],  # of a table's own policy: this table
    )
    return iam.PolicyDocument(statements=[statement])

"""The API's address, before anything answers there: what is signed has to name it."""

from aws_cdk import Aws, CfnOutput
from constructs import Construct

from infra.config import Stage
from infra.constructs.http_api import HttpApi
from infra.constructs.origin_key import OriginKey
from infra.stacks.base import StageStack


class GatewayStack(StageStack):
    """An API without routes, and the key that the edge shows to it: all that the edge needs to be before the rest."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        """Name the parts."""
        super().__init__(scope, "Gateway", stage)
        self.api = HttpApi(self, stage)
        self.origin_key = OriginKey(self, stage) if stage.edge else None
        self.api_id = self.api.ref
        self.url = f"https://{self.api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}"
        CfnOutput(self, "ApiId", value=self.api_id)
        CfnOutput(self, "ApiUrl", value=self.url)
        if stage.endpoint:
            self.url = f"{stage.endpoint}/_aws/execute-api/{self.api_id}/$default"

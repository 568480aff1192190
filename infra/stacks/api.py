"""What people talk to: the HTTP API and the functions behind it."""

from aws_cdk import Aws, CfnOutput
from constructs import Construct

from infra.config import Stage
from infra.constructs.function import ServiceFunctions
from infra.constructs.http_api import DocumentedApi
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from infra.stacks.identity import IdentityStack


class ApiStack(StageStack):
    """One function per set of permissions; the routes come from the OpenAPI document."""

    def __init__(self, scope: Construct, stage: Stage, data: DataStack, identity: IdentityStack) -> None:
        """Name the parts and what each may do."""
        super().__init__(scope, "Api", stage)
        pool = identity.accounts.pool
        functions = ServiceFunctions(self, stage, data.known | {"user_pool_id": pool.user_pool_id})

        briefs_api = functions.add("briefs_api")
        data.briefs.allow(briefs_api, "GetItem", "BatchGetItem", "PutItem", "UpdateItem")
        data.accounts.allow(briefs_api, "ConditionCheckItem")

        browse_api = functions.add("browse_api")
        indexes = ("listing", "by_employer", "by_student")
        data.briefs.allow(browse_api, "GetItem", "BatchGetItem", "Query", query=indexes)
        data.accounts.allow(browse_api, "GetItem", "BatchGetItem")
        data.ledger.allow(browse_api, "Query")

        files_api = functions.add("files_api")
        data.briefs.allow(files_api, "BatchGetItem", "PutItem")
        data.files.allow(files_api, "PutObject", "GetObject", "GetObjectVersion")

        accounts_api = functions.add("accounts_api")
        data.accounts.allow(accounts_api, "GetItem", "Query", "PutItem")

        roles_api = functions.add("roles_api")
        memberships = ("AdminAddUserToGroup", "AdminRemoveUserFromGroup", "AdminListGroupsForUser")
        roles_api.allow([f"cognito-idp:{action}" for action in memberships], pool.user_pool_arn)

        functions.add("openapi", timeout_s=5)

        self.functions = functions.all
        by_name = {function.service: function for function in self.functions}
        client_id = identity.accounts.client.user_pool_client_id
        self.http = DocumentedApi(self, stage, by_name, issuer=identity.issuer, audience=client_id)
        self.api_id = self.http.api.ref
        CfnOutput(self, "ApiId", value=self.api_id)
        CfnOutput(self, "ApiUrl", value=f"https://{self.api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}")

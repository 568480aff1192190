"""What people talk to: the HTTP API and the functions behind it."""

from collections.abc import Mapping

from aws_cdk.aws_cognito import IUserPool
from constructs import Construct

from infra.config import Stage
from infra.constructs.bucket import AGREEMENTS, PREVIEWS
from infra.constructs.dead_letters import DeadLetters
from infra.constructs.function import ServiceFunction, ServiceFunctions
from infra.constructs.http_api import DocumentedApi
from infra.stacks.base import StageStack
from infra.stacks.data import DataStack
from infra.stacks.gateway import GatewayStack
from infra.stacks.identity import IdentityStack
from infra.stacks.payments import PaymentsStack
from microintern.domain.cohorts import Cohort


class ApiStack(StageStack):
    """One function per set of permissions; the routes come from the OpenAPI document."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        gateway: GatewayStack,
        known: Mapping[str, str],
        data: DataStack,
        identity: IdentityStack,
        payments: PaymentsStack,
        letters: DeadLetters,
    ) -> None:
        """Name the parts; the methods below say what each may do. `known` is what functions know of other stacks."""
        super().__init__(scope, "Api", stage)
        pool, key = identity.accounts.pool, gateway.origin_key
        known = {**known, "user_pool_id": pool.user_pool_id, "origin_secret_arn": key.arn if key else ""}
        functions = ServiceFunctions(self, stage, payments.known | known)
        self._briefs(functions, data)
        self._accounts(functions, data, pool)
        self._money(functions, data, payments, letters)
        self._credentials(functions, data)
        self._manifests(functions.add("manifest_api"), data)
        self._portfolios(functions, data)
        for function in functions.all:
            self._gate(function, data)
        self._public(functions, data, payments)
        self.unsubscribe = functions.add("unsubscribe")
        data.accounts.allow(self.unsubscribe, "GetItem", "PutItem", "ConditionCheckItem")

        if key:
            key.allow(functions.all)
        self.functions = functions.all
        by_name = {function.service: function for function in self.functions}
        client_id = identity.accounts.client.user_pool_client_id
        self.http = DocumentedApi(self, stage, gateway.api, by_name, issuer=identity.issuer, audience=client_id)
        self.api_id = gateway.api_id

    def _gate(self, function: ServiceFunction, data: DataStack) -> None:
        """Whoever is called with a token looks how the caller stands, and counts; who may act it cannot decide."""
        data.accounts.allow(function, "GetItem")
        data.accounts.allow_attributes(function, "UpdateItem", "window", "requests")

    def _public(self, functions: ServiceFunctions, data: DataStack, payments: PaymentsStack) -> None:
        functions.add("openapi", timeout_s=5)
        data.signing_key.allow(functions.add("signing_keys"), "GetPublicKey")
        self._public_credentials(functions, data)
        self._public_portfolios(functions, data)
        webhook = functions.add("payments_webhook", asks_provider=True)
        data.audit.allow(webhook, "GetItem", "PutItem")
        webhook.allow(["events:PutEvents"], data.bus.event_bus_arn)
        payments.provider.allow_secret(webhook)

    def _briefs(self, functions: ServiceFunctions, data: DataStack) -> None:
        briefs_api = functions.add("briefs_api")
        data.briefs.allow(briefs_api, "GetItem", "BatchGetItem", "PutItem", "UpdateItem")
        data.accounts.allow(briefs_api, "ConditionCheckItem", "BatchGetItem", "PutItem")
        data.audit.allow(briefs_api, "PutItem")

        browse_api = functions.add("browse_api")
        indexes = ("listing", "by_employer", "by_student")
        data.briefs.allow(browse_api, "GetItem", "BatchGetItem", "Query", query=indexes)
        data.accounts.allow(browse_api, "BatchGetItem")
        data.trail.allow(browse_api, "Query")

        search_api = functions.add("search_api")
        data.briefs.allow(search_api, "BatchGetItem")
        data.accounts.allow(search_api, "BatchGetItem", "PutItem")
        data.search.allow(search_api, "Query", "PutItem", "DeleteItem")

        files_api = functions.add("files_api")
        data.briefs.allow(files_api, "BatchGetItem", "PutItem")
        data.audit.allow(files_api, "PutItem")
        parts = ("ListMultipartUploadParts", "AbortMultipartUpload")
        data.accounts.allow_attributes(files_api, "UpdateItem", "uploads", "bytes", "forget_at")
        data.files.allow(files_api, "PutObject", "GetObject", "GetObjectVersion", *parts)
        data.files.allow(files_api, "GetObject", prefix=PREVIEWS)

        functions.add("drafting_api")
        self._messages(functions.add("messages_api"), data)

        self._agreements(functions, data)

        feedback_api = functions.add("feedback_api")
        data.briefs.allow(feedback_api, "BatchGetItem", "PutItem")

        records_api = functions.add("records_api")
        data.briefs.allow(records_api, "BatchGetItem")
        data.records.allow(records_api, "GetItem", "Query")

    def _manifests(self, manifest_api: ServiceFunction, data: DataStack) -> None:
        data.briefs.allow(manifest_api, "BatchGetItem")
        data.signing_key.allow(manifest_api, "GetPublicKey", "Sign")

    def _agreements(self, functions: ServiceFunctions, data: DataStack) -> None:
        agreements_api = functions.add("agreements_api")
        data.briefs.allow(agreements_api, "GetItem", "BatchGetItem")
        data.audit.allow(agreements_api, "PutItem")
        data.files.allow(agreements_api, "GetObject", prefix=AGREEMENTS)
        data.files.allow_listing_under(agreements_api, AGREEMENTS)
        amendments_api = functions.add("amendments_api")
        data.briefs.allow(amendments_api, "BatchGetItem", "PutItem", "UpdateItem")
        data.accounts.allow(amendments_api, "ConditionCheckItem")
        data.audit.allow(amendments_api, "PutItem")

    def _credentials(self, functions: ServiceFunctions, data: DataStack) -> None:
        credentials_api = functions.add("credentials_api", credits_people=True)
        data.accounts.allow(credentials_api, "BatchGetItem")
        data.credentials.allow(credentials_api, "GetItem", "BatchGetItem", "PutItem", query=("by_student",))
        data.credential_key.allow(credentials_api, "GetPublicKey", "Sign")

        credits_api = functions.add("credits_api", credits_people=True)
        data.briefs.allow(credits_api, "BatchGetItem")
        data.accounts.allow(credits_api, "BatchGetItem", "PutItem", "ConditionCheckItem")
        data.credentials.allow(credits_api, "GetItem", "BatchGetItem", "Query", "PutItem")
        data.credential_key.allow(credits_api, "GetPublicKey", "Sign")

    def _public_credentials(self, functions: ServiceFunctions, data: DataStack) -> None:
        """Anybody can call these: they see credentials and nothing else, and what shows them cannot sign."""
        public = functions.add("public_credentials", credits_people=True)
        data.credentials.allow(public, "GetItem")
        data.credential_key.allow(public, "GetPublicKey", "Verify")
        lists = functions.add("status_lists", credits_people=True)
        data.credentials.allow(lists, "Query")
        data.credential_key.allow(lists, "GetPublicKey", "Sign")

    def _portfolios(self, functions: ServiceFunctions, data: DataStack) -> None:
        portfolio_api = functions.add("portfolio_api")
        data.portfolios.allow(portfolio_api, "GetItem", "BatchGetItem", "Query", "PutItem")
        data.accounts.allow(portfolio_api, "ConditionCheckItem")
        data.briefs.allow(portfolio_api, "GetItem", "BatchGetItem")
        data.records.allow(portfolio_api, "Query")
        # Fonts are large, and letters are shaped in Python.
        resume_api = functions.add("resume_api", prints=True)
        data.portfolios.allow(resume_api, "Query")

    def _public_portfolios(self, functions: ServiceFunctions, data: DataStack) -> None:
        """Anybody can call these: one sees pages and nothing else, the other can also read files."""
        data.portfolios.allow(functions.add("public_portfolios"), "GetItem", "Query")
        files = functions.add("portfolio_files")
        data.portfolios.allow(files, "GetItem", "Query")
        data.briefs.allow(files, "BatchGetItem")
        data.files.allow(files, "GetObjectVersion")

    def _messages(self, messages_api: ServiceFunction, data: DataStack) -> None:
        data.briefs.allow(messages_api, "GetItem", "BatchGetItem", "PutItem", "Query")
        data.accounts.allow(messages_api, "BatchGetItem", "ConditionCheckItem")
        data.accounts.allow_attributes(messages_api, "UpdateItem", "messages", "forget_at")
        data.audit.allow(messages_api, "PutItem")

    def _accounts(self, functions: ServiceFunctions, data: DataStack, pool: IUserPool) -> None:
        accounts_api = functions.add("accounts_api")
        data.accounts.allow(accounts_api, "Query", "PutItem", "ConditionCheckItem")

        organisations_api = functions.add("organisations_api")
        operations = ("Query", "BatchGetItem", "PutItem", "UpdateItem", "ConditionCheckItem")
        data.accounts.allow(organisations_api, *operations, query=("organisations",))

        webhooks_api = functions.add("webhooks_api")
        data.accounts.allow(webhooks_api, "Query", "PutItem", "ConditionCheckItem")
        data.accounts.allow_attributes(webhooks_api, "UpdateItem", "webhooks")
        data.webhooks.allow(webhooks_api, "GetItem", "Query")
        data.secrets_key.allow(webhooks_api, "Encrypt", "Decrypt")

        talent_api = functions.add("talent_api")
        data.accounts.allow(talent_api, "Query", "BatchGetItem", "PutItem", "ConditionCheckItem")
        data.briefs.allow(talent_api, "BatchGetItem", "Query", "PutItem", "UpdateItem")

        self._cohorts(functions.add("cohorts_api", timeout_s=29), data)

        personal = functions.add("personal_data_api", timeout_s=29)
        data.accounts.allow(personal, "Query", "UpdateItem", "BatchGetItem")
        data.briefs.allow(personal, "BatchGetItem", "Query", query=("by_employer", "by_student", "by_author"))
        data.ledger.allow(personal, query=("by_party",))
        data.records.allow(personal, "GetItem")
        data.credentials.allow(personal, "GetItem")
        data.portfolios.allow(personal, "Query")
        personal.allow(["cognito-idp:AdminListGroupsForUser"], pool.user_pool_arn)

        roles_api = functions.add("roles_api")
        data.accounts.allow(roles_api, "PutItem", "UpdateItem")
        memberships = ("AdminAddUserToGroup", "AdminRemoveUserFromGroup", "AdminListGroupsForUser")
        sessions = ("AdminDisableUser", "AdminEnableUser", "AdminUserGlobalSignOut")
        roles_api.allow([f"cognito-idp:{action}" for action in (*memberships, *sessions)], pool.user_pool_arn)

    def _cohorts(self, cohorts_api: ServiceFunction, data: DataStack) -> None:
        """It writes consent and cohorts; what it reads of briefs it cannot change."""
        data.briefs.allow(cohorts_api, "BatchGetItem")
        data.accounts.allow(cohorts_api, "Query", "BatchGetItem", "PutItem", "DeleteItem", "ConditionCheckItem")
        data.accounts.allow_attributes(cohorts_api, "UpdateItem", *sorted(Cohort.model_fields))

    def _money(
        self, functions: ServiceFunctions, data: DataStack, payments: PaymentsStack, letters: DeadLetters
    ) -> None:
        payout_account_api = functions.add("payout_account_api", asks_provider=True)
        data.accounts.allow(payout_account_api, "PutItem")
        payments.provider.allow(payout_account_api, "PutItem")

        money_api = functions.add("money_api", timeout_s=29)
        data.briefs.allow(money_api, "GetItem")
        data.ledger.allow(money_api, "Query", query=("by_party", "by_payee"))

        operations_api = functions.add("operations_api", timeout_s=29, dead_letters=letters.as_setting(self))
        data.ledger.allow(operations_api, query=("by_work",))
        data.audit.allow(operations_api, "GetItem", "PutItem", query=("newest",))
        data.trail.allow(operations_api, "Query", "BatchGetItem")
        letters.allow(operations_api)

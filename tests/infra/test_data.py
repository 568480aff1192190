"""What must not be lost, and who may get in."""

import re

from infra.bundling import ROOT
from microintern.domain.states import Role
from tests.contract import tables
from tests.infra.deployment import Deployment, Json, target_of


def of_data(deployment: Deployment, kind: str) -> list[Json]:
    """Of the stack that keeps data: the console has a bucket of its own."""
    return [found for name, found in deployment.properties(kind).items() if name.startswith("Data/")]


def test_tables_are_on_demand_and_restorable(deployment: Deployment) -> None:
    found = deployment.resources("AWS::DynamoDB::Table")
    assert len(found) == (11 if deployment.payments == "sandbox" else 10)
    for name, table in found.items():
        properties = table["Properties"]
        assert properties["BillingMode"] == "PAY_PER_REQUEST", name
        assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name
        assert [key["AttributeName"] for key in properties["KeySchema"]] == ["pk", "sk"], name


def test_what_something_follows_from_has_a_stream(deployment: Deployment) -> None:
    found = deployment.properties("AWS::DynamoDB::Table").items()
    streams = {name.split("/")[1][:6]: t["StreamSpecification"] for name, t in found if "StreamSpecification" in t}
    both = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert streams == {"Accoun": both, "Briefs": both, "Creden": both, "Portfo": both}


def test_what_is_kept_for_a_while_goes_by_itself(deployment: Deployment) -> None:
    found = deployment.properties("AWS::DynamoDB::Table").items()
    forgets = {
        name.split("/")[1][:8]: t["TimeToLiveSpecification"] for name, t in found if "TimeToLiveSpecification" in t
    }
    by_then = {"AttributeName": "forget_at", "Enabled": True}
    assert forgets == dict.fromkeys(("Accounts", "BriefsTa", "SearchTa", "Webhooks"), by_then)


def test_nobody_changes_the_audit_trail_whatever_else_they_may(deployment: Deployment) -> None:
    found = deployment.properties("AWS::DynamoDB::Table").items()
    policies = {name.split("/")[1]: t["ResourcePolicy"]["PolicyDocument"] for name, t in found if "ResourcePolicy" in t}
    ((name, policy),) = policies.items()
    assert name.startswith("Trail")
    (statement,) = policy["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Resource"]) == ("Deny", {"AWS": "*"}, "*")
    assert {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"} <= set(statement["Action"])
    assert "dynamodb:PutItem" not in statement["Action"]


NAMES = {
    "BriefsTable": tables.BRIEFS,
    "AccountsTable": tables.ACCOUNTS,
    "LedgerTable": tables.LEDGER,
    "AuditTable": tables.AUDIT,
    "TrailTable": tables.TRAIL,
    "RecordsTable": tables.RECORDS,
    "CredentialsTable": tables.CREDENTIALS,
    "PortfoliosTable": tables.PORTFOLIOS,
    "WebhooksTable": tables.WEBHOOKS,
    "SearchTable": tables.SEARCH,
    "PaymentsSandboxTable": tables.SANDBOX,
}
"""What the tests of the adapters call the tables."""


def indexes_of(deployment: Deployment) -> dict[str, tables.Indexes]:
    """Every table's indexes, as `tests/contract/tables.py` has them."""
    found = {}
    for name, table in deployment.properties("AWS::DynamoDB::Table").items():
        own = next(ours for prefix, ours in NAMES.items() if name.split("/")[1].startswith(prefix))
        types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table["AttributeDefinitions"]}
        assert set(types.values()) == {"S"}
        found[own] = {
            index["IndexName"]: (*(key["AttributeName"] for key in index["KeySchema"]), index["Projection"])
            for index in table.get("GlobalSecondaryIndexes", [])
        }
        assert [key["KeyType"] for i in table.get("GlobalSecondaryIndexes", []) for key in i["KeySchema"]] == [
            "HASH",
            "RANGE",
        ] * len(found[own])
    return found


def test_the_indexes_are_those_that_the_adapters_are_tested_on(deployment: Deployment) -> None:
    wanted = {
        name: own for name, own in tables._INDEXES.items() if deployment.payments == "sandbox" or name != "sandbox"
    }
    assert indexes_of(deployment) == wanted


def test_every_index_that_the_code_queries_is_there_and_no_other(deployment: Deployment) -> None:
    if deployment.payments == "stripe":
        return
    adapters = (ROOT / "layers/core/python/microintern/adapters").rglob("*.py")
    code = "\n".join(path.read_text(encoding="utf-8") for path in adapters if path.name != "memory.py")
    queried = re.findall(r'"IndexName": "(\w+)"|_newest\(\s*"(\w+)"|_page\(\s*\w+,\s*"(\w+)"', code)
    there = {index for indexes in indexes_of(deployment).values() for index in indexes}
    assert {"".join(groups) for groups in queried} == there


def test_what_people_own_outlives_a_deleted_stack_in_prod_only(deployment: Deployment) -> None:
    expected = "Retain" if deployment.stage == "prod" else "Delete"
    kinds = (
        *("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool"),
        *("AWS::SecretsManager::Secret", "AWS::KMS::Key"),
    )
    for kind in kinds:
        for name, resource in deployment.resources(kind).items():
            assert resource["DeletionPolicy"] == expected, name
            assert resource["UpdateReplacePolicy"] == expected, name


def test_prod_is_protected_from_deletion(deployment: Deployment) -> None:
    protected = deployment.stage == "prod"
    for table in deployment.properties("AWS::DynamoDB::Table").values():
        assert table.get("DeletionProtectionEnabled", False) is protected
    (pool,) = deployment.properties("AWS::Cognito::UserPool").values()
    assert pool.get("DeletionProtection", "INACTIVE") == ("ACTIVE" if protected else "INACTIVE")
    assert {stack.termination_protection for stack in deployment.app.synth().stacks} == {protected}


def test_files_are_private_versioned_and_announced(deployment: Deployment) -> None:
    (bucket,) = of_data(deployment, "AWS::S3::Bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert "CorsConfiguration" not in bucket


def test_files_are_refused_without_tls(deployment: Deployment) -> None:
    if deployment.stage == "local":
        return  # it speaks plain HTTP, on one machine
    (policy,) = of_data(deployment, "AWS::S3::BucketPolicy")
    refused = [s["Condition"] for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in refused
    assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in refused


def test_what_is_left_of_uploads_is_cleared(deployment: Deployment) -> None:
    (bucket,) = of_data(deployment, "AWS::S3::Bucket")
    everywhere, quarantine, previews, agreements = bucket["LifecycleConfiguration"]["Rules"]
    assert everywhere["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert quarantine["Prefix"] == "quarantine/"
    assert quarantine["ExpirationInDays"] == 30
    assert (previews["Prefix"], previews["ExpirationInDays"]) == ("previews/", 270)
    assert (agreements["Prefix"], agreements["ExpirationInDays"]) == ("agreements/", 7 * 365 + 2)


def test_work_can_be_locked_in_prod(deployment: Deployment) -> None:
    (bucket,) = of_data(deployment, "AWS::S3::Bucket")
    assert bucket.get("ObjectLockEnabled", False) is (deployment.stage == "prod")


def test_no_version_of_a_brief_s_file_expires_by_itself(deployment: Deployment) -> None:
    """A second upload with the same form makes the one that was pinned a noncurrent version."""
    (bucket,) = of_data(deployment, "AWS::S3::Bucket")
    for rule in bucket["LifecycleConfiguration"]["Rules"]:
        if rule.get("Prefix") not in ("quarantine/", "previews/", "agreements/"):
            assert "NoncurrentVersionExpiration" not in rule
            assert not {"ExpirationInDays", "ExpirationDate"} & rule.keys()


def test_there_is_a_group_for_every_role(deployment: Deployment) -> None:
    groups = {group["GroupName"] for group in deployment.properties("AWS::Cognito::UserPoolGroup").values()}
    assert groups == set(Role) - {Role.SERVER}


def test_passwords_are_sent_on_a_laptop_only(deployment: Deployment) -> None:
    (client,) = deployment.properties("AWS::Cognito::UserPoolClient").values()
    by_password = {"ALLOW_USER_PASSWORD_AUTH"} if deployment.stage == "local" else set()
    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"} | by_password
    assert client["GenerateSecret"] is False
    assert sorted(client["WriteAttributes"]) == ["custom:role", "email", "name"]
    assert client["AccessTokenValidity"] == client["IdTokenValidity"] == 60


def test_the_role_asked_for_is_checked_and_never_changed(deployment: Deployment) -> None:
    (pool,) = deployment.properties("AWS::Cognito::UserPool").values()
    (role,) = (attribute for attribute in pool["Schema"] if attribute["Name"] == "role")
    assert role["Mutable"] is False
    triggers = pool["LambdaConfig"]
    assert {deployment.service_of(trigger, "Identity") for trigger in triggers.values()} == {"sign_up"}
    assert triggers.keys() == {"PreSignUp", "PostConfirmation"}


def test_sign_up_may_join_groups_of_this_pool_only(deployment: Deployment) -> None:
    statements = deployment.statements_of(deployment.functions()["sign_up"]["Role"])
    (pool_name,) = deployment.resources("AWS::Cognito::UserPool")
    (join,) = (s for s in statements if "cognito-idp" in str(s["Action"]))
    assert join["Action"] == "cognito-idp:AdminAddUserToGroup"
    assert target_of(join["Resource"]) == pool_name.split("/")[1]

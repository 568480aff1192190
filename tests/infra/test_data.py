"""What must not be lost, and who may get in."""

from microintern.domain.states import Role
from tests.infra.deployment import Deployment, target_of


def test_tables_are_on_demand_and_restorable(deployment: Deployment) -> None:
    tables = deployment.resources("AWS::DynamoDB::Table")
    assert len(tables) == 4
    for name, table in tables.items():
        properties = table["Properties"]
        assert properties["BillingMode"] == "PAY_PER_REQUEST", name
        assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name
        assert [key["AttributeName"] for key in properties["KeySchema"]] == ["pk", "sk"], name


def test_only_briefs_have_a_stream(deployment: Deployment) -> None:
    tables = deployment.properties("AWS::DynamoDB::Table").items()
    streams = {name.split("/")[1][:6]: t["StreamSpecification"] for name, t in tables if "StreamSpecification" in t}
    assert streams == {"Briefs": {"StreamViewType": "NEW_AND_OLD_IMAGES"}}


def test_the_indexes_of_briefs(deployment: Deployment) -> None:
    (table,) = (t for t in deployment.properties("AWS::DynamoDB::Table").values() if "StreamSpecification" in t)
    indexes = {
        index["IndexName"]: ([key["AttributeName"] for key in index["KeySchema"]], index["Projection"])
        for index in table["GlobalSecondaryIndexes"]
    }
    listed = ["field", "skills", "pay_minor", "currency", "hours", "brief_id"]
    assert indexes == {
        "listing": (["listing", "due_at"], {"ProjectionType": "INCLUDE", "NonKeyAttributes": listed}),
        "by_employer": (["employer_id", "posted_at"], {"ProjectionType": "KEYS_ONLY"}),
        "by_student": (["student_id", "applied_at"], {"ProjectionType": "KEYS_ONLY"}),
    }


def test_what_people_own_outlives_a_deleted_stack_in_prod_only(deployment: Deployment) -> None:
    expected = "Retain" if deployment.stage == "prod" else "Delete"
    for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool"):
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
    (bucket,) = deployment.properties("AWS::S3::Bucket").values()
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
    (policy,) = deployment.properties("AWS::S3::BucketPolicy").values()
    refused = [s["Condition"] for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in refused
    assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in refused


def test_what_is_left_of_uploads_is_cleared(deployment: Deployment) -> None:
    (bucket,) = deployment.properties("AWS::S3::Bucket").values()
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    kept_days = {"local": 7, "dev": 7, "prod": 90}[deployment.stage]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": kept_days}


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

"""The bucket and the table that are deployed, read as they are."""

from typing import Any

from tests.infra.aws.test_bundle import of_type


def test_the_bucket_is_private_and_speaks_to_eventbridge(template: dict[str, Any]) -> None:
    bucket = of_type(template, "AWS::S3::Bucket")["Bucket"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert bucket["NotificationConfiguration"]["EventBridgeConfiguration"]["EventBridgeEnabled"] is True
    [rule] = bucket["CorsConfiguration"]["CorsRules"]
    assert (rule["AllowedMethods"], rule["AllowedHeaders"]) == (["PUT"], ["content-type"])
    [origin] = rule["AllowedOrigins"]
    assert origin["Fn::Sub"].startswith("https://*.execute-api.${AWS::Region}.")
    [denied] = of_type(template, "AWS::S3::BucketPolicy")["BucketPolicy"]["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_what_is_deleted_or_overwritten_can_be_had_back_for_a_week(template: dict[str, Any]) -> None:
    bucket = of_type(template, "AWS::S3::Bucket")["Bucket"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    deleted = rules["deleted"]
    assert deleted["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
    assert deleted["ExpiredObjectDeleteMarker"] is True, "or what is gone would be listed for ever"
    assert "Prefix" not in deleted, "of every workspace"


def test_the_bucket_tidies_up_and_deletes_nothing_of_anybody(template: dict[str, Any]) -> None:
    rules = of_type(template, "AWS::S3::Bucket")["Bucket"]["LifecycleConfiguration"]["Rules"]
    assert {rule["Status"] for rule in rules} == {"Enabled"}
    assert [rule["Id"] for rule in rules] == [
        "unfinished-uploads",
        "rarely-read",
        "deleted",
        "exported-versions",
    ]
    unfinished, rarely, _, exported = rules
    assert unfinished["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert "Prefix" not in unfinished
    assert rarely["Transitions"] == [{"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 30}]
    assert "Prefix" not in rarely, "of every workspace; what is read is not charged for"
    expiring = [rule for rule in rules if "ExpirationInDays" in rule]
    assert expiring == [exported], "nothing that somebody uploaded is deleted by itself"
    assert (exported["Prefix"], exported["ExpirationInDays"]) == ("default/exports/", 2)


def test_the_table_costs_nothing_idle_and_cannot_be_lost_by_mistake(template: dict[str, Any]) -> None:
    table = of_type(template, "AWS::DynamoDB::Table")["Table"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    for name in ("Bucket", "Table"):
        assert template["Resources"][name]["DeletionPolicy"] == "Retain"
        assert template["Resources"][name]["UpdateReplacePolicy"] == "Retain"

"""The peer of what starts: a handler with one client for DynamoDB, made as most handlers make theirs."""

from typing import Any

import boto3

table = boto3.client("dynamodb")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Put what came."""
    return dict(table.put_item(TableName="any", Item={"pk": {"S": event["id"]}}))

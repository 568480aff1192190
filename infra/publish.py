"""Puts the built console where CloudFront serves it from, with the settings of a stage that is deployed.

usage: python -m infra.publish STAGE, with AWS credentials and a region in the environment
"""

import json
import mimetypes
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from infra.constructs.page_headers import kept

BUILT = Path(__file__).resolve().parents[1] / "web" / "dist"
STACKS = ("gateway", "edge", "identity", "console")
LAST = ("config.json", "index.html")
"""Put after all that they name: whoever comes in between finds the old page whole."""


def main(stage: str) -> None:
    """Read what the stacks say, put the files, and have CloudFront forget the old page."""
    outputs = outputs_of(boto3.client("cloudformation"), stage)
    if "ConsoleBucket" not in outputs:
        raise SystemExit(f"There is no console in the stage {stage!r}: deploy it first.")
    region = boto3.session.Session().region_name
    put_files(boto3.client("s3"), outputs["ConsoleBucket"], BUILT, settings(outputs, stage, str(region)))
    forget_page(boto3.client("cloudfront"), outputs["ConsoleDistribution"])
    print(f"The console is at {outputs['ConsoleUrl']}")


def outputs_of(cloudformation: Any, stage: str) -> dict[str, str]:
    """What the stacks that matter here say about themselves; a stack may be missing."""
    found: dict[str, str] = {}
    for part in STACKS:
        try:
            described = cloudformation.describe_stacks(StackName=f"microintern-{stage}-{part}")
        except cloudformation.exceptions.ClientError as error:
            if "does not exist" not in str(error):
                raise
            continue
        for output in described["Stacks"][0].get("Outputs", []):
            found[output["OutputKey"]] = output["OutputValue"]
    return found


def settings(outputs: Mapping[str, str], stage: str, region: str) -> dict[str, str]:
    """`config.json`: where the page finds the API and Cognito."""
    return {
        "stage": stage,
        "apiUrl": outputs.get("EdgeUrl") or outputs["ApiUrl"],
        "authUrl": outputs["AuthUrl"],
        "accountsUrl": f"https://cognito-idp.{region}.amazonaws.com/",
        "clientId": outputs["UserPoolClientId"],
    }


def put_files(s3: Any, bucket: str, built: Path, config: Mapping[str, str]) -> list[str]:
    """Put every file, the page last; the keys in the order in which they were put."""
    files = [path for path in built.rglob("*") if path.is_file() and ".vite" not in path.parts]
    contents = {path.relative_to(built).as_posix(): path.read_bytes() for path in files}
    contents["config.json"] = json.dumps(config).encode()
    keys = sorted(contents, key=lambda key: (key in LAST, key))
    for key in keys:
        media_type = mimetypes.guess_type(key)[0] or "application/octet-stream"
        s3.put_object(Bucket=bucket, Key=key, Body=contents[key], ContentType=media_type, CacheControl=kept(key))
    return keys


def forget_page(cloudfront: Any, distribution: str) -> None:
    """Files with a hash in their name never change; the others are asked for anew."""
    paths = ["/", *(f"/{name}" for name in LAST)]
    batch = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": str(time.time_ns())}
    cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "dev")

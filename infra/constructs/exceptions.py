"""The rules of cdk-nag that a resource doesn't follow, each with the reason why."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def accept(resource: IConstruct, reason: str, *rules: str) -> None:
    """Record that one resource departs from rules for a reason. For resources, never for a stack."""
    acknowledgments = [Acknowledgment(id=rule, reason=reason) for rule in rules]
    Validations.of(resource).acknowledge(*acknowledgments)

"""What a stage's synthesized templates say, in the shape that the tests ask about."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_cdk import App

from infra.app import build
from infra.bundling import ROOT

STRIPE = "dev with Stripe"
VARIANTS = {
    "local": {"stage": "local"},
    "dev": {"stage": "dev"},
    "prod": {"stage": "prod", "email_from": "Microintern <notices@example.com>"},
    STRIPE: {"stage": "dev", "payments": "stripe"},
}
"""What the command line is told."""
CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"]

Json = dict[str, Any]


@dataclass(frozen=True)
class Deployment:
    """One stage with one payment provider: its construct tree, and its templates by stack."""

    stage: str
    payments: str
    app: App
    templates: dict[str, Json]

    @property
    def mails(self) -> bool:
        """Whether it sends e-mails."""
        return "Mail" in self.templates

    def resources(self, kind: str) -> dict[str, Json]:
        """Every resource of a type, by `Stack/LogicalId`."""
        return {
            f"{stack}/{name}": resource
            for stack, template in self.templates.items()
            for name, resource in template["Resources"].items()
            if resource["Type"] == kind
        }

    def properties(self, kind: str) -> dict[str, Json]:
        """The same, with nothing but their properties."""
        return {name: resource["Properties"] for name, resource in self.resources(kind).items()}

    def functions(self) -> dict[str, Json]:
        """Every function's properties, by the folder that it is deployed from."""
        found = self.properties("AWS::Lambda::Function").values()
        return {function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: function for function in found}

    def service_of(self, value: Any, stack: str) -> str:
        """The folder of the function that a reference names."""
        target = f"{stack}/{target_of(value)}"
        variables = self.properties("AWS::Lambda::Function")[target]["Environment"]["Variables"]
        return str(variables["POWERTOOLS_SERVICE_NAME"])

    def statements(self) -> Iterator[tuple[str, Json]]:
        """Every statement of every role's policies, with the name of the policy."""
        for name, policy in self.properties("AWS::IAM::Policy").items():
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement

    def statements_of(self, role: Any) -> list[Json]:
        """The statements that a role, named by a reference in its own stack, is given."""
        return [
            statement
            for policy in self.properties("AWS::IAM::Policy").values()
            if {"Ref": target_of(role)} in policy["Roles"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]


def target_of(value: Any) -> str:
    """The logical id in a `Ref` or `Fn::GetAtt`."""
    return str(value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0])


def listed(value: Any) -> list[Any]:
    """IAM and CloudFormation write a list of one as the one."""
    return value if isinstance(value, list) else [value]


@cache
def synthesized(variant: str) -> Deployment:
    """Synthesize a stage, or a variant of one, once."""
    asked = VARIANTS[variant]
    app = build({**CONTEXT, **asked})
    templates = {stack.id: stack.template for stack in app.synth().stacks}
    return Deployment(asked["stage"], asked.get("payments", "sandbox"), app, templates)

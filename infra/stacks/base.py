"""What all stacks have in common."""

from aws_cdk import CliCredentialsStackSynthesizer, DefaultStackSynthesizer, Stack
from constructs import Construct

from infra.config import Stage


class StageStack(Stack):
    """A part of one stage, named after both; it is protected from deletion where the stage keeps its data."""

    def __init__(self, scope: Construct, part: str, stage: Stage) -> None:
        """Create an empty stack."""
        super().__init__(
            scope,
            part,
            stack_name=f"microintern-{stage.name}-{part.lower()}",
            description=f"microintern, stage {stage.name}: {part.lower()}",
            termination_protection=stage.keeps_data,
            synthesizer=CliCredentialsStackSynthesizer() if stage.local_credentials else DefaultStackSynthesizer(),
        )

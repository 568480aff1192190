"""Deploy, carry the brief, print the figures as the last line, and leave nothing running."""

import json

from infra.local.demo.figures import check
from infra.local.demo.stage import Stage
from infra.local.demo.story import carry
from infra.local.receiver import Receiver
from infra.local.stack import LocalStack
from infra.local.steps import exit_with_reason


def main() -> None:
    """A local AWS that is deployed for it and gone afterwards."""
    with LocalStack() as stack:
        stack.deploy()
        print("\nA brief, from posting to payout")
        with Receiver() as receiver:
            figures = carry(Stage(stack), receiver)
    check(figures)
    print(json.dumps(figures))


if __name__ == "__main__":
    exit_with_reason(main)

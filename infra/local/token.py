"""Prints an access token of a sample account of the running stack.

usage: python -m infra.local.token employer|student|educator|operator
"""

import sys

from infra.local import running
from infra.local.accounts import ROLES, sign_in
from infra.local.run import address
from infra.local.steps import StepFailed, exit_with_reason


def main() -> None:
    """Sign in and print the token, and nothing else."""
    role = sys.argv[1] if len(sys.argv) > 1 else ""
    if role not in ROLES:
        raise StepFailed(f"usage: python -m infra.local.token {'|'.join(ROLES)}")
    print(sign_in(running.find(), address(role)).access_token)


if __name__ == "__main__":
    exit_with_reason(main)

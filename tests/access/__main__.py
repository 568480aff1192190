"""`make matrix`: every route by every kind of caller on a stack of its own, as a table.

Progress goes to standard error; the last line of standard output is JSON. Exits with 1 if anybody got a wrong answer.
"""

import json
import sys
from contextlib import redirect_stdout

from infra.local.stack import LocalStack
from infra.local.steps import exit_with_reason
from tests.access.matrix import Matrix, summary, table
from tests.access.scene import Scene


def main() -> int:
    """Deploy, try everything, print."""
    with redirect_stdout(sys.stderr), LocalStack() as stack:
        stack.deploy()
        cells = Matrix(Scene(stack), say=print).cells()
    print(table(cells))
    for cell in cells:
        if cell.wrong:
            print(f"wrong: {cell.operation} by {cell.caller}: {cell.got} instead of {cell.wanted}")
    counts = summary(cells)
    print(json.dumps(counts))
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    exit_with_reason(main)

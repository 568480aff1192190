"""`python -m microintern_client`."""

import sys

from microintern_client.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.support.clients`."""

import sys

from tests.support.clients import folder, install

if __name__ == "__main__":
    install()
    sys.stdout.write(f"the clients are in {folder()}\n")

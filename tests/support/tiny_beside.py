"""A worker process of tiny runs, beside the tests: ``python -m tests.support.tiny_beside FOLDER``."""

import sys
from functools import partial
from pathlib import Path

from functions.settings import Settings
from infra.local.beside import live
from tests.support.tiny_runs import open_tiny

if __name__ == "__main__":
    live(partial(open_tiny, Path(sys.argv[1]), Settings()))

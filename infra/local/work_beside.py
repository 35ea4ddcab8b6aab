"""The program of a process beside another one: ``python -m infra.local.work_beside FOLDER SETTINGS``."""

import sys
from functools import partial
from pathlib import Path

import msgspec

from functions.settings import Settings
from infra.local.beside import live
from infra.local.stack import open_worker


def main(data: str, settings: str) -> None:
    """Do tasks over the folder ``data``, under ``settings`` as JSON, until nobody asks any more."""
    live(partial(open_worker, Path(data), msgspec.json.decode(settings, type=Settings | None)))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The rivals, installed in an environment of their own: ``python -m tests.benchmarks.auto_systems.rivals`` makes it.

It is the folder that LEPTON_RIVALS names, or else one below the folder for temporary files, and has 1.1 GB. AutoGluon
comes with its learners of trees and without networks, which would be another 5 GB.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

FOLDER = "LEPTON_RIVALS"
PACKAGES = ("autogluon.tabular[lightgbm,catboost,xgboost]==1.6.*", "flaml==2.*", "lightgbm==4.*")


class NotInstalled(Exception):
    """There is no environment of the rivals."""


def folder() -> Path:
    """Where the rivals are installed."""
    return Path(os.environ.get(FOLDER) or Path(tempfile.gettempdir()) / "lepton-rivals")


def interpreter() -> Path:
    """Their Python; `NotInstalled` if it is missing."""
    python = folder() / "bin" / "python"
    if not python.exists():
        raise NotInstalled(f"{python} is missing; make it: python -m tests.benchmarks.auto_systems.rivals")
    return python


def install() -> None:
    """Make the environment, or bring it to what `PACKAGES` says."""
    venv.EnvBuilder(with_pip=True, symlinks=True).create(folder())
    pip = [str(interpreter()), "-m", "pip", "install", "--quiet", "--only-binary=:all:"]
    subprocess.run([*pip, *PACKAGES], check=True)


if __name__ == "__main__":
    install()
    sys.stdout.write(f"the rivals are in {folder()}\n")

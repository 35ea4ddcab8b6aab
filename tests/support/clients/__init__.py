"""The clients of other systems, installed in an environment of their own: ``python -m tests.support.clients`` makes it.

It is the folder that LEPTON_CLIENTS names, or else one below the folder for temporary files. The programs in this
folder run there, and import nothing of Lepton.
"""

import json
import os
import subprocess
import tempfile
import venv
from pathlib import Path
from typing import Any

from tests.support.sampling import full
from tests.support.waiting import BACKSTOP

FOLDER = "LEPTON_CLIENTS"
PACKAGES = ("tritonclient[http]==2.*", "mlflow-skinny==3.*", "pandas", "scipy")


def folder() -> Path:
    """Where the clients are installed."""
    return Path(os.environ.get(FOLDER) or Path(tempfile.gettempdir()) / "lepton-clients")


def interpreter() -> Path | None:
    """Their Python; None if it is missing, unless everything is tested: then it is made."""
    python = folder() / "bin" / "python"
    if not python.exists() and full():
        install()
    return python if python.exists() else None


def install() -> None:
    """Make the environment, or bring it to what `PACKAGES` says."""
    venv.EnvBuilder(with_pip=True, symlinks=True).create(folder())
    pip = [str(folder() / "bin" / "python"), "-m", "pip", "install", "--quiet", "--only-binary=:all:"]
    subprocess.run([*pip, *PACKAGES], check=True)


def told(program: str, job: Any) -> Any:
    """What the ``program`` of this folder prints for a ``job``; both are JSON."""
    python = interpreter()
    assert python is not None
    path = Path(__file__).with_name(f"{program}.py")
    done = subprocess.run(
        [str(python), str(path)], input=json.dumps(job), capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"]}, timeout=BACKSTOP,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)

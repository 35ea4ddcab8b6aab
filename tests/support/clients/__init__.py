"""The clients of other systems, in an environment of their own: ``make clients`` makes it, and so does ``--full``.

It is the folder that LEPTON_CLIENTS names, or else one below the folder for temporary files. The programs in this
folder run there, and import nothing of Lepton.
"""

import json
import os
import subprocess
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import pytest

from infra.local.process_lock import ProcessLock
from tests.support.sampling import full
from tests.support.waiting import BACKSTOP

FOLDER = "LEPTON_CLIENTS"
PACKAGES = ("tritonclient[http]==2.*", "mlflow-skinny==3.*", "pandas", "scipy")


def folder() -> Path:
    """Where the clients are installed."""
    return Path(os.environ.get(FOLDER) or Path(tempfile.gettempdir()) / "lepton-clients")


def interpreter() -> Path:
    """Their Python; it is made if everything is tested, and else a test without it is skipped."""
    if not _is_whole() and full():
        install()
    if not _is_whole():
        pytest.skip(f"make it with make clients, or name it in {FOLDER}")
    return folder() / "bin" / "python"


def install() -> None:
    """Make the environment that `PACKAGES` says, unless it is there; of several processes one makes it."""
    folder().parent.mkdir(parents=True, exist_ok=True)
    lock = ProcessLock(folder().with_name(f"{folder().name}.lock"))
    while not lock.is_ours():
        time.sleep(0.2)
    try:
        if _is_whole():
            return
        venv.EnvBuilder(with_pip=True, symlinks=True).create(folder())
        pip = [str(folder() / "bin" / "python"), "-m", "pip", "install", "--quiet", "--only-binary=:all:"]
        subprocess.run([*pip, *PACKAGES], check=True)
        _mark().write_text("\n".join(PACKAGES))
    finally:
        lock.give_up()


def told(program: str, job: Any) -> Any:
    """What the ``program`` of this folder prints for a ``job``; both are JSON."""
    path = Path(__file__).with_name(f"{program}.py")
    done = subprocess.run(
        [str(interpreter()), str(path)], input=json.dumps(job), capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"]}, timeout=BACKSTOP,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _mark() -> Path:
    """What is written last: an installation that broke off has none."""
    return folder() / "lepton-clients.txt"


def _is_whole() -> bool:
    return _mark().is_file() and _mark().read_text() == "\n".join(PACKAGES)

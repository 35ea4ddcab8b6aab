"""What takes seconds to make, made once for all processes of a run of the tests."""

import fcntl
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest


def folder_of_the_run(factory: pytest.TempPathFactory) -> Path:
    """The folder for temporary files that all processes of this run share, and no other run."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def made_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """``folder``, as ``make`` filled it for whoever asked first; take copies of it, and change nothing in it.

    Others wait meanwhile. A ``make`` that fails, or is killed, leaves its folder to nobody: the next one begins anew.
    """
    with folder.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back when the file is closed, or when the process ends
        if not folder.exists():
            making = Path(tempfile.mkdtemp(prefix=folder.name, dir=folder.parent))
            make(making)
            making.rename(folder)
    return folder

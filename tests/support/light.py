"""The wheel `lepton-ai-serve`, built and installed into an environment of its own, as a user would."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """That of this process, without what leads Python to the sources here."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LEPTON_"))}


def build(target: Path, project: Path = ROOT / "infra/light") -> Path:
    """The wheel of ``project``, in the folder ``target``."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (built,) = target.glob("*.whl")
    return built


def install(wheel: Path, folder: Path) -> str:
    """Make an environment in ``folder`` with ``wheel`` and what it asks for; why pip could not, or "".

    Raises ``CalledProcessError`` if pip failed for another reason than an index that cannot be reached.
    """
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, env=environment()
    )
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(folder / "bin/python"),
        "install",
        "--quiet",
        str(wheel),
    ]
    done = subprocess.run(pip, capture_output=True, text=True, check=False, env=environment())
    if done.returncode and "No matching distribution found" in done.stderr:
        return done.stderr.strip().splitlines()[-1]
    done.check_returncode()
    return ""

"""What was measured: the line that stands above the figures of a page."""

import platform
import subprocess
from importlib.metadata import version


def measured_at() -> str:
    """The commit, and the versions of what is measured."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    others = ", ".join(f"{name} {version(name)}" for name in ("scikit-learn", "pandas", "numpy"))
    return f"Measured at {commit} with Python {platform.python_version()}, {others}."

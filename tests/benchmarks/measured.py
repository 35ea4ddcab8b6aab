"""What a page of figures was measured with."""

import platform
import subprocess
from importlib.metadata import version


def measured_at(*packages: str) -> str:
    """The commit, Python and the versions of ``packages``, in a sentence.

    >>> measured_at("numpy").startswith("Measured at "), " with Python 3." in measured_at("numpy")
    (True, True)
    """
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    others = "".join(f", {name} {version(name)}" for name in packages)
    return f"Measured at {commit} with Python {platform.python_version()}{others}."

"""What is enough to serve one model: the files of Lepton, and what they import of others.

The folder of an image and the wheel `lepton-ai-serve` are made by it. It imports nothing of Lepton, for a build runs it
before anything is installed.
"""

from fnmatch import fnmatch

NEEDED = ("click", "h11", "httptools", "msgspec", "numpy", "uvicorn", "uvloop")
"""What a server of one model imports of others, which import nothing else; uvloop only where it is to be had."""

UNSERVED = ("__pycache__", "*.c", "*.h", "*.bin", "aws", "console")
"""Names of files and folders that it has no use for; what is compiled is for one kind of machine."""


def serves(place: str) -> bool:
    """Whether the file at ``place``, a path below a package, with strokes, is one that a server of one model may use.

    >>> serves("functions/predict.py"), serves("functions/console/static/ui.js"), serves("infra/aws/bundle.py")
    (True, False, False)
    """
    return not any(fnmatch(part, pattern) for part in place.split("/") for pattern in UNSERVED)

"""The files of the console, read once, under an address that changes with any of them."""

import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import quote

STATIC = Path(__file__).with_name("static")

MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/plain; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""The media types of the files, by their endings; other files are not served."""


@cache
def files() -> dict[str, str]:
    """The text of each file by its name."""
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(STATIC.iterdir())
        if path.suffix in MEDIA
    }


@cache
def build() -> str:
    """What names this state of all files: the beginning of a SHA-256.

    A browser may keep a file for ever, for it never changes under its address.
    """
    whole = hashlib.sha256()
    for name, text in files().items():
        whole.update(f"{name}\0{len(text)}\0{text}".encode())
    return whole.hexdigest()[:16]


def page(at: str = "/") -> str:
    """The page, with the addresses of its scripts and of its style, for a browser that asked for the path ``at``.

    >>> page("/api/") == page("/"), "api/console/" in page("/api")
    (True, True)
    """
    # They are relative, and behind no slash a browser leaves the last part of the path out.
    below = at.rpartition("/")[2]
    return _page().replace(
        "console/BUILD", f"{quote(below)}/console/{build()}" if below else f"console/{build()}"
    )


@cache
def _page() -> str:
    return (STATIC / "index.html").read_text(encoding="utf-8")
